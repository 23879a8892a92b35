"""What has to be changed in DNS: only records of our own are taken away, those of others are never overwritten."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from xmpp_wizard.core.dns.account import DnsAccount
from xmpp_wizard.core.dns.checks import wishes
from xmpp_wizard.core.dns.judge import Wish
from xmpp_wizard.core.dns.record import TTL_SECONDS, Own, Record
from xmpp_wizard.core.dns.reply import DECIDED, Kind, Reply

_ALONE = frozenset(("A", "AAAA", "SRV", "CNAME"))
"""Kinds of which every value is used: one that leads elsewhere takes some people there."""


@dataclass(frozen=True, slots=True)
class Change:
    """Records of one zone that come and go, together where the provider can do that."""

    zone: str
    add: tuple[Record, ...] = ()
    remove: tuple[Record, ...] = ()
    ttl_seconds: int = TTL_SECONDS


@dataclass(frozen=True, slots=True)
class Made:
    """Records of ours, and by which account they can be taken away again; no secret is in it."""

    records: tuple[Record, ...]
    account: DnsAccount
    resolvers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Blocked:
    """Records that somebody else made and that lead elsewhere; ``have`` is what they say."""

    name: str
    kind: str
    have: tuple[str, ...]
    want: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Push:
    """What a push would do."""

    changes: tuple[Change, ...] = ()
    blocked: tuple[Blocked, ...] = ()
    skipped: tuple[Record, ...] = ()
    """Records left to a person: in a zone that may not be changed or is not seen, or with an unknown address."""
    unseen: tuple[str, ...] = ()
    """Names that nothing is done at, as nobody told what is there: no name server answers, or none may be changed."""

    def __bool__(self) -> bool:
        """Say whether there is anything to change."""
        return bool(self.changes)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the zones say, by name and kind."""

    replies: Mapping[tuple[str, Kind], Reply]
    beside: Mapping[tuple[str, Kind], Reply]
    """What is said about a name just beside each, for which nobody has made a record."""

    def is_wildcards(self, name: str, kind: Kind) -> bool:
        """Say whether a wildcard answers for the name."""
        reply, other = self.replies[name, kind], self.beside.get((name, kind))
        return other is not None and (reply.values, reply.chain) == (other.values, other.chain)


def plan(
    records: Sequence[Record],
    own: Own,
    ours: Sequence[Record],
    zone_of: Callable[[str], str],
    seen: Seen,
    *,
    replace: bool = False,
) -> Push:
    """Return how to get from what was ``seen`` to ``records``.

    ``ours`` are the records that this program has made; all others are only taken away with ``replace``, and then
    only where they stand in the way. ``zone_of`` gives the zone that may be changed for a name, or nothing.
    """
    add: list[Record] = []
    remove: list[Record] = []
    blocked: list[Blocked] = []
    unseen: set[str] = set()
    mine = set(_bare(ours))
    for wish in wishes(records):
        reply = seen.replies.get((wish.name, wish.kind))
        if not zone_of(wish.name) or "" in wish.values:
            continue
        if reply is None or reply.state not in DECIDED:
            unseen.add(wish.name)
            continue
        strange = _strange(wish, reply, mine, own)
        if strange and seen.is_wildcards(wish.name, wish.kind):
            # a record of its own goes before it
            reply, strange = Reply("NXDOMAIN"), []
        if strange and not replace:
            blocked.append(Blocked(wish.name, wish.kind, tuple(record.value for record in strange), wish.values))
            continue
        remove += strange
        there = {_sense(wish, value) for value in _values(wish, reply)}
        add += [Record(wish.name, wish.kind, value) for value in wish.values if _sense(wish, value) not in there]
    wanted = set(_bare(records))
    remove += [item for item in _bare(ours) if item not in wanted and zone_of(item.name) and item not in remove]
    skipped = [record for record in records if not record.value or not zone_of(record.name) or record.name in unseen]
    unseen |= {record.name for record in (*records, *ours) if record.value and not zone_of(record.name)}
    return Push(_by_zone(add, remove, zone_of), tuple(blocked), tuple(skipped), tuple(sorted(unseen)))


def _sense(wish: Wish, value: str) -> str:
    """Return what of a value counts: priority and weight of a service are the admin's to choose."""
    return " ".join(value.split()[2:]).lower() if wish.kind == "SRV" else value


def _values(wish: Wish, reply: Reply) -> tuple[str, ...]:
    """Return what is there under this very name; what an alias leads to is elsewhere."""
    return () if reply.chain and wish.kind not in ("A", "AAAA") else reply.values


def _strange(wish: Wish, reply: Reply, mine: set[Record], own: Own) -> list[Record]:
    """Return the records of others that lead elsewhere."""
    if wish.kind not in _ALONE:
        return []
    if reply.chain:
        fits = bool(reply.values) and all(own.has(value) for value in reply.values)
        return [] if fits else [Record(wish.name, "CNAME", f"{reply.chain[0]}.")]
    right = {_sense(wish, value) for value in wish.values}
    there = [Record(wish.name, wish.kind, value) for value in reply.values if _sense(wish, value) not in right]
    is_address = wish.kind in ("A", "AAAA")
    return [record for record in there if record not in mine and not (is_address and own.has(record.value))]


def _bare(records: Iterable[Record]) -> Iterable[Record]:
    return (Record(record.name, record.kind, record.value) for record in records)


def _by_zone(add: Sequence[Record], remove: Sequence[Record], zone_of: Callable[[str], str]) -> tuple[Change, ...]:
    zones = sorted({zone_of(record.name) for record in (*add, *remove)})
    return tuple(
        Change(
            zone,
            tuple(record for record in add if zone_of(record.name) == zone),
            tuple(dict.fromkeys(record for record in remove if zone_of(record.name) == zone)),
        )
        for zone in zones
    )
