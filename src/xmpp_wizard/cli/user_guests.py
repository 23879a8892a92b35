"""``xmpp-wizard user guests``: the link by which people without an account come into a room."""

from __future__ import annotations

import argparse

from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.terminal import folded, narrate
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.people.guest_link import guest_link

_ONE = say("It leads in only while the room is there, and open to everybody.")
_LIST = say("It lists the rooms that are there and open to everybody; without any, nobody can talk.")


def add_to(subparsers: Subparsers, examples: str) -> None:
    """Add the command below ``user``."""
    what = say("Print the link by which guests come into a room in the browser")
    parser = add_command(subparsers, "guests", what, _show, examples=examples)
    parser.add_argument(
        "room", metavar="ROOM", nargs="?", default="", help="the room's name or address; without it, guests choose"
    )


def _show(arguments: argparse.Namespace) -> int:
    context: Context = arguments.context
    link = guest_link(context.world, context.layout, arguments.room)
    if context.as_json:
        print_json({"link": link})
        return 0
    print(link)
    narrate(
        folded(say("Whoever opens it chooses a name and talks. At a computer the page shows it as a QR code, too."))
    )
    narrate(folded(_ONE if arguments.room else _LIST))
    return 0
