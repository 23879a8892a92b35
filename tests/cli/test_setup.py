"""The wizard line by line: the same questions, the same plan, the same invitation."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from tests.cli.conftest import Cli

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import CommandResult
from xmpp_wizard.engine import generations
from xmpp_wizard.engine.session import Entry, first_session

LINK = "https://a.example/invite?k3VtQm8sZx1RfYc2LwPdHb7N"


@pytest.fixture
def plain(cli: Cli) -> Cli:
    """Return a command line with a server that makes invitations."""

    def on_run(_name: str, command: Sequence[str], _user: str, _stdin: bytes) -> CommandResult:
        return CommandResult(0, f"{LINK}\n" if "invite" in command else "OK: \n", "")

    cli.fakes.containers.on_run = on_run
    return cli


def test_an_address_and_enter_are_enough(plain: Cli) -> None:
    plain.type("alice@a.example\n\n")
    plain.run("setup", "--plain")
    assert "You are alice, the admin." in plain.err
    assert "Security" in plain.err
    assert plain.out == f"{LINK}\n"
    assert "/root/emergency-sheet.html" in plain.err
    assert 'admins = ["alice"]' in generations.load_answers(plain.fakes.world(), Layout(), 1)


def test_the_answers_are_those_of_the_full_screen(plain: Cli) -> None:
    session = first_session(plain.fakes.world(), Layout(), {}).with_entry(Entry("alice", "a.example"))
    plain.type("alice@a.example\n\n")
    plain.run("setup", "--plain")
    assert generations.load_answers(plain.fakes.world(), Layout(), 1) == session.draft.new_text()


def test_what_is_wrong_is_asked_again(plain: Cli) -> None:
    plain.type("me@gmail.com\nrubbish\nalice@a.example\nq\n")
    assert plain.run("setup", "--plain") == 5
    assert "gmail.com is a mail provider's." in plain.err
    assert "nothing was done, as you wished" in plain.err
    assert not plain.fakes.containers.containers


def test_nobody_at_the_keyboard_ends_it(plain: Cli) -> None:
    plain.type("")
    assert plain.run("setup", "--plain") == 5
    assert "no address was given" in plain.err


def test_a_row_is_changed_by_its_number(plain: Cli) -> None:
    plain.type("alice@a.example\n99\n5\nhighest\n\nq\n")
    plain.run("setup", "--plain")
    assert "There is no row 99." in plain.err
    assert "Security level" in plain.err
    plain.type("alice@a.example\n5\nstrict\n\n\n")
    plain.run("setup", "--plain")
    assert 'level = "strict"' in generations.load_answers(plain.fakes.world(), Layout(), 1)


def test_an_answer_file_is_a_way_to_begin(plain: Cli) -> None:
    plain.fakes.files.put("/root/mine.toml", 'domain = "a.example"\nadmins = ["carol"]\n')
    plain.type("\n")
    plain.run("setup", "--plain", "--answers", "/root/mine.toml")
    assert "carol@a.example, admin" in plain.err


def test_the_full_screen_needs_a_terminal(plain: Cli) -> None:
    assert plain.run("setup") == 64
    assert "xmpp-wizard setup --plain" in plain.err
