"""``xmpp-wizard cert status|issue|renew|revoke|import|account``: the certificates that are served."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from xmpp_wizard.cli.apply import add_consent_options, carry_through
from xmpp_wizard.cli.asking import ask_to_go_on
from xmpp_wizard.cli.cert_account import add_account, show_lost_key
from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.sources import read_answers
from xmpp_wizard.cli.terminal import folded, narrate
from xmpp_wizard.core.errors import EffectError, NeedsPersonError, UsageError
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.acme.report import Lack, lacks, public_authority
from xmpp_wizard.engine.certificates import CertificateStatus, status
from xmpp_wizard.engine.own_certificates import own_troubles
from xmpp_wizard.engine.setup import ApplyAnswers, Renew, current

if TYPE_CHECKING:
    from xmpp_wizard.engine.pin_upkeep import Held

_EXAMPLES = """
sudo xmpp-wizard cert status
sudo xmpp-wizard cert issue                try again what is lacking
sudo xmpp-wizard cert renew --yes          what is due
sudo xmpp-wizard cert renew --force        everything
sudo xmpp-wizard cert renew --if-due       what the timer runs
sudo xmpp-wizard cert import chain.pem key.pem
sudo xmpp-wizard cert import /etc/letsencrypt/live
sudo xmpp-wizard cert account              with the authority
sudo xmpp-wizard cert account rollover     gets another key
"""

_MINUTES_SHOWN = 120
_MINUTES_AT_LEAST = 5
_A_PAIR = 2


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "cert", COMMANDS["cert"].summary, _status, examples=_EXAMPLES)
    actions = parser.add_subparsers(required=True, metavar="status|issue|renew|revoke|import|account")
    add_command(actions, "status", say("Show the certificates"), _status, examples=_EXAMPLES)
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
    own = add_command(actions, "import", say("Serve certificates that you have already"), _import, examples=_EXAMPLES)
    own.add_argument("files", metavar="FILE", nargs="+", help="CHAIN KEY; or certbot's, Caddy's or Traefik's store")
    add_consent_options(own)
    add_account(actions, _EXAMPLES)


def _status(arguments: argparse.Namespace) -> int:
    context: Context = arguments.context
    world, layout, now = context.world, context.layout, context.world.clock.now()
    target, _ = current(world, layout)
    from xmpp_wizard.engine.names_look import limits  # noqa: PLC0415 it loads all about DNS
    from xmpp_wizard.engine.pin_upkeep import held  # noqa: PLC0415 see above

    found, in_the_way = status(world, layout), lacks(world, layout, target)
    troubles, counted = tuple(own_troubles(world, layout, target)), limits(world, layout, target)
    waits = held(world, layout, target)
    if context.as_json:
        certificates = [{**_fields(item), "days_left": item.days_left(now.timestamp())} for item in found]
        source, who = target.certificate_source.kind, public_authority(target)
        said = {
            "certificates": certificates,
            "troubles": in_the_way,
            "files": troubles,
            "held": waits,
            "limits": counted,
        }
        print_json({"source": source, "authority": who, **said})
        return 0
    _show_certificates(found, now)
    _show_lacks(in_the_way, public_authority(target), now, stand_ins=any(item.is_local for item in found))
    for trouble in troubles:
        print("\n" + folded(f"{trouble.text}. {trouble.hint}"))
    show_lost_key(world, layout, target)
    for one in waits:
        print("\n" + folded(_held_back(one)))
    if counted is not None and counted.more_at is not None:
        print(
            "\n"
            + folded(f"{counted.authority} gives no more before {counted.more_at:%Y-%m-%d %H:%M} UTC: {counted.why}")
        )
    return 0


def _show_certificates(found: Sequence[CertificateStatus], now: datetime) -> None:
    for item in found:
        days = item.days_left(now.timestamp())
        print(f"{item.name}: {days} days left, renewed from {item.renewal_at.date()} on")
        print(folded(f"issuer {item.issuer}{' (this machine)' if item.is_local else ''}, serial {item.serial}", 2))
        print(folded("names " + ", ".join(item.names), 8, first=2))


def _show_lacks(in_the_way: Sequence[Lack], who: str, now: datetime, *, stand_ins: bool) -> None:
    if in_the_way:
        what = f"Not yet from {who}; this machine's own certificate stands in:"
        print("\n" + (what if stand_ins else f"Nothing newer from {who} yet; what is there stays in use:"))
    for lack in in_the_way:
        print(folded(f"{lack.sentence}", 2))
        print(f"  {_again(lack.next_attempt, now)}")


def _held_back(one: Held) -> str:
    if not one.from_at:
        return f"The new certificate of {one.name} waits until DNS names its key: TLSA 3 1 1 {one.key_sha256}"
    when = datetime.fromtimestamp(one.from_at, UTC)
    return f"The new certificate of {one.name} is served from {when:%Y-%m-%d %H:%M} UTC on, when all know its key."


def _fields(item: CertificateStatus) -> dict[str, object]:
    return {field.name: getattr(item, field.name) for field in fields(item)}


def _again(when: datetime | None, now: datetime) -> str:
    if when is None:
        return "not tried again by itself; when it is mended: xmpp-wizard cert issue"
    minutes = max(round((when - now).total_seconds() / 60), 0)
    rest = f"in {minutes} minutes" if minutes <= _MINUTES_SHOWN else f"in {minutes // 60} hours"
    # the timer comes every five minutes
    soon = "within 5 minutes" if minutes <= _MINUTES_AT_LEAST else rest
    return f"tried again by itself {soon}; at once: xmpp-wizard cert issue"


def _issue(arguments: argparse.Namespace) -> int:
    return _ask_and_use(arguments, impatient=True)


def _ask_and_use(arguments: argparse.Namespace, *, impatient: bool) -> int:
    """Ask the public authority, if there is one, and put in use what came; the first part interrupts nothing."""
    context: Context = arguments.context
    world, layout = context.world, context.layout
    target, _ = current(world, layout)
    if target.certificate_source.acme is None:
        if impatient:
            raise NeedsPersonError(
                say("this server gets no public certificates"), say("Choose them first: certificates.source = acme")
            )
        return carry_through(context, Renew(), arguments)
    from xmpp_wizard.engine.acme.upkeep import obtain_due  # noqa: PLC0415 pydantic's adapters take a while to make

    with world.lock.hold(str(layout.lock)):
        obtain_due(world, layout, target, lambda line: narrate(folded(line)), impatient=impatient)
    show_lost_key(world, layout, target, narrate)
    for lack in lacks(world, layout, target):
        narrate(folded(lack.sentence))
    return carry_through(context, Renew(), arguments)


def _revoke(arguments: argparse.Namespace) -> int:
    context: Context = arguments.context
    world, layout = context.world, context.layout
    target, _ = current(world, layout)
    if not arguments.yes:
        ask_to_go_on(context, say("Declare all public certificates of this server invalid for good?"))
    from xmpp_wizard.engine.acme.revoking import revoke  # noqa: PLC0415 see above

    with world.lock.hold(str(layout.lock)):
        for name in revoke(world, layout, target, is_key_stolen=arguments.key_stolen):
            narrate(f"revoked: {name}")
            if context.as_json:
                print_json({"kind": "revoked", "name": name})
    # others are served by now: there is nothing to be had in their place
    return _ask_and_use(arguments, impatient=True) if target.certificate_source.acme else 0


def _import(arguments: argparse.Namespace) -> int:
    """Say in the answers where the certificates are, and apply them."""
    context: Context = arguments.context
    paths = [os.path.abspath(path) for path in arguments.files]  # noqa: PTH100 keeps links as they are
    if len(paths) > _A_PAIR:
        raise UsageError(say("give a certificate chain and its key, or one store of another program"))
    is_pair = len(paths) == _A_PAIR
    files = [{"chain_file": paths[0], "key_file": paths[1]}] if is_pair else []
    wished = {"source": "files", "files": files} | ({} if is_pair else {"store": paths[0]})
    arguments.answers = None
    arguments.sets = [f"certificates.{key}={_toml(value)}" for key, value in wished.items()]
    found = read_answers(context, context.world, arguments)
    return carry_through(context, _without(found, "store" if is_pair else "files"), arguments)


def _without(found: ApplyAnswers, key: str) -> ApplyAnswers:
    """Return the answers without another place for certificates, which would go on being looked at."""
    from xmpp_wizard.core.answer_file import load  # noqa: PLC0415 only here
    from xmpp_wizard.core.answer_writing import without_value  # noqa: PLC0415 only here

    text = without_value(found.text, ("certificates", key))
    return ApplyAnswers(load(text.encode(), found.path, {}, ())[0], text, found.path)


def _toml(value: object) -> str:
    """Return a value as ``--set`` takes it."""
    from xmpp_wizard.core.answer_template import toml_value  # noqa: PLC0415 only here

    return toml_value(value)


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
    for lack in refused:
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
        narrate(str(found.change))
    if found.trouble is not None and found.exit_status:
        narrate(f"{found.trouble.text}")
        narrate(f"{found.trouble.hint}")
    return found.exit_status
