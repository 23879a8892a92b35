"""What ``user newcomers`` and ``user quarantine`` do alike: list accounts that lack something, and let one in."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.terminal import narrate
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import Text
from xmpp_wizard.engine.people.accounts import People
from xmpp_wizard.engine.people.flagged import Flagged


def show(context: Context, name: str, found: Sequence[Flagged], columns: Sequence[str], nobody: Text) -> int:
    """Print these ``columns`` of the accounts, a line each; as JSON they are the list ``name``."""
    rows = [{column: getattr(one, column) for column in columns} for one in found]
    if context.as_json:
        print_json({name: rows})
        return 0
    for row in rows:
        print("\t".join(row.values()))
    if not rows:
        narrate(str(nobody))
    return 0


def let_in(
    arguments: argparse.Namespace, act: Callable[[World, Layout, str], None], word: str, told: Callable[[str], Text]
) -> int:
    """Do ``act`` with the address that was given; ``word`` says it in JSON, ``told`` to a person.

    Raises:
        NeedsPersonError: nothing is kept from the account.
        EffectError: the server says no.
    """
    context: Context = arguments.context
    address = People(context.world, context.layout).address(arguments.address)
    act(context.world, context.layout, address)
    if context.as_json:
        print_json({"address": address, word: True})
    else:
        narrate(str(told(address)))
    return 0
