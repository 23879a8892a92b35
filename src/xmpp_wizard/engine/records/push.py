"""Entering the records of a server where they are kept: shown first, only our own taken away, seen on every server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from dataclasses import replace as replaced
from typing import TypeAlias

from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.dns.account import DnsAccount
from xmpp_wizard.core.dns.change import Change, Made, Push, Seen, plan
from xmpp_wizard.core.dns.record import TTL_SECONDS, Own, Record
from xmpp_wizard.core.dns.reply import DECIDED, Kind, Question, Reply
from xmpp_wizard.core.dns.view import ADDRESS_KINDS
from xmpp_wizard.core.errors import NeedsPersonError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.names import is_at_home
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import say
from xmpp_wizard.core.wanted.desired import desired
from xmpp_wizard.engine.dns.keeper import Keeper
from xmpp_wizard.engine.dns.look import look_at
from xmpp_wizard.engine.dns.made import adopt, all_made, made_by
from xmpp_wizard.engine.dns.publish import access_to, publish, wait_until_there
from xmpp_wizard.engine.memory.dns import last_line, remember_line
from xmpp_wizard.engine.memory.pins import load_pins, remember_published
from xmpp_wizard.engine.records import dns

Replied: TypeAlias = Mapping[tuple[str, Kind], Reply]
"""By name and kind."""
_ASK_SECONDS = 5.0
_OF_ALL_PROVIDERS: frozenset[Kind] = frozenset(("A", "AAAA", "CNAME", "SRV", "TXT"))
_OF_EVERY_KIND = frozenset(("rfc2136", "desec", "powerdns", "ddns", "localzone"))
"""Providers that take CAA and TLSA records, too."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A push that can be shown and carried out."""

    keeper: Keeper
    push: Push
    pinned: tuple[Record, ...] | None = None
    """The pins of keys (TLSA) that every server must have in the end; None where it is not about them."""
    zones: tuple[str, ...] = ()
    """Those that the wanted records lie in."""


def prepare(
    world: World,
    layout: Layout,
    answers: Answers,
    *,
    replace: bool = False,
    kinds: frozenset[Kind] = frozenset(),
) -> Prepared:
    """Return what has to be changed so that DNS says what it should; nothing is changed yet.

    With ``replace`` records of others that stand in the way go as well; ``kinds`` limits it to some kinds of records.

    Raises:
        NeedsPersonError: the answers name nobody who takes changes.
        DnsProviderError: the key or token is not there.
    """
    account = answers.dns.account
    if account is None:
        raise NeedsPersonError(
            say("the answers do not say who keeps your DNS records"),
            say("Enter them in your router, or in a DNS server of your own: xmpp-wizard dns show")
            if all(map(is_at_home, answers.domains))
            else say("Set dns.provider and what it needs; or enter them yourself: xmpp-wizard dns show"),
        )
    expected = dns.expected(world, layout, answers, desired(answers))
    asked = [item for item in expected.records if not kinds or item.kind in kinds]
    takes = [item for item in asked if _is_taken(account, item.kind)]
    ground = _Ground(expected.own, expected.domains, answers.network.resolvers, replace, kinds)
    prepared = _compare(world, layout, account, takes, ground)
    left = tuple(item for item in asked if not _is_taken(account, item.kind))
    push = replaced(prepared.push, skipped=(*prepared.push.skipped, *left))
    pinned = tuple(item for item in takes if item.kind == "TLSA" and prepared.keeper.zone(item.name))
    return replaced(prepared, push=push, pinned=pinned if not kinds or "TLSA" in kinds else None)


def prepare_removal(world: World, layout: Layout, made: Made) -> Prepared:
    """Return how to take away what this program has made by one account.

    Raises:
        DnsProviderError: the key or token is not there.
    """
    return replaced(_compare(world, layout, made.account, (), _Ground(resolvers=made.resolvers)), pinned=())


def carry_out(world: World, layout: Layout, prepared: Prepared) -> None:
    """Make the changes and wait until every name server has them; the caller sees to it that nobody else does so.

    Raises:
        DnsProviderError: see :func:`~xmpp_wizard.engine.dns.publish.publish`.
    """
    keeper = prepared.keeper
    if prepared.push:
        publish(world, layout, keeper, prepared.push.changes)
        if not any(change.add for change in prepared.push.changes):
            # what is entered by itself may be lacking from now on
            remember_line(world, layout, replaced(last_line(world, layout), entered=""))
    settle(world, layout, prepared)
    if prepared.pinned:
        # one that fails just now may come back with what it had before, which a new key must not meet
        pins_there = [Change(keeper.zone(item.name), (item,)) for item in prepared.pinned]
        wait_until_there(world, keeper, pins_there, is_strict=True)
    if prepared.pinned or (prepared.pinned is not None and load_pins(world, layout).are_in_use()):
        pins = [item.value.rpartition(" ")[2] for item in prepared.pinned]
        remember_published(world, layout, pins, _ttl_seconds(world, keeper, prepared.pinned))


