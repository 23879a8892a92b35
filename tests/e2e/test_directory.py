"""People of a real directory (slapd, with TLS) log in, a group's members are admins, a wrong answer stops nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.addresses import own_address
from tests.e2e.server.directory import ADMINS, BASE, READER, READER_PASSWORD, Directory, certificate
from tests.e2e.server.machine import PASSWORD, PORTS, Server, told
from tests.e2e.server.proving import proven, red
from tests.e2e.server.xmpp import RefusedLogInError, log_in

pytestmark = pytest.mark.e2e

PROOF_PASSWORD = "the proof's own pass phrase"
PEOPLE = {"ann": PASSWORD, "boss": PASSWORD, "xw-proof-1": PROOF_PASSWORD, "xw-proof-2": PROOF_PASSWORD}
ADMIN_COMMANDS = "http://jabber.org/protocol/admin#get-online-users-list"


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Directory]:
    """Run a directory."""
    folder = tmp_path_factory.mktemp("directory")
    (folder / "reader").write_text(f"{READER_PASSWORD}\n")
    (folder / "wrong").write_text("guessed\n")
    (folder / "proof").write_text(f"{PROOF_PASSWORD}\n")
    with Directory(folder, own_address(), PEOPLE, ("boss",)) as running:
        yield running


@pytest.fixture(scope="module")
def office(image: str, directory: Directory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server whose people are in the directory."""
    assert image
    with Server(tmp_path_factory.mktemp("office")) as server:
        server.apply(answers(directory))
        yield server


def answers(directory: Directory, **more: Any) -> dict[str, Any]:  # noqa: ANN401 any answer
    ldap = {
        "enabled": True,
        "server": directory.address,
        "base": BASE,
        "trusted_roots": str(directory.roots),
        "bind_name": READER,
        "password_file": str(directory.folder / "reader"),
        "admin_group": ADMINS,
        "proof_password_file": str(directory.folder / "proof"),
        **more,
    }
    return {"features.invitations.enabled": False, **{f"features.ldap.{key}": value for key, value in ldap.items()}}


def is_admin(server: Server, name: str) -> bool:
    """Say whether somebody may ask for who is online (XEP-0133)."""
    with server.log_in(name) as person:
        query = f"<command xmlns='http://jabber.org/protocol/commands' node='{ADMIN_COMMANDS}' action='execute'/>"
        person.send(f"<iq type='set' id='who' to='{server.domain}'>{query}</iq>")
        return bool(person.wait(lambda found: found.get("id") == "who").get("type") == "result")


def test_people_of_the_directory_log_in_and_nobody_else(office: Server) -> None:
    with office.log_in() as ann:
        ann.ping()
    for name, password in (("ann", "guessed"), ("nobody", PASSWORD), ("*", PASSWORD), ("ann)(uid=*", PASSWORD)):
        with pytest.raises(RefusedLogInError):
            office.log_in(name, password)
    assert {one.partition("@")[0] for one in office.json("user", "list")["users"]} == set(PEOPLE)


def test_members_of_the_group_are_admins(office: Server) -> None:
    assert (is_admin(office, "boss"), is_admin(office, "ann")) == (True, False)


def test_the_proof_logs_in_as_the_two_made_for_it_and_leaves_nothing(office: Server) -> None:
    for _ in range(2):
        found = proven(office)
        assert red(found) == set()
        assert "ldap" in found
    assert not [path for path in (office.state / "data").rglob("*xw%2dproof*") if path.is_file()]


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("port", 390, "cannot be used"),
        ("trusted_roots", None, "cannot be used"),
        ("password_file", "wrong", "does not let this server look people up"),
        ("base", "dc=other,dc=example", "has nobody below dc=other,dc=example"),
    ],
)
def test_a_wrong_answer_is_told_before_anybody_is_cut_off(
    office: Server, directory: Directory, key: str, value: object, words: str
) -> None:
    changed = answers(directory, **{key: str(directory.folder / "wrong") if value == "wrong" else value})
    started = office.started_at()
    done = office.try_apply({name: value for name, value in changed.items() if value is not None})
    assert (done.returncode, words in done.stderr) == (6, True), told(done)
    assert office.started_at() == started
    with office.log_in() as ann:
        ann.ping()
    assert READER_PASSWORD not in told(done)


def test_while_the_directory_is_away_others_talk_on_and_later_all_is_well(office: Server, directory: Directory) -> None:
    with office.log_in() as ann:
        directory.stop()
        with pytest.raises(RefusedLogInError):
            office.log_in("boss")
        ann.ping()
        directory.start()
    office.restart()
    with office.log_in("boss") as boss:
        boss.ping()


def test_ways_to_join_are_refused_by_name(office: Server, directory: Directory) -> None:
    done = office.try_apply({**answers(directory), "features.invitations.enabled": True})
    assert done.returncode == 4
    assert "features.invitations" in done.stderr
    assert "features.ldap" in done.stderr
    assert READER_PASSWORD.encode() not in Path(office.file).read_bytes()


def test_encryption_from_the_start_works_as_well(office: Server, directory: Directory) -> None:
    office.apply(answers(directory, encryption="tls", port=636))
    with office.log_in() as ann:
        ann.ping()
    with pytest.raises(RefusedLogInError):
        office.log_in("ann", "guessed")
    assert is_admin(office, "boss")


@pytest.mark.parametrize(
    ("encryption", "port", "wrong"), [("starttls", 389, "authority"), ("tls", 636, "authority"), ("tls", 636, "name")]
)
def test_a_directory_that_cannot_prove_who_it_is_gets_no_password(
    office: Server, directory: Directory, encryption: str, port: int, wrong: str
) -> None:
    (directory.folder / "other").mkdir(exist_ok=True)
    certificate(directory.folder / "other", directory.address)
    liar = {
        "authority": {"trusted_roots": str(directory.folder / "other" / "roots.pem")},
        "name": {"server": directory.uncertified_address},
    }
    started = office.started_at()
    done = office.try_apply(answers(directory, encryption=encryption, port=port, **liar[wrong]))
    assert (done.returncode, "cannot be used" in done.stderr) == (6, True), told(done)
    assert office.started_at() == started


def test_somebody_in_the_directorys_place_gets_no_password(office: Server, directory: Directory) -> None:
    office.apply(answers(directory))
    files = ("server.pem", "server.key", "roots.pem")
    kept = {name: (directory.folder / name).read_bytes() for name in files}
    directory.stop()
    certificate(directory.folder, directory.address)
    directory.start()
    office.restart()
    with pytest.raises(RefusedLogInError):
        office.log_in()
    directory.stop()
    for name, content in kept.items():
        (directory.folder / name).write_bytes(content)
    directory.start()
    office.restart()
    with office.log_in() as ann:
        ann.ping()


def test_two_domains_share_a_directory(office: Server, directory: Directory) -> None:
    """Whoever is in it has an account on each, with contacts and messages of its own."""
    other = f"branch-{office.domain}"
    office.apply({**answers(directory), "extra_domains": [other]})
    roots = office.authority()
    with office.log_in() as ann, log_in(office.address, PORTS["client"], f"ann@{other}", PASSWORD, roots=roots) as twin:
        ann.say(f"ann@{other}", "it is me")
        assert twin.hear() == ("message", "it is me")
    with pytest.raises(RefusedLogInError):
        log_in(office.address, PORTS["client"], f"ann@{other}", "guessed", roots=roots)
    found = proven(office)
    assert red(found) == set()
    assert {"ldap", f"{other}/ldap"} <= set(found)
    people = set(office.json("user", "list")["users"])
    assert {f"ann@{office.domain}", f"ann@{other}"} <= people
