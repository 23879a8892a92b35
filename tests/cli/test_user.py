"""People from the command line: passwords are never in arguments, and shown once if they are made here."""

from __future__ import annotations

import pytest
from tests.cli.conftest import Cli
from tests.engine.people.prosodyctl import Prosodyctl


@pytest.fixture
def prosodyctl(cli: Cli) -> Prosodyctl:
    """Return the prosodyctl of a server that is set up."""
    cli.set_up()
    cli.fakes.containers.on_run = prosodyctl = Prosodyctl()
    return prosodyctl


def _trace(cli: Cli) -> str:
    return "\n".join((*cli.fakes.containers.calls, *cli.fakes.files.calls))


def test_a_password_made_here_is_shown_once(cli: Cli, prosodyctl: Prosodyctl) -> None:
    assert cli.run("user", "add", "alice") == 0
    password = prosodyctl.passwords["alice@a.example"]
    assert cli.out == f"{password}\n"
    assert "alice@a.example is added" in cli.err
    assert len(password) >= 16
    assert password not in cli.err + _trace(cli)
    cli.run("user", "add", "bob")
    assert prosodyctl.passwords["bob@a.example"] != password


def test_a_given_password_is_never_shown(cli: Cli, prosodyctl: Prosodyctl) -> None:
    cli.type("correct horse battery\n", is_terminal=False)
    assert cli.run("user", "add", "alice", "--password-stdin") == 0
    assert prosodyctl.passwords == {"alice@a.example": "correct horse battery"}
    assert "horse" not in cli.out + cli.err + _trace(cli)


def test_spaces_around_a_password_belong_to_it(cli: Cli, prosodyctl: Prosodyctl) -> None:
    cli.type(" with spaces around \r\n", is_terminal=False)
    assert cli.run("user", "add", "alice", "--password-stdin") == 0
    assert prosodyctl.passwords == {"alice@a.example": " with spaces around "}


@pytest.mark.parametrize("typed", ["", "\n", "short\n"])
def test_a_bad_given_password(cli: Cli, prosodyctl: Prosodyctl, typed: str) -> None:
    cli.type(typed, is_terminal=False)
    assert cli.run("user", "add", "alice", "--password-stdin") == 5
    assert "too short" in cli.err
    assert prosodyctl.passwords == {}


def test_json(cli: Cli, prosodyctl: Prosodyctl) -> None:
    found = cli.json("user", "add", "alice")
    assert found == {"address": "alice@a.example", "added": True, "password": prosodyctl.passwords["alice@a.example"]}
    assert cli.json("user", "list") == {"users": ["alice@a.example"]}
    assert cli.json("user", "add", "alice")["error"]["code"] == "needs-person"
    assert cli.json("user", "delete", "alice", "--yes") == {"address": "alice@a.example", "deleted": True}


def test_a_new_password(cli: Cli, prosodyctl: Prosodyctl) -> None:
    cli.run("user", "add", "alice")
    first = prosodyctl.passwords["alice@a.example"]
    assert cli.run("user", "passwd", "alice@a.example") == 0
    assert prosodyctl.passwords["alice@a.example"] == cli.out.strip() != first
    assert cli.run("user", "passwd", "bob") == 5
    assert "nobody called bob@a.example" in cli.err


def test_everybody_on_a_line_of_their_own(cli: Cli, prosodyctl: Prosodyctl) -> None:
    prosodyctl.passwords = {"zoe@a.example": "x", "adam@a.example": "x"}
    assert cli.run("user", "list") == 0
    assert cli.out == "adam@a.example\nzoe@a.example\n"
    assert cli.run("user", "list", "b.example") == 5


@pytest.mark.parametrize(
    ("typed", "is_gone"), [("alice@a.example\n", True), ("alice\n", False), ("y\n", False), ("", False)]
)
def test_deleting_wants_the_address_typed(cli: Cli, prosodyctl: Prosodyctl, typed: str, *, is_gone: bool) -> None:
    prosodyctl.passwords = {"alice@a.example": "x"}
    cli.type(typed)
    assert cli.run("user", "delete", "alice") == (0 if is_gone else 5)
    assert (prosodyctl.passwords == {}) is is_gone


def test_deleting_without_anybody_to_ask_needs_yes(cli: Cli, prosodyctl: Prosodyctl) -> None:
    prosodyctl.passwords = {"alice@a.example": "x"}
    assert cli.run("user", "delete", "alice") == 5
    assert prosodyctl.passwords
    assert cli.run("user", "delete", "alice", "--yes") == 0
    assert prosodyctl.passwords == {}


