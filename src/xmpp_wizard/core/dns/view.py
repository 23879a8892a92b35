"""Everything that has to be asked to judge a set of records, in four rounds of questions, and how to read it.

Round one goes to the recursive resolvers: the records themselves, which zones they lie in, what stands in the way.
Round two finds the addresses of the name servers, round three asks those directly. Round four asks resolvers outside
this network for what is there already: a name that they are asked for too early they remember as missing, for hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from xmpp_wizard.core.dns.operators import operator_of
from xmpp_wizard.core.dns.record import Record, is_public
from xmpp_wizard.core.dns.reply import DECIDED, SILENCE, Kind, Question, Replies, Reply, ancestors
from xmpp_wizard.core.names import is_public as is_public_name

ADDRESS_KINDS: tuple[Kind, ...] = ("A", "AAAA")
_MOST_SERVERS, _MOST_ADDRESSES = 16, 4
"""Names of servers of a zone, and addresses of each kind of one: the root has 13, with one each. Who lists thousands
must not make us ask them all."""


@dataclass(frozen=True, slots=True)
class Server:
    """A name server of a zone at one of its addresses."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class View:
    """All replies; ``public`` are those of resolvers outside this network, if any were asked."""

    replies: Replies
    public: Replies
    label: str
    """A label that nobody has made a record for: what it leads to, a wildcard leads to."""
    has_ipv6: bool = True
    resolvers: tuple[str, ...] = ()
    """Resolvers outside this network that may be asked."""

    def recursive(self, name: str, kind: Kind) -> Reply:
        """Return what this machine's resolvers say."""
        return self.replies.get(Question(name, kind), SILENCE)

    def outside(self, name: str, kind: Kind) -> Mapping[str, Reply]:
        """Return what resolvers outside this network say, by who runs them; nothing of those who say nothing."""
        asked = ((at, self.public.get(Question(name, kind, resolver=at), SILENCE)) for at in self.resolvers)
        return {operator_of(at): reply for at, reply in asked if reply.state not in ("TIMEOUT", "REFUSED")}

    def zone(self, name: str) -> str:
        """Return the zone that ``name`` lies in: the nearest name with name servers; empty if none is known."""
        for parent in _hosts(name):
            reply = self.recursive(parent, "NS")
            if reply.values and not reply.chain:
                return parent
            if reply.state in ("BOGUS", "TIMEOUT"):
                # there may be a zone, whose servers are not known; a server that fails may do so over an alias
                return ""
        return ""

    def name_servers(self, zone: str) -> tuple[str, ...]:
        """Return the names of the zone's servers."""
        values = self.recursive(zone, "NS").values[:_MOST_SERVERS] if zone else ()
        return tuple(value.rstrip(".") for value in values)

    def servers(self, zone: str) -> tuple[Server, ...]:
        """Return the servers that can be asked from here."""
        return tuple(
            Server(name, address)
            for name in self.name_servers(zone)
            for kind in (ADDRESS_KINDS if self.has_ipv6 else ADDRESS_KINDS[:1])
            for address in self.recursive(name, kind).values[:_MOST_ADDRESSES]
        )

    def is_kept_inside(self, zone: str) -> bool:
        """Say whether only this network reaches the zone's name servers, as far as it knows their addresses."""
        asked = (self.recursive(name, kind) for name in self.name_servers(zone) for kind in ADDRESS_KINDS)
        addresses = [address for reply in asked for address in reply.values]
        return bool(addresses) and not any(is_public(address) for address in addresses)

    def authoritative(self, name: str, kind: Kind) -> Mapping[Server, Reply]:
        """Return what each server of the zone says."""
        asked = ((server, Question(name, kind, server.address)) for server in self.servers(self.zone(name)))
        return {server: self.replies[question] for server, question in asked if question in self.replies}

    def truth(self, name: str, kind: Kind) -> Reply:
        """Return what the zone says, or the resolvers where it cannot be asked or leads to another zone."""
        for reply in self.authoritative(name, kind).values():
            if reply.state in DECIDED and not reply.is_alias:
                return reply
        return self.recursive(name, kind)

    def is_signed(self, name: str) -> bool:
        """Say whether DNSSEC protects ``name`` and a resolver that was asked checks it."""
        zone = self.zone(name)
        has_anchor = bool(zone) and self.recursive(zone, "DS").state == "OK"
        everywhere = (self.recursive(zone, "NS"), *self.outside(zone, "NS").values())
        return has_anchor and any(reply.is_validated for reply in everywhere)


def first_questions(records: Sequence[Record], domains: Sequence[str], label: str) -> tuple[Question, ...]:
    """Return the questions of round one."""
    return tuple(dict.fromkeys(_first(records, domains, label)))


def _first(records: Sequence[Record], domains: Sequence[str], label: str) -> Iterator[Question]:
    for record in records:
        # who asks for one kind of address asks for both
        yield from (Question(record.name, kind) for kind in _kinds(record))
    for name in (*domains, *(record.name for record in records)):
        for parent in _hosts(name):
            yield Question(parent, "NS")
            yield Question(parent, "DS")
    for domain in domains:
        yield from (Question(name, kind) for name in (f"{label}.{domain}", domain) for kind in ADDRESS_KINDS)


def server_questions(view: View, names: Iterable[str]) -> tuple[Question, ...]:
    """Return the questions of round two."""
    servers = (server for zone in {view.zone(name) for name in names} for server in view.name_servers(zone))
    return tuple(dict.fromkeys(Question(server, kind) for server in sorted(servers) for kind in ADDRESS_KINDS))


def direct_questions(view: View, records: Iterable[Record]) -> tuple[Question, ...]:
    """Return the questions of round three."""
    return tuple(
        dict.fromkeys(
            Question(record.name, kind, server.address)
            for record in records
            for kind in _kinds(record)
            for server in view.servers(view.zone(record.name))
        )
    )


def outside_questions(view: View, records: Iterable[Record], domains: Iterable[str]) -> tuple[Question, ...]:
    """Return the questions of round four: only for what anybody may look up, and can."""
    places = {name: view.zone(name) for name in (*domains, *(record.name for record in records))}
    public = {name: zone for name, zone in places.items() if "." in zone and is_public_zone(view, zone)}
    there = [
        (record.name, kind)
        for record in records
        for kind in _kinds(record)
        if record.name in public and view.truth(record.name, kind).values
    ]
    asked: list[tuple[str, Kind]] = [*((zone, "NS") for zone in public.values()), *there]
    return tuple(dict.fromkeys(Question(*item, resolver=at) for item in asked for at in view.resolvers))


def is_public_zone(view: View, zone: str) -> bool:
    """Say whether the whole world may look a zone up: not where its name is set apart, or only this network has it."""
    return is_public_name(zone) and not view.is_kept_inside(zone)


def _kinds(record: Record) -> tuple[Kind, ...]:
    return ADDRESS_KINDS if record.kind in ADDRESS_KINDS else (record.kind,)


def _hosts(name: str) -> tuple[str, ...]:
    """Return ``name`` and what is above it, without labels of services such as ``_tcp``, which are no zones."""
    return tuple(parent for parent in ancestors(name) if not parent.startswith("_"))
