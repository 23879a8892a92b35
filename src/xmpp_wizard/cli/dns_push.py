"""``xmpp-wizard dns push``: shows what would change in DNS, asks, changes it and sees that it is done."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import fields

from xmpp_wizard.cli.asking import ask_to_go_on
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.sources import read_answers
from xmpp_wizard.cli.terminal import folded, mark, narrate, waiting
from xmpp_wizard.core.dns.change import Push
from xmpp_wizard.core.dns.record import Record
from xmpp_wizard.core.dns.zone_file import YOUR_LINE, rdata
from xmpp_wizard.core.errors import DnsProviderError, NeedsPersonError
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.dns.made import makings
from xmpp_wizard.engine.records.push import Prepared, alone, carry_out, prepare, prepare_removal, settle


def add_push_options(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument(
        "--replace", action="store_true", help="also take away records of others that stand in the way; they are shown"
    )
    parser.add_argument("--remove", action="store_true", help="take away all records that this program has made")


def push(arguments: argparse.Namespace) -> int:
    """Enter the records; exit status 5 if some are left to a person, 3 if it is not known what is there."""
    context: Context = arguments.context
    with waiting(say("Asking name servers")):
        prepared = _prepared(context, arguments)
    found = _together([one.push for one in prepared])
    if not context.as_json:
        for line in _lines(found):
            print(line)
    if found and not arguments.yes:
        ask_to_go_on(context, say("Change DNS like this?"))
    with waiting(say("Waiting until all name servers have it")), alone(context.world, context.layout):
        for one in prepared:
            (carry_out if one.push else settle)(context.world, context.layout, one)
    if found:
        narrate(f"{mark('done')} {say('all name servers have it')}")
    if context.as_json:
        print_json(
            {"changes": found.changes, "blocked": found.blocked, "skipped": found.skipped, "unseen": found.unseen}
        )
    for one in prepared:
        if one.push.unseen:
            raise _unseen(one)
    return NeedsPersonError.exit_status if found.blocked else 0


def _unseen(prepared: Prepared) -> DnsProviderError:
    """Return why nothing was done at some names; the rest is done by now."""
    zone, names = prepared.keeper.access.account.zone, ", ".join(prepared.push.unseen)
    outside = [name for name in prepared.push.unseen if zone and not prepared.keeper.zone(name)]
    if outside:
        return DnsProviderError(
            say(
                "{names} not in {zone}, the only zone that dns.zone lets be changed",
                names=", ".join(outside),
                zone=zone,
            ),
            say("Put dns.zone right, or take it out of the answers; or enter these records yourself."),
        )
    return DnsProviderError(
        say("nothing was done for {names}: no name server tells what is there", names=names),
        say(
            "Is this machine online, is the domain registered, and do dns.server and network.resolvers, where you"
            " set them, answer? xmpp-wizard dns check says more. Then run it again."
        ),
    )


def _prepared(context: Context, arguments: argparse.Namespace) -> list[Prepared]:
    """Return what is to be done; what several accounts have made is taken away by each for itself."""
    world, layout = context.world, context.layout
    if arguments.remove:
        return [prepare_removal(world, layout, made) for made in makings(world, layout)]
    answers = read_answers(context, world, arguments).answers
    return [prepare(world, layout, answers, replace=arguments.replace)]


def _together(pushes: Sequence[Push]) -> Push:
    return Push(
        *(tuple(item for push in pushes for item in getattr(push, part.name)) for part in fields(Push)),
    )


def _lines(found: Push) -> Iterator[str]:
    for change in found.changes:
        yield f"{say('Zone {zone}', zone=change.zone)}"
        yield from (f"- {_line(record)}" for record in change.remove)
        yield from (f"+ {_line(record)}" for record in change.add)
    if not found and not found.unseen:
        yield f"{say('Nothing to change.')}"
    for item in found.blocked:
        have, want = " + ".join(item.have), " + ".join(item.want)
        values = {"name": item.name, "kind": item.kind, "have": have, "want": want}
        text = say("{name} {kind} stays {have}, which somebody else made; wanted: {want}", **values)
        if not want:
            text = say("{name} {kind} stays {have}, which somebody else made; there should be none", **values)
        yield f"{mark('!', sys.stdout)} " + folded(text, 6).lstrip()
    if found.blocked:
        yield folded(say("Change them by hand; or add --replace, which takes them away."), 6)
    if found.skipped:
        yield f"{say('Left to you:')}"
        yield from (f"  {_line(record)}" for record in found.skipped)


def _line(record: Record) -> str:
    return f"{record.name} {record.kind} {rdata(record) if record.value else f'({YOUR_LINE})'}"
