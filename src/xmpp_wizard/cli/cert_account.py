"""``xmpp-wizard cert account [rollover]``: the account with the public authority, and its key."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.terminal import folded, narrate
from xmpp_wizard.core.acme.source import AcmeSource
from xmpp_wizard.core.errors import NeedsPersonError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.acme.report import public_authority
from xmpp_wizard.engine.setup import current


def add_account(actions: Subparsers, examples: str) -> None:
    """Add the command."""
    what = say("Show the account with the public authority, or give it another key")
    parser = add_command(actions, "account", what, _account, examples=examples)
    parser.add_argument(
        "action", nargs="?", choices=("rollover",), metavar="rollover", help="another key; the old one becomes useless"
    )


def show_lost_key(
    world: World, layout: Layout, target: Target, show: Callable[[str], None] = lambda text: print("\n" + text)
) -> None:
    """Say that the account is another one than it was, and what that means, if it is so."""
    from xmpp_wizard.engine.acme.account import account  # noqa: PLC0415 pydantic's adapters take a while to make

    source = target.certificate_source.acme
    found = account(world, layout, source) if source is not None else None
    if found is not None and found.former_url:
        text = say(
            "Since {day} there is a new account with {who}, as the key of the one before was lost. CAA records that "
            "name {former} must name {url} instead, or no certificate is given any more.",
            day=found.since.date(),
            who=public_authority(target),
            former=found.former_url,
            url=found.url,
        )
        show(folded(f"{text}"))


def no_public_certificates() -> NeedsPersonError:
    """Return the error of who asks for what only a public authority gives."""
    return NeedsPersonError(
        say("this server gets no public certificates"),
        say("Choose them first: xmpp-wizard apply --set certificates.source=acme"),
    )


def _account(arguments: argparse.Namespace) -> int:
    from xmpp_wizard.engine.acme.account import account, key_path  # noqa: PLC0415 see above

    context: Context = arguments.context
    world, layout = context.world, context.layout
    target, _ = current(world, layout)
    source = target.certificate_source.acme
    if source is None:
        raise no_public_certificates()
    if arguments.action == "rollover":
        _roll_over(context, source)
    found, who = account(world, layout, source), public_authority(target)
    if context.as_json:
        print_json({"authority": who, "account": found})
    elif found is None:
        print(say("There is no account with {who} yet; the first certificate makes it.", who=who))
    else:
        print(folded(f"{who}: {found.url}"))
        print(folded(f"{say('since {day}; key {path}', day=found.since.date(), path=key_path(layout, source))}", 2))
        show_lost_key(world, layout, target)
    return 0


def _roll_over(context: Context, source: AcmeSource) -> None:
    from xmpp_wizard.engine.acme.account import change_keys  # noqa: PLC0415 see above

    with context.world.lock.hold(str(context.layout.lock)):
        for place in change_keys(context.world, context.layout, source):
            narrate(folded(f"{say('The key in {path} is a new one; put it into your backup.', path=place)}"))
