"""Which records in DNS are ours, and by which account each can be taken away again.

A zone decides: its records are remembered with the account that has changed it last, all others keep theirs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from xmpp_wizard.core.dns.account import DnsAccount
from xmpp_wizard.core.dns.change import Made
from xmpp_wizard.core.dns.record import Record
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.engine.dns.keeper import Keeper
from xmpp_wizard.engine.memory import state


def all_made(world: World, layout: Layout) -> tuple[Record, ...]:
    """Return all records that this program has made in DNS, or was about to make."""
    return tuple(dict.fromkeys(record for made in makings(world, layout) for record in made.records))


def makings(world: World, layout: Layout) -> tuple[Made, ...]:
    """Return them for each account by which they can be taken away, the one that was used last first."""
    return state.dns_made(world, layout)[::-1]


def made_by(world: World, layout: Layout, account: DnsAccount) -> tuple[Record, ...]:
    """Return those of this very account."""
    return tuple(record for made in makings(world, layout) if made.account == account for record in made.records)


def remember(world: World, layout: Layout, keeper: Keeper, records: Iterable[Record]) -> frozenset[Record]:
    """Remember what is about to be made by this account; return what of it was not known as ours yet."""
    known = state.dns_made(world, layout)
    coming = dict.fromkeys(map(bare, records))
    if coming:
        _save(world, layout, known, _with(known, keeper, coming))
    return frozenset(coming) - {record for made in known for record in made.records}


def forget(world: World, layout: Layout, records: Iterable[Record]) -> None:
    """Forget what is gone, or was never made."""
    known, going = state.dns_made(world, layout), set(map(bare, records))
    _save(world, layout, known, _without(known, going))


def adopt(world: World, layout: Layout, keeper: Keeper, zones: Collection[str]) -> None:
    """Remember our records in these zones with the account that keeps them by now."""
    known = state.dns_made(world, layout)
    theirs = {
        record: None
        for made in known
        for record in made.records
        if made.account != keeper.access.account and keeper.zone(record.name) in zones
    }
    if theirs:
        _save(world, layout, known, _with(_without(known, theirs), keeper, theirs))


def bare(record: Record) -> Record:
    """Return the record as it is compared: without who needs it, and why."""
    return Record(record.name, record.kind, record.value)


def _with(known: Sequence[Made], keeper: Keeper, records: Iterable[Record]) -> list[Made]:
    account = keeper.access.account
    before = [record for made in known if made.account == account for record in made.records]
    grown = Made(tuple(dict.fromkeys((*before, *records))), account, keeper.resolvers)
    return [*(made for made in known if made.account != account), grown]


def _without(known: Sequence[Made], going: Collection[Record]) -> list[Made]:
    kept = (replace(made, records=tuple(item for item in made.records if item not in going)) for made in known)
    return [made for made in kept if made.records]


def _save(world: World, layout: Layout, before: Sequence[Made], after: Sequence[Made]) -> None:
    if list(before) != list(after):
        state.save_dns_made(world, layout, after)
