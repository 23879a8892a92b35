"""What docs/commands.md and each --help say is what the program has."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from xmpp_wizard.__main__ import BROKEN_PIPE, CTRL_C
from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.failures import BUG_STATUS
from xmpp_wizard.cli.parser import Parser
from xmpp_wizard.cli.plan import CHANGES
from xmpp_wizard.core.errors import WizardError

TEXT = (Path(__file__).parents[2] / "docs/commands.md").read_text()


def _errors(base: type[WizardError]) -> set[type[WizardError]]:
    return {base, *(found for each in base.__subclasses__() for found in _errors(each))}


def _parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield the parsers of all commands below ``parser``, and of theirs."""
    for action in parser._actions:
        for each in action.choices.values() if isinstance(action, argparse._SubParsersAction) else ():
            yield from (each, *_parsers(each))


def _all_parsers() -> list[argparse.ArgumentParser]:
    parser = Parser(prog="xmpp-wizard")
    subparsers = parser.add_subparsers()
    for command in COMMANDS.values():
        import_module(f"xmpp_wizard.cli.{command.module}").add_to(subparsers)
    return list(_parsers(parser))


@pytest.mark.parametrize("parser", _all_parsers(), ids=lambda parser: parser.prog)
def test_every_help_ends_in_examples_of_that_command_alone(parser: argparse.ArgumentParser) -> None:
    examples = parser.format_help().partition("examples:\n")[2].partition("\n\n")[0].splitlines()
    assert examples
    assert [line for line in examples if not line.strip().removeprefix("sudo ").startswith(parser.prog)] == []


@pytest.mark.parametrize("parser", _all_parsers(), ids=lambda parser: parser.prog)
def test_every_word_and_option_is_there(parser: argparse.ArgumentParser) -> None:
    words = [*parser.prog.split()[1:], *(word for action in parser._actions for word in action.choices or ())]
    assert [word for word in words if not re.search(rf"\b{word}\b", TEXT)] == []
    spellings = [action.option_strings for action in parser._actions if action.option_strings]
    assert [names for names in spellings if "--help" not in names and not any(name in TEXT for name in names)] == []


def test_every_command_is_there() -> None:
    assert [name for name in COMMANDS if f"`{name}" not in TEXT] == []


def test_every_exit_status_is_there_and_no_other() -> None:
    table = TEXT.partition("## Exit statuses")[2]
    told = {int(number) for number in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)}
    statuses = {error.exit_status for error in _errors(WizardError)}
    assert told == {0, CHANGES, BUG_STATUS, CTRL_C, BROKEN_PIPE, *statuses}


def test_every_error_code_is_there_and_no_other() -> None:
    told = set(re.findall(r"`([a-z-]+)`", TEXT.partition("The codes:")[2]))
    assert told == {error.code for error in _errors(WizardError) - {WizardError}} | {"bug"}
