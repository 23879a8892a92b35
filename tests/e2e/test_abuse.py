"""Attacks by strangers, spammers and password guessers, each with real clients on real servers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import tostring

import pytest
from tests.addresses import own_address
from tests.e2e.server.dns import SRV, A, Dns
from tests.e2e.server.faults import wait_until
from tests.e2e.server.machine import Server
from tests.e2e.server.proving import proven, red, restart
from tests.e2e.server.xmpp import Client, RefusedLogInError

pytestmark = pytest.mark.e2e

PUBSUB = "http://jabber.org/protocol/pubsub"
RULES = """
::deliver
KIND: message
INSPECT: body#/=buy this
BOUNCE=policy-violation (No advertising, please)
"""
LIST = """
VirtualHost "{domain}"
    modules_enabled = {{ "pubsub" }}
    autocreate_on_publish = true
"""


class Street:
    """Two servers that find each other; the second one has a spammer, and keeps a list of spammers."""

    def __init__(self, dns: Dns, home: Server, other: Server) -> None:
        """Set both up."""
        self.dns, self.home, self.other = dns, home, other
        for server in (home, other):
            name = server.domain
            dns.publish({(name, A): (server.address,), (f"_xmpp-server._tcp.{name}", SRV): (f"5269 {name}",)})
        other.apply(self._base(home, {"admins": ["ann"]}))
        (other.settings / "prosody" / "conf.d" / "list.cfg.lua").write_text(LIST.format(domain=other.domain))
        other.restart()
        other.add_user("ann")
        other.add_user("eve")
        self.spam = f"eve@{other.domain}"
        with other.log_in() as keeper:
            for node in ("spam_source_domains", "spam_source_jids_sha256"):
                self.publish(keeper, node, "first")
        self.apply({})
        home.add_user("ann")
        home.add_user("boss")

    def _base(self, peer: Server, changes: dict[str, Any]) -> dict[str, Any]:
        return {
            "features.preset": "minimal",
            "network.resolvers": [self.dns.address],
            "features.federation.insecure_servers": [peer.domain],
            **changes,
        }

    def apply(self, changes: dict[str, Any], *words: str) -> None:
        """Give the home other answers."""
        base = {
            "admins": ["boss"],
            "features.spam_lists.enabled": True,
            "features.spam_lists.lists": [self.other.domain],
            "features.spam_reports.enabled": True,
            "features.login_guard.attempts": 4,
        }
        self.home.apply(self._base(self.other, {**base, **changes}), *words)

    def publish(self, keeper: Client, node: str, item: str) -> None:
        """Put an entry on the list."""
        why = "<report xmlns='urn:xmpp:reporting:1' reason='urn:xmpp:reporting:spam'/>"
        payload = f"<publish node='{node}'><item id='{item}'>{why}</item></publish>"
        answer = keeper.ask(f"<pubsub xmlns='{PUBSUB}'>{payload}</pubsub>", "set", self.other.domain)
        assert answer.get("type") == "result", tostring(answer)

    def retract(self, keeper: Client, node: str, item: str) -> None:
        """Take an entry off the list."""
        payload = f"<retract node='{node}' notify='true'><item id='{item}'/></retract>"
        answer = keeper.ask(f"<pubsub xmlns='{PUBSUB}'>{payload}</pubsub>", "set", self.other.domain)
        assert answer.get("type") == "result", tostring(answer)


@pytest.fixture(scope="module")
def street(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """Give the two servers."""
    assert image
    folder = tmp_path_factory.mktemp("street")
    servers = []
    for name in ("home", "other"):
        (folder / name).mkdir()
        servers.append(Server(folder / name, f"{name}-{uuid.uuid4().hex[:6]}.example"))
    try:
        with Dns(own_address()) as dns:
            yield Street(dns, *servers)
    finally:
        for server in servers:
            server.remove()


def outcome(sender: Client, receiver: Client, body: str = "") -> str:
    """Send a message to a bare address; return "" where it arrives, else the condition of the error."""
    words, mark, condition = body or uuid.uuid4().hex, uuid.uuid4().hex, ""
    to = receiver.jid.partition("/")[0]
    sender.say(to, words)
    # whatever becomes of the message, the server's answer to this comes after it
    sender.send(f"<iq type='get' id='{mark}' to='{to}'><ping xmlns='urn:xmpp:ping'/></iq>")
    while (stanza := sender.read()).get("id") != mark:
        error = stanza.find("{jabber:client}error")
        if stanza.tag.endswith("}message") and error is not None:
            condition = str(error[0].tag.rpartition("}")[2])
    if not condition:
        assert receiver.hear() == ("message", words)
    return condition


def test_listed_spammers_are_refused_as_soon_as_the_list_says_so(street: Street) -> None:
    by_address = ("spam_source_jids_sha256", sha256(street.spam.encode()).hexdigest())
    by_server = ("spam_source_domains", street.other.domain)
    with street.home.log_in() as ann, street.other.log_in("eve") as eve, street.other.log_in() as keeper:
        assert outcome(eve, ann) == ""
        for node, item in (by_address, by_server):
            street.publish(keeper, node, item)
            wait_until(lambda: outcome(eve, ann) == "policy-violation", "the list counts")
            eve.send(f"<presence to='ann@{street.home.domain}' type='subscribe'/>")
            assert eve.wait(lambda found: found.get("type") == "error").tag.endswith("}presence")
            street.retract(keeper, node, item)
            wait_until(lambda: outcome(eve, ann) == "", "the list counts no more")


def test_a_list_holds_after_a_restart_though_nobody_can_be_asked(street: Street) -> None:
    item = sha256(street.spam.encode()).hexdigest()
    with street.other.log_in() as keeper:
        street.publish(keeper, "spam_source_jids_sha256", item)
        with street.home.log_in() as ann, street.other.log_in("eve") as eve:
            wait_until(lambda: outcome(eve, ann) == "policy-violation", "the list counts")
            kept = "list.cfg.lua"
            file = street.other.settings / "prosody" / "conf.d" / kept
            file.rename(file.with_suffix(".away"))
        street.other.restart()
    try:
        street.home.restart()
        with street.home.log_in() as ann, street.other.log_in("eve") as eve:
            assert outcome(eve, ann) == "policy-violation"
    finally:
        file.with_suffix(".away").rename(file)
        street.other.restart()
        with street.other.log_in() as keeper:
            street.retract(keeper, "spam_source_jids_sha256", item)
        street.home.restart()
        with street.home.log_in() as ann, street.other.log_in("eve") as eve:
            wait_until(lambda: outcome(eve, ann) == "", "the list is asked again")


def test_a_report_reaches_the_admin_and_the_admin_of_the_spammer(street: Street) -> None:
    report = (
        "<block xmlns='urn:xmpp:blocking'><item jid='{jid}'>"
        "<report xmlns='urn:xmpp:reporting:1' reason='urn:xmpp:reporting:spam'><text>sells pills</text></report>"
        "</item></block>"
    )
    with street.home.log_in() as ann, street.home.log_in("boss") as boss, street.other.log_in() as keeper:
        answer = ann.ask(report.format(jid=street.spam), "set")
        assert answer.get("type") == "result"
        text = boss.hear()[1]
        assert f"ann@{street.home.domain} reports spam: {street.spam}" in text
        assert "sells pills" in text
        forwarded = keeper.hear()[1]
        assert "SPAM/ABUSE REPORT" in forwarded
        assert street.spam in forwarded
        ann.ask("<unblock xmlns='urn:xmpp:blocking'/>", "set")


def test_who_guesses_passwords_has_to_wait_and_nobody_else(street: Street) -> None:
    guesser, neighbor = "127.66.1.1", "127.66.1.2"
    with street.home.log_in(source=guesser) as before:
        for _ in range(4):
            with pytest.raises(RefusedLogInError, match="not-authorized"):
                street.home.log_in(password="a wrong pass phrase", source=guesser)
        # the right one is not looked at, else guessing would go on
        with pytest.raises(RefusedLogInError, match="temporary-auth-failure"):
            street.home.log_in(source=guesser)
        before.ping()
        with street.home.log_in(source=neighbor) as other:
            other.ping()
    for _ in range(6):
        with pytest.raises(RefusedLogInError, match="not-authorized"):
            street.home.log_in(password="a wrong pass phrase")
    with street.home.log_in() as here:
        here.ping()


def test_strangers_are_kept_out_and_contacts_are_not(street: Street, tmp_path: Path) -> None:
    rules = tmp_path / "no-advertising.pfw"
    rules.write_text(RULES)
    street.apply({"features.strangers.enabled": True, "features.firewall_scripts.files": [str(rules)]})
    assert red(proven(street.home)) == set()
    with street.home.log_in() as ann, street.other.log_in("eve") as eve, street.home.log_in("boss") as boss:
        assert outcome(eve, ann) == "policy-violation"
        # people of one server are no strangers
        assert outcome(boss, ann) == ""
        # what a stranger may send is this
        eve.ask("<query xmlns='jabber:iq:roster'/>")
        eve.send(f"<presence to='ann@{street.home.domain}' type='subscribe'/>")
        ann.send(f"<presence to='{street.spam}' type='subscribed'/>")
        eve.wait(lambda found: found.get("type") == "subscribed")
        assert outcome(eve, ann) == ""
        assert outcome(eve, ann, "Please buy this watch") == "policy-violation"
        assert outcome(boss, ann, "Please buy this watch") == "policy-violation"


def test_rules_with_a_mistake_are_told(street: Street) -> None:
    file = street.home.settings / "prosody" / "rules-1.pfw"
    file.write_text("::deliver\nKIND: massage\nDANCE=now\n")
    restart(street.home)
    assert red(proven(street.home)) == {"own_rules"}


def test_a_blocked_server_neither_hears_nor_is_heard(street: Street) -> None:
    street.apply({"features.block_list.blocked": [street.other.domain]}, "--overwrite-edits")
    with street.home.log_in() as ann, street.other.log_in("eve") as eve:
        eve.say(f"ann@{street.home.domain}", "hello")
        assert eve.hear()[0] == "error"
        ann.say(street.spam, "hello")
        assert ann.hear() == ("error", "not-allowed")
    street.apply({"features.block_list.blocked": [street.spam]})
    with street.home.log_in() as ann, street.other.log_in("eve") as eve, street.other.log_in() as keeper:
        # the next thing that ann hears is not this
        eve.say(f"ann@{street.home.domain}", "buy")
        assert outcome(keeper, ann) == ""
        ann.say(street.spam, "hello")
        assert ann.hear() == ("error", "not-allowed")
