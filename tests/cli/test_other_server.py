"""Commands that are told name the server that the program was started for, whoever tells them."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from tests.cli.conftest import ANSWERS, Cli
from tests.fakes import Fakes

from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.core.layout import SERVER_COMMANDS, Layout
from xmpp_wizard.core.notify import Contact, Letter
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.notify import tell

ROOT = ("--root", "/srv/second one", "--instance", "second")
OPTIONS = "--root '/srv/second one' --instance second"


def said(cli: Cli) -> str:
    return " ".join((cli.out + cli.err).split())


def test_every_command_is_known_to_be_about_a_server_or_about_files() -> None:
    assert {*SERVER_COMMANDS, "answers"} == set(COMMANDS)


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (("undo",), "apply --answers FILE"),
        (("apply", "--attach"), "apply --answers FILE"),
        (("storage", "discard"), "storage discard sqlite"),
        (("export", "xep0227"), "export xep0227 accounts.xml"),
        (("dns", "push", "--answers", ANSWERS), "dns show"),
        ((), "status"),
        ((), "setup --plain"),
    ],
)
def test_what_to_type_next_is_about_the_same_server(cli: Cli, words: tuple[str, ...], command: str) -> None:
    cli.fakes.files.put(ANSWERS, 'domain = "a.example"\n')
    cli.run(*ROOT, *words)
    assert f"xmpp-wizard {OPTIONS} {command}" in said(cli)
    cli.run(*words)
    assert f"xmpp-wizard {command}" in said(cli)
    assert "/srv" not in said(cli)


def test_a_help_is_the_same_for_all_servers(cli: Cli) -> None:
    cli.run(*ROOT, "user", "add")
    assert "See: xmpp-wizard user add --help" in said(cli)


def test_what_is_about_files_is_about_no_server(cli: Cli) -> None:
    cli.run(*ROOT, "answers", "explain", "nothing")
    assert "`xmpp-wizard answers template`" in said(cli)


def test_it_is_so_where_nothing_of_the_server_is_known(cli: Cli) -> None:
    cli.run(*ROOT, "status")
    assert f"Set one up with: xmpp-wizard {OPTIONS} apply --answers FILE" in said(cli)
    found = cli.json(*ROOT, "status")
    assert found["error"]["hint"].endswith(f"xmpp-wizard {OPTIONS} apply --answers FILE")


def test_a_running_server_tells_it_too(cli: Cli) -> None:
    cli.fakes.files.put(ANSWERS, 'domain = "a.example"\n')
    assert cli.run(*ROOT, "apply", "--answers", ANSWERS, "--yes", "--no-proof") == 0, cli.err
    cli.fakes.containers.containers.clear()
    assert cli.run(*ROOT, "status") == 3
    assert f"xmpp-wizard {OPTIONS} apply starts" in said(cli)
    assert any(f"xmpp-wizard {OPTIONS} apply" in problem for problem in cli.json(*ROOT, "status")["problems"])


def test_a_letter_tells_it_too() -> None:
    fakes = Fakes()
    layout = Layout(PurePosixPath("/srv/second one"), "second")
    found = Letter("a.example", "disk", say("the disk is full"), say("Make room, then: sudo xmpp-wizard apply"))
    assert tell(fakes.world(), layout, Contact(webhook_url="https://hooks.example"), found).reached == 1
    ((_, letter),) = fakes.notifier.letters
    assert str(letter.text) == f"Make room, then: sudo xmpp-wizard {OPTIONS} apply"
