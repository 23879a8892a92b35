"""What docs/commands.md says is what the program has."""

from __future__ import annotations

import re
from pathlib import Path

from xmpp_wizard.__main__ import BROKEN_PIPE, CTRL_C
from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.failures import BUG_STATUS
from xmpp_wizard.cli.plan import CHANGES
from xmpp_wizard.core.errors import WizardError

TEXT = (Path(__file__).parents[2] / "docs/commands.md").read_text()


def _errors(base: type[WizardError]) -> set[type[WizardError]]:
    return {base, *(found for each in base.__subclasses__() for found in _errors(each))}


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