def test_nobody_is_asked_about_somebody_who_is_not_there(cli: Cli, prosodyctl: Prosodyctl) -> None:
    prosodyctl.passwords = {"alice@a.example": "x"}
    cli.type("alcie@a.example\n")
    assert cli.run("user", "delete", "alcie") == 5
    assert "Type the address" not in cli.err
    assert "Did you mean: alice@a.example" in cli.err


def test_an_invitation(cli: Cli, prosodyctl: Prosodyctl) -> None:
    assert cli.run("user", "invite", "alice") == 0
    assert cli.out == "https://a.example/invite?t\n"
    prosodyctl.passwords = {"alice@a.example": "x"}
    assert cli.run("user", "invite", "alice") == 5


def test_an_invitation_for_whoever_comes(cli: Cli, prosodyctl: Prosodyctl) -> None:
    assert cli.run("user", "invite", "--days", "7", "--role", "admin") == 0
    command = prosodyctl.seen[-1][0]
    assert command[2:] == ["invite", "create_account", "a.example", "--expires-after", "7d", "--role", "prosody:admin"]
    assert "chooses a name" in cli.err
    assert cli.run("user", "invite", "--days", "0") == 64
    assert cli.run("user", "invite", "--role", "king") == 64


def test_an_invitation_goes_out_by_mail(cli: Cli, prosodyctl: Prosodyctl) -> None:
    cli.set_up('domain = "a.example"\ntitle = "Home"\n[notify]\nmail_from = "us@a.example"\n')
    cli.fakes.containers.on_run = prosodyctl
    found = cli.json("user", "invite", "bob", "--mail", "bob@b.example")
    assert found == {"address": "bob@a.example", "invitation": "https://a.example/invite?t", "mail": "bob@b.example"}
    ((way, letter),) = cli.fakes.notifier.letters
    assert (way, str(letter.subject)) == ("mail", "Your invitation to Home")
    assert "https://a.example/invite?t" in str(letter.text)
    assert cli.fakes.notifier.calls == ["mail localhost:25 bob@b.example"]
    assert cli.run("user", "invite", "--mail", "bob") == 64


def test_without_a_sender_there_is_no_mail(cli: Cli, prosodyctl: Prosodyctl) -> None:
    assert cli.run("user", "invite", "bob", "--mail", "bob@b.example") == 3
    assert "notify.mail_from" in cli.err
    assert prosodyctl.passwords == {}


def test_who_is_held_back_is_let_go(cli: Cli, prosodyctl: Prosodyctl) -> None:
    assert cli.run("user", "quarantine") == 0
    assert "Nobody is held back" in cli.err
    prosodyctl.held = ["eve@a.example"]
    assert cli.run("user", "quarantine", "list") == 0
    assert cli.out == "eve@a.example\t2026-11-21T08:00:00Z\tx\n"
    assert cli.run("user", "quarantine", "release", "alice") == 5
    assert cli.json("user", "quarantine", "release", "eve") == {"address": "eve@a.example", "released": True}
    assert cli.json("user", "quarantine", "list") == {"quarantine": []}


def test_who_signed_up_is_let_into_the_contact_lists(cli: Cli, prosodyctl: Prosodyctl) -> None:
    assert cli.run("user", "newcomers") == 0
    assert "There is nobody to let in" in cli.err
    prosodyctl.newcomers = ["eve@a.example"]
    assert cli.run("user", "newcomers", "list") == 0
    assert cli.out == "eve@a.example\t2026-11-21T08:00:00Z\n"
    assert cli.run("user", "newcomers", "admit", "alice") == 5
    assert "alice@a.example is no newcomer" in cli.err
    assert cli.json("user", "newcomers", "admit", "eve") == {"address": "eve@a.example", "admitted": True}
    assert cli.json("user", "newcomers", "list") == {"newcomers": []}


def test_a_server_that_does_not_run(cli: Cli, prosodyctl: Prosodyctl) -> None:
    cli.fakes.containers.containers["xmpp-wizard-prosody"].is_running = False
    assert cli.run("user", "add", "alice") == 3
    assert "not running" in cli.err
    assert prosodyctl.passwords == {}


@pytest.mark.parametrize("words", ["list", "newcomers list", "quarantine list", "invite bob", "add bob", "guests"])
def test_without_a_server_no_other_one_is_asked(cli: Cli, words: str) -> None:
    """Two servers with different roots have containers of the same name."""
    cli.set_up()
    cli.fakes.containers.calls.clear()
    assert cli.run("--root", "/elsewhere", "user", *words.split()) == 5
    assert "there is no server set up here yet" in cli.err
    assert not [call for call in cli.fakes.containers.calls if call.startswith("run")]
