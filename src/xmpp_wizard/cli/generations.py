"""``xmpp-wizard generations``: every change that was made, and which one the server runs."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.terminal import folded
from xmpp_wizard.core.answers.file import parse
from xmpp_wizard.core.answers.template import toml_value
from xmpp_wizard.core.errors import WizardError
from xmpp_wizard.engine.memory.generations import all_generations, last_good, load_answers
from xmpp_wizard.engine.setup import not_set_up

_EXAMPLES = """
sudo xmpp-wizard generations
sudo xmpp-wizard undo --to 3
"""


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    add_command(subparsers, "generations", COMMANDS["generations"].summary, run, examples=_EXAMPLES)


def run(arguments: argparse.Namespace) -> int:
    """Print each generation, oldest first, with what it made different in the answers."""
    context: Context = arguments.context
    history = all_generations(context.world, context.layout)
    if not history:
        raise not_set_up()
    good = last_good(context.world, context.layout)
    present = good.number if good else 0
    if context.as_json:
        print_json({"present": present, "generations": history})
        return 0
    before: Mapping[str, object] = {}
    for item in history:
        when = datetime.fromtimestamp(item.at, UTC).strftime("%Y-%m-%d %H:%M")
        sign = "*" if item.number == present else " "
        text = f"{sign}{item.number:>4}  {when}  {item.state:<7}  {item.user}: {item.cause}"
        print(folded(text, 33, first=0))
        said = _said(context, item.number)
        for line in _changes(before, said) if before and said else ():
            print(folded(line, 33))
        before = said if item.state == "good" else before
    return 0


def _said(context: Context, number: int) -> Mapping[str, object]:
    """Return the answers of a generation; none where they are lost, as the rest is worth showing all the same."""
    try:
        return dict(_flat(parse(load_answers(context.world, context.layout, number), "")))
    except WizardError:
        return {}


def _flat(values: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yield each answer by its dotted key."""
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _changes(before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[str]:
    """Yield what differs, as ``--set`` takes it: nothing behind the equals sign for what is no longer said."""
    for key in sorted({*before, *after}):
        if before.get(key) != after.get(key):
            yield f"{key}={toml_value(after[key]) if key in after else ''}"