def settle(world: World, layout: Layout, prepared: Prepared) -> None:
    """Remember by which account our records can be taken away from now on, also where nothing had to be changed."""
    adopt(world, layout, prepared.keeper, prepared.zones)


def _ttl_seconds(world: World, keeper: Keeper, records: Sequence[Record]) -> int:
    """Return how long the zones say that records are to be remembered: not every provider takes the time we wish."""
    asked = [
        Question(item.name, item.kind, server) for item in records for server in keeper.servers(keeper.zone(item.name))
    ]
    replies = world.resolver.ask(asked, keeper.resolvers, _ASK_SECONDS) if asked else {}
    return max((reply.ttl_seconds for reply in replies.values() if reply.values), default=TTL_SECONDS)


@contextmanager
def alone(world: World, layout: Layout) -> Iterator[None]:
    """Keep all others from changing this server.

    Raises:
        LockedError: another run changes it.
    """
    if world.files.stat(str(layout.state)) is None:
        # nothing to hold the lock in, so nothing that another run could be working on
        yield
        return
    with world.lock.hold(str(layout.lock)):
        yield


def _is_taken(account: DnsAccount, kind: Kind) -> bool:
    return account.provider in _OF_EVERY_KIND or kind in _OF_ALL_PROVIDERS


@dataclass(frozen=True, slots=True)
class _Ground:
    """What a comparison rests on."""

    own: Own = field(default_factory=Own)
    domains: Sequence[str] = ()
    resolvers: Sequence[str] = ()
    replaces: bool = False
    kinds: frozenset[Kind] = frozenset()


def _compare(world: World, layout: Layout, account: DnsAccount, records: Sequence[Record], ground: _Ground) -> Prepared:
    made = [item for item in all_made(world, layout) if not ground.kinds or item.kind in ground.kinds]
    view = look_at(world, [*records, *made], ground.domains, ground.resolvers)
    keeper = Keeper(access_to(world, account), view, tuple(ground.resolvers))
    zones = tuple(sorted({keeper.zone(item.name) for item in records} - {""}))
    own = frozenset(made_by(world, layout, account))
    # what another account has made elsewhere is that one's to take away
    ours = [item for item in made if item in own or keeper.zone(item.name) in zones]
    replies = _current(world, keeper, [*records, *ours])
    seen = Seen(replies, _beside(world, keeper, replies))
    push = plan(records, ground.own, ours, keeper.zone, seen, replace=ground.replaces)
    return Prepared(keeper, push, zones=zones)


def _current(world: World, keeper: Keeper, records: Sequence[Record]) -> Replied:
    """Return what the zones say: the server that takes changes itself, where it is known."""
    kinds: dict[tuple[str, Kind], None] = {}
    for record in records:
        both = ADDRESS_KINDS if record.kind in ADDRESS_KINDS else (record.kind,)
        kinds |= {(record.name, kind): None for kind in both}
    server = keeper.access.account.server
    if not server:
        return {(name, kind): keeper.view.truth(name, kind) for name, kind in kinds}
    asked = [Question(name, kind, server) for name, kind in kinds]
    replies = world.resolver.ask(asked, keeper.resolvers, _ASK_SECONDS)
    return {(question.name, question.kind): reply for question, reply in replies.items()}


def _beside(world: World, keeper: Keeper, replies: Replied) -> Replied:
    """Return what is said about a name beside each that is there, which nobody has made: what wildcards answer."""
    places = {(name, kind): f"{keeper.view.label}.{name.partition('.')[2]}" for name, kind in _there(keeper, replies)}
    server = keeper.access.account.server
    asked = [
        Question(place, kind, at)
        for (name, kind), place in places.items()
        for at in ((server,) if server else keeper.servers(keeper.zone(name)) or ("",))
    ]
    heard = world.resolver.ask(tuple(dict.fromkeys(asked)), keeper.resolvers, _ASK_SECONDS) if asked else {}
    said = {(item.name, item.kind): reply for item, reply in heard.items() if reply.state in DECIDED}
    return {key: said[place, key[1]] for key, place in places.items() if (place, key[1]) in said}


def _there(keeper: Keeper, replies: Replied) -> Iterator[tuple[str, Kind]]:
    for (name, kind), reply in replies.items():
        if name != keeper.zone(name) and (reply.values or reply.chain):
            yield name, kind
