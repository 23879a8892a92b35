"""``xmpp-wizard uninstall``: shows what goes and what stays, asks, and takes the server away."""

from __future__ import annotations

import argparse

from xmpp_wizard.cli.asking import ask_to_go_on
from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.terminal import folded, is_interactive, is_typed, mark, narrate
from xmpp_wizard.core.errors import NeedsPersonError
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.uninstall import Removal, survey, uninstall

_EXAMPLES = """
sudo xmpp-wizard uninstall                 people's data stay
sudo xmpp-wizard uninstall --delete-data   nothing stays
"""


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "uninstall", COMMANDS["uninstall"].summary, run, examples=_EXAMPLES)
    parser.add_argument("--delete-data", action="store_true", help="also delete people's data, secrets and answers")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(arguments: argparse.Namespace) -> int:
    """Take the server away."""
    context: Context = arguments.context
    removal = survey(context.world, context.layout, delete_data=arguments.delete_data)
    if not removal:
        narrate(folded(say("Nothing to do: only what is kept is left. To delete that too: --delete-data")))
        if context.as_json:
            print_json({"removed": [], "kept": removal.kept})
        return 0
    _show(removal, deletes_data=arguments.delete_data)
    if not arguments.yes:
        _ask(context, removal, deletes_data=arguments.delete_data)
    gone = uninstall(context.world, context.layout, delete_data=arguments.delete_data, report=_report)
    if context.as_json:
        print_json({"removed": [*gone.containers, *gone.images, *gone.paths], "kept": gone.kept})
    elif removal.kept and not arguments.delete_data:
        narrate(folded(say("What was kept makes the next apply go on as before.")))
    return 0


def _show(removal: Removal, *, deletes_data: bool) -> None:
    narrate(str(say("This goes:")))
    for line in (*removal.containers, *removal.images, *removal.paths):
        narrate(f"  {line}")
    if removal.records:
        narrate(f"  {say('{count} records in DNS, made by this program', count=len(removal.records))}")
    if deletes_data:
        narrate(f"{mark('DELETES')} " + str(say("all accounts, messages, files, secrets and answers, for ever")))
    if removal.kept:
        narrate(str(say("This stays:")))
        for line in removal.kept:
            narrate(f"  {line}")


def _ask(context: Context, removal: Removal, *, deletes_data: bool) -> None:
    if not deletes_data or not is_interactive() or context.as_json:
        ask_to_go_on(context, say("Remove the server?"))
        return
    word = removal.domain or "delete"
    if not is_typed(say("Type {word} to delete everything:", word=word), word):
        raise NeedsPersonError(say("nothing was removed: that was another word"))


def _report(text: Text) -> None:
    narrate(f"{mark('done')} {text}")
