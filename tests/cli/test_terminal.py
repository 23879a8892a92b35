"""What others wrote reaches a terminal as text alone."""

from __future__ import annotations

import io

import pytest
from tests.cli.conftest import Cli

from xmpp_wizard.cli.progress import Progress
from xmpp_wizard.cli.terminal import ERASE, folded, plain, waiting
from xmpp_wizard.core.containers import CommandResult
from xmpp_wizard.core.events import StepFailed
from xmpp_wizard.core.text import NOTHING, say

NAME = "xmpp-wizard-prosody"
HOSTILE = "\x1b[31mred\x1b[0m \x1b]0;title\x07\x1b]52;c;cGFzdGU=\x1b\\\x9b2J\x08 bücher\t\u202eend\r"
HARMLESS = "red 2J bücher\tend"


def test_nothing_is_left_that_a_terminal_obeys() -> None:
    assert plain(HOSTILE) == HARMLESS
    assert plain(f"one\n{HOSTILE}\n") == f"one\n{HARMLESS}\n"


def test_an_unfinished_sequence_swallows_no_further_line() -> None:
    assert plain("a\x1b]0;no end\nb\x1b[3") == "a\nb[3"


def test_folded_text_is_plain() -> None:
    assert folded(HOSTILE).split() == HARMLESS.split()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            "Put its last text back: sudo cp /var/lib/xmpp-wizard/generations/12/answers.toml /etc/xmpp-wizard/a.toml",
            [
                "  Put its last text back:",
                "  sudo cp /var/lib/xmpp-wizard/generations/12/answers.toml /etc/xmpp-wizard/a.toml",
            ],
        ),
        (
            "To give it another password: xmpp-wizard user passwd somebody.with.a.name@example.org",
            ["  To give it another password:", "  xmpp-wizard user passwd somebody.with.a.name@example.org"],
        ),
        (
            "Line by line, as screen readers like it: xmpp-wizard setup --plain. Without questions: xmpp-wizard apply",
            [
                "  Line by line, as screen readers like it: xmpp-wizard setup --plain. Without",
                "  questions: xmpp-wizard apply",
            ],
        ),
        (
            "Put it right there in the file and run the command again; `xmpp-wizard answers explain KEY` says more",
            [
                "  Put it right there in the file and run the command again;",
                "  `xmpp-wizard answers explain KEY` says more",
            ],
        ),
    ],
)
def test_a_command_stays_in_one_line_to_be_copied(text: str, lines: list[str]) -> None:
    assert folded(text, 2).splitlines() == lines


def test_a_failed_step_shows_its_reason_plain() -> None:
    stream = io.StringIO()
    Progress(stream, is_live=False).show(StepFailed("health", "health", say("{why}", why=HOSTILE), NOTHING, 0.0))
    assert "red 2J bücher" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


@pytest.mark.parametrize(("is_terminal", "shown"), [(True, HARMLESS), (False, HOSTILE)])
def test_the_log_is_plain_on_a_terminal_only(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, shown: str, *, is_terminal: bool
) -> None:
    cli.set_up()
    cli.fakes.containers.log_lines[NAME] = [HOSTILE]
    monkeypatch.setattr("sys.stdout.isatty", lambda: is_terminal)
    assert cli.run("logs") == 0
    assert cli.out == f"{shown}\n"


def test_words_of_prosodyctl_are_plain_in_errors(cli: Cli) -> None:
    cli.set_up()
    cli.fakes.containers.on_run = lambda *_: CommandResult(1, "", f"Error: {HOSTILE}\n")
    assert cli.run("user", "add", "alice") == 3
    assert "red 2J bücher" in cli.err
    assert "\x1b" not in cli.err


@pytest.mark.parametrize(("kind", "shown"), [("xterm", f"Looking at it ...{ERASE}"), ("dumb", "")])
def test_what_takes_a_while_is_said_at_once_and_taken_away(
    kind: str, shown: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERM", kind)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with waiting(say("Looking at it")):
        assert capsys.readouterr().err == shown.removesuffix(ERASE)
    assert capsys.readouterr().err == ERASE[: len(shown)]


def test_a_script_reads_nothing_of_it(cli: Cli) -> None:
    cli.set_up()
    assert cli.run("status") in (0, 3)
    assert "Looking" not in cli.out + cli.err
