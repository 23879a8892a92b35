"""``xmpp-wizard storage``: where people's data are, what lies elsewhere from before, and letting that go."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from xmpp_wizard.cli.asking import ask_to_go_on
from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.terminal import folded, mark, narrate, waiting
from xmpp_wizard.core.errors import UsageError
from xmpp_wizard.core.moments import minute
from xmpp_wizard.core.storage.backends import title_of
from xmpp_wizard.core.storage.moving import Kept, how_much
from xmpp_wizard.core.storage.place import place_called
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.storage.stayed import discard, stay

_EXAMPLES = """
sudo xmpp-wizard storage
sudo xmpp-wizard storage discard sqlite      deletes what stayed in SQLite when the data moved on
"""

_SUCH_AS = say("Such as: xmpp-wizard storage discard sqlite")
_WORD_ROOM = len("DELETES ")
_REST = say("Only what moved on; all else there is in use, and stays.")


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "storage", COMMANDS["storage"].summary, run, examples=_EXAMPLES)
    parser.add_argument("what", nargs="?", choices=["show", "discard"], default="show", help="what to do; else show")
    parser.add_argument("backend", nargs="?", default="", help="discard: where what goes lies, such as sqlite")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(arguments: argparse.Namespace) -> int:
    """Show where the data are, or delete what stayed behind."""
    context: Context = arguments.context
    if arguments.what == "discard":
        return _discard(context, arguments)
    if arguments.backend:
        what = say("there is no {word} in: {command}", word=arguments.backend, command="xmpp-wizard storage show")
        raise UsageError(what, _SUCH_AS)
    found = stay(context.world, context.layout)
    if context.as_json:
        print_json({"storage": found.live, "stayed": {name: asdict(kept) for name, kept in found.kept}})
        return 0
    print(folded(say("The data in use are in {backend}.", backend=title_of(found.live))))
    for name, kept in found.kept:
        print(folded(_told(name, kept)))
        if _is_in_use(name, found.live):
            print(folded(_REST))
        print(f"  {context.command('storage', 'discard', name)}")
    return 0


def _discard(context: Context, arguments: argparse.Namespace) -> int:
    if not arguments.backend:
        raise UsageError(say("it is not said where"), _SUCH_AS)
    found = stay(context.world, context.layout)
    kept = dict(found.kept).get(arguments.backend)
    if kept is not None and not arguments.yes:
        narrate(f"{mark('DELETES')} " + folded(_told(arguments.backend, kept), _WORD_ROOM).lstrip())
        if _is_in_use(arguments.backend, found.live):
            narrate(folded(_REST))
        ask_to_go_on(context, say("Delete it for ever?"))
    with waiting(say("Deleting it")):
        discard(context.world, context.layout, arguments.backend)
    if context.as_json:
        print_json({"discarded": arguments.backend})
    else:
        narrate(f"{mark('done')} {say('what had stayed in {backend} is gone', backend=title_of(arguments.backend))}")
    return 0


def _is_in_use(name: str, live: str) -> bool:
    """Say whether other kinds of data in the same database, or the same files, are those that people have now."""
    return place_called(name).backend == place_called(live).backend


def _told(name: str, kept: Kept) -> Text:
    day = minute(kept.at)
    if kept.is_half:
        return say("Half a copy that nobody needs is in {backend}, of {day}.", backend=title_of(name), day=day)
    what = how_much(kept.census)
    return say(
        "{what} as of {day} are still in {backend}; undo can go back to them.",
        what=what,
        day=day,
        backend=title_of(name),
    )
