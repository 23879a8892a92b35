"""``xmpp-wizard cert status|issue|renew|revoke|import|account``: the certificates that are served."""

from __future__ import annotations

import argparse

from xmpp_wizard.cli.apply import add_consent_options, carry_through
from xmpp_wizard.cli.asking import ask_to_go_on
from xmpp_wizard.cli.cert_account import add_account, no_public_certificates, show_lost_key
from xmpp_wizard.cli.cert_import import add_import
from xmpp_wizard.cli.cert_status import show_status
from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.terminal import folded, narrate, told
from xmpp_wizard.core.errors import EffectError, UsageError
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.acme.report import lacks, together
from xmpp_wizard.engine.setup import Renew, current

_EXAMPLES = """
sudo xmpp-wizard cert status
sudo xmpp-wizard cert issue                try again what is lacking
sudo xmpp-wizard cert renew --yes          what is due
sudo xmpp-wizard cert renew --force        everything
sudo xmpp-wizard cert renew --if-due       what the timer runs
sudo xmpp-wizard cert revoke --key-stolen  and make new keys
sudo xmpp-wizard cert import chain.pem key.pem
sudo xmpp-wizard cert import /etc/letsencrypt/live
sudo xmpp-wizard cert account              with the authority
sudo xmpp-wizard cert account rollover     gets another key
"""


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "cert", COMMANDS["cert"].summary, show_status, examples=_EXAMPLES)
    actions = parser.add_subparsers(required=True, metavar="status|issue|renew|revoke|import|account")
    add_command(actions, "status", say("Show the certificates"), show_status, examples=_EXAMPLES)
    issue = say("Ask the public authority now for names that have no certificate of it yet")
    add_consent_options(add_command(actions, "issue", issue, _issue, examples=_EXAMPLES))
    renew = add_command(actions, "renew", say("Renew what is due; no session drops"), _renew, examples=_EXAMPLES)
    renew.add_argument("--force", action="store_true", help="also what is not due")
    renew.add_argument(
        "--if-due", action="store_true", help="unattended, as the timer does it: silent unless something happens"
    )
    add_consent_options(renew)
    what = say("Declare public certificates invalid, and get others")
    revoke = add_command(actions, "revoke", what, _revoke, examples=_EXAMPLES)
    revoke.add_argument("--key-stolen", action="store_true", help="somebody else has the private key")
    add_consent_options(revoke)
    add_import(actions, _EXAMPLES)
    add_account(actions, _EXAMPLES)


def _issue(arguments: argparse.Namespace) -> int:
    return _ask_and_use(arguments, impatient=True)


def _ask_and_use(arguments: argparse.Namespace, *, impatient: bool) -> int:
    """Ask the public authority, if there is one, and put in use what came; the first part interrupts nothing."""
    context: Context = arguments.context
    world, layout = context.world, context.layout
    target, _ = current(world, layout)
    if target.certificate_source.acme is None:
        if impatient:
            raise no_public_certificates()
        return carry_through(context, Renew(), arguments)
    from xmpp_wizard.engine.acme.upkeep import obtain_due  # noqa: PLC0415 pydantic's adapters take a while to make

    with world.lock.hold(str(layout.lock)):
        obtain_due(world, layout, target, lambda line: narrate(folded(line)), impatient=impatient)
    show_lost_key(world, layout, target, narrate)
    for lack in together(lacks(world, layout, target)):
        narrate(folded(lack.sentence))
    return carry_through(context, Renew(), arguments)


def _revoke(arguments: argparse.Namespace) -> int:
    context: Context = arguments.context
    world, layout = context.world, context.layout
    from xmpp_wizard.engine.acme.revoking import held, revoke  # noqa: PLC0415 see above

    target, _ = current(world, layout)
    if (names := [one.name for one in held(world, layout, target)]) and not arguments.yes:
        question = say("Declare the public certificates of {names} invalid for good?", names=", ".join(names))
        ask_to_go_on(context, question)
    with world.lock.hold(str(layout.lock)):
        for name in revoke(world, layout, target, is_key_stolen=arguments.key_stolen):
            narrate(folded(say("revoked: {name}", name=name)))
            if context.as_json:
                print_json({"kind": "revoked", "name": name})
    # others are served by now: there is nothing to be had in their place
    return _ask_and_use(arguments, impatient=True) if target.certificate_source.acme else 0


def _renew(arguments: argparse.Namespace) -> int:
    context: Context = arguments.context
    if not arguments.if_due:
        if arguments.force:
            return _renew_all(arguments)
        return _ask_and_use(arguments, impatient=False)
    if arguments.force:
        raise UsageError(say("--force and --if-due contradict each other"), say("--force renews what is not due, too."))
    return _keep_up(context)


def _renew_all(arguments: argparse.Namespace) -> int:
    """Renew what is not due, too; an apply goes on without what it is not given, but this was what was asked for."""
    context: Context = arguments.context
    status = carry_through(context, Renew(force=True), arguments)
    target, _ = current(context.world, context.layout)
    refused = lacks(context.world, context.layout, target) if status == 0 and not arguments.detach else ()
    for lack in together(refused):
        narrate(folded(lack.sentence))
    return EffectError.exit_status if refused else status


def _keep_up(context: Context) -> int:
    """Do what the timer does; the lines go to the system's journal, or into cron's mail."""
    from xmpp_wizard.engine.upkeep import upkeep  # noqa: PLC0415 pydantic's adapters take a while to make

    found = upkeep(context.world, context.layout)
    if context.as_json:
        print_json(found)
        return found.exit_status
    if found.change:
        narrate(told(found.change))
    if found.trouble is not None and found.exit_status:
        narrate(told(found.trouble.text))
        narrate(told(found.trouble.hint))
    return found.exit_status
