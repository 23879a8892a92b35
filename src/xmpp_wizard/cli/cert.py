"""``xmpp-wizard cert status|renew``: the certificates that are served."""

from __future__ import annotations

import argparse

from xmpp_wizard.cli.apply import add_consent_options, carry_through
from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.terminal import folded, narrate
from xmpp_wizard.core.errors import UsageError
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.certificates import status
from xmpp_wizard.engine.setup import Renew, current

_EXAMPLES = """
sudo xmpp-wizard cert status
sudo xmpp-wizard cert renew --yes          what is due
sudo xmpp-wizard cert renew --force        everything
sudo xmpp-wizard cert renew --if-due       what the timer runs every hour
"""


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "cert", COMMANDS["cert"].summary, _status, examples=_EXAMPLES)
    actions = parser.add_subparsers(required=True, metavar="status|renew")
    add_command(actions, "status", say("Show the certificates"), _status, examples=_EXAMPLES)
    renew = add_command(actions, "renew", say("Renew what is due; no session drops"), _renew, examples=_EXAMPLES)
    renew.add_argument("--force", action="store_true", help="also what is not due")
    renew.add_argument(
        "--if-due", action="store_true", help="unattended, as the timer does it: silent unless something happens"
    )
    add_consent_options(renew)


def _status(arguments: argparse.Namespace) -> int:
    context: Context = arguments.context
    current(context.world, context.layout)
    found = status(context.world, context.layout)
    if context.as_json:
        print_json({"certificates": found})
        return 0
    now = context.world.clock.now()
    for item in found:
        days = (item.not_after - now).days
        print(f"{item.name}: {days} days left, renewed from {item.renewal_at.date()} on")
        print(folded(f"issuer {item.issuer}{' (this machine)' if item.is_local else ''}, serial {item.serial}", 2))
        print(folded("names " + ", ".join(item.names), 8, first=2))
    return 0


def _renew(arguments: argparse.Namespace) -> int:
    context: Context = arguments.context
    if not arguments.if_due:
        return carry_through(context, Renew(arguments.force), arguments)
    if arguments.force:
        raise UsageError(say("--force and --if-due contradict each other"), say("--force renews what is not due, too."))
    return _keep_up(context)


def _keep_up(context: Context) -> int:
    """Do what the timer does; the lines go to the system's journal, or into cron's mail."""
    from xmpp_wizard.engine.upkeep import upkeep  # noqa: PLC0415 pydantic's adapters take a while to make

    found = upkeep(context.world, context.layout)
    if context.as_json:
        print_json(found)
        return found.exit_status
    if found.change:
        narrate(str(found.change))
    if found.trouble is not None and found.exit_status:
        narrate(f"{found.trouble.text}")
        narrate(f"{found.trouble.hint}")
    return found.exit_status
