"""History in SQLite: quick to write, there after a crash, and apps are told what is gone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from xml.etree.ElementTree import Element

import pytest
from tests.e2e.server.faults import wait_until
from tests.e2e.server.machine import Server
from tests.e2e.server.xmpp import Client

pytestmark = pytest.mark.e2e

ARCHIVE = "urn:xmpp:mam:2"
WORDS = "written down before it was passed on"


def ask_for_history(app: Client, after: str = "") -> tuple[Element, list[str]]:
    """Ask for all messages, or those after one; return the answer and the texts that came before it."""
    page = f"<set xmlns='http://jabber.org/protocol/rsm'><after>{after}</after></set>" if after else ""
    app.send(f"<iq type='set' id='history'><query xmlns='{ARCHIVE}'>{page}</query></iq>")
    texts = []
    while (stanza := app.read()).get("id") != "history":
        texts += [item.text or "" for item in stanza.iter("{jabber:client}body")]
    return stanza, texts


def test_each_change_is_one_write_and_not_four_that_wait_for_the_disk(running: Server) -> None:
    file = running.state / "data/prosody/prosody.sqlite"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_what_was_said_is_there_after_a_crash(running: Server) -> None:
    with running.log_in() as ann:
        ann.say(f"ann@{running.domain}", WORDS)
        ann.hear()
        with running.engine() as engine:
            container = engine.containers.get(f"{running.project}-prosody")
            container.kill()
            wait_until(lambda: engine.containers.get(container.name or "").status == "exited", "it is gone")
            container.start()
    wait_until(running.serves, "it is back")
    with running.log_in() as ann:
        assert WORDS in ask_for_history(ann)[1]


def test_an_app_hears_that_a_message_is_gone(running: Server) -> None:
    with running.log_in() as ann:
        answer, _ = ask_for_history(ann, after="gone-long-ago")
    assert answer.find(".//{urn:ietf:params:xml:ns:xmpp-stanzas}item-not-found") is not None


def keep(app: Client, default: str) -> None:
    """Say what is to be kept: ``always`` or ``never``."""
    assert app.ask(f"<prefs xmlns='{ARCHIVE}' default='{default}'/>", "set").get("type") == "result"


def test_what_people_want_to_have_kept_holds_at_once(running: Server) -> None:
    with running.log_in() as ann:
        for default, words in (("never", "between us"), ("always", "for ever"), ("never", "between us again")):
            keep(ann, default)
            ann.say(f"ann@{running.domain}", words)
            ann.hear()
        keep(ann, "always")
        texts = ask_for_history(ann)[1]
    assert "for ever" in texts
    assert not {"between us", "between us again"} & set(texts)


def test_the_database_is_not_asked_at_each_message_what_is_to_be_kept(running: Server) -> None:
    running.add_user("bob")
    with running.log_in("bob") as bob:
        bob.say(f"bob@{running.domain}", WORDS)
        bob.hear()
        known = f'> tostring(prosody.hosts["{running.domain}"].sessions.bob.archive_prefs[false])'
        assert "true" in running.cli("prosodyctl", "shell", known).stdout
