"""The exact records of a server: what :class:`~xmpp_wizard.core.kit.feature.DnsRecord` is once addresses are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Protocol

from xmpp_wizard.core.dns.reply import Kind
from xmpp_wizard.core.kit.feature import DnsRecord, Port
from xmpp_wizard.core.names import ascii_name

TTL_SECONDS = 300
"""Short, so that a wrong record is soon forgotten and an address can change."""
_TLS_WAYS = ("starttls-client", "starttls-server", "direct")


_INSIDE = tuple(
    ip_network(block)
    for block in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.168.0.0/16", "224.0.0.0/3", "::/127", "fc00::/7", "fe80::/10", "ff00::/8"),
    )
)


def is_public(address: str) -> bool:
    """Say whether ``address`` may lead to a machine from anywhere, and not only inside some network."""
    found = ip_address(address)
    return not any(found in block for block in _INSIDE)


@dataclass(frozen=True, slots=True)
class Record:
    """One record, ready for a zone: ``value`` as in a zone file, empty where only a person knows the address."""

    name: str
    kind: Kind
    value: str
    is_required: bool = False
    """Whether the server is not found without it."""


@dataclass(frozen=True, slots=True)
class Own:
    """Addresses that lead to this server."""

    published: tuple[str, ...] = ()
    """Those that belong into DNS."""
    known: frozenset[str] = field(default_factory=frozenset)
    """All of this machine, which are right in DNS as well."""
    is_behind_router: bool = False
    """Whether the IPv4 address seen from outside is another machine's, so not known here."""
    unproven: frozenset[str] = field(default_factory=frozenset)
    """Its IPv6 addresses over which nobody outside was seen to come in."""

    def has(self, address: str) -> bool:
        """Say whether ``address`` is certainly this server's."""
        return address in self.known or address in self.published

    def of(self, kind: Kind) -> tuple[str, ...]:
        """Return the addresses for records of this kind; an empty text stands for the one of the line."""
        version = 6 if kind == "AAAA" else 4
        found = tuple(address for address in self.published if ip_address(address).version == version)
        return found or (("",) if kind == "A" and self.is_behind_router else ())


def own_addresses(
    chosen: Sequence[str],
    listen: Sequence[str],
    machine: Sequence[str],
    *,
    is_at_home: bool,
    unproven: frozenset[str] = frozenset(),
) -> Own:
    """Return where this server is: as ``chosen`` in the answers, else as it listens, else as the machine has it.

    Of the ``machine``'s own addresses, the one in use first, only public ones are published, one of each kind: several
    IPv6 addresses are one lasting and many passing ones; one that is ``unproven`` is not. A network of one's own
    publishes private ones; others beside the first are those of the container engine, or of a second way in.
    """
    known = frozenset((*chosen, *listen, *machine))
    if chosen:
        return Own(tuple(chosen), known, unproven=unproven - set(chosen))
    there = tuple(listen) or tuple(machine)
    usable = there if is_at_home or listen else tuple(address for address in there if is_public(address))
    published = usable if listen else _first_of_each(usable)
    if not listen and not is_at_home:
        published = tuple(address for address in published if address not in unproven)
    has_four = any(ip_address(address).version == 4 for address in published)  # noqa: PLR2004 IPv4
    is_behind_router = not has_four and not is_at_home and not listen
    return Own(published, known, is_behind_router, unproven - set(published))


def _first_of_each(addresses: Iterable[str]) -> tuple[str, ...]:
    first: dict[int, str] = {}
    for address in addresses:
        first.setdefault(ip_address(address).version, address)
    return tuple(first[version] for version in sorted(first))


class Server(Protocol):
    """A server as far as DNS has to know of it; :class:`~xmpp_wizard.core.wanted.desired.Desired` is one."""

    @property
    def host(self) -> str:
        """The name of its machine (A-labels)."""

    @property
    def domains(self) -> tuple[str, ...]:
        """Virtual hosts."""

    @property
    def records(self) -> tuple[DnsRecord, ...]:
        """Those that its features need."""

    @property
    def ports(self) -> tuple[Port, ...]:
        """What it opens."""


def wanted(server: Server, own: Own, *, caa: str = "", pins: Sequence[str] = ()) -> tuple[Record, ...]:
    """Return all records for the server, what is required first.

    ``caa`` is the value of the record that says who may issue certificates, if there is to be one; ``pins`` are
    SHA-256 sums of public keys for TLSA records, given only where DNSSEC protects them.
    """
    machine = server.host
    records = [record for item in server.records for record in _exact(item, own, machine)]
    records += [record for record in _addresses(machine, own) if record not in records]
    records += [Record(ascii_name(domain), "CAA", caa) for domain in server.domains if caa]
    records += [Record(f"_{port}._tcp.{machine}", "TLSA", f"3 1 1 {pin}") for port in _pinned(server) for pin in pins]
    return tuple(sorted(dict.fromkeys(records), key=lambda record: (not record.is_required, *_place(record))))


def _place(record: Record) -> tuple[str, ...]:
    return (".".join(reversed(record.name.split("."))), record.kind, record.value)


def _exact(item: DnsRecord, own: Own, machine: str) -> Iterator[Record]:
    name = item.name.rstrip(".")
    if item.kind == "A/AAAA":
        yield from _addresses(name, own, is_required=item.is_required)
    else:
        yield Record(name, item.kind, item.content.replace("{host}", f"{machine}."), item.is_required)


def _addresses(name: str, own: Own, *, is_required: bool = True) -> Iterator[Record]:
    kinds: tuple[Kind, ...] = ("A", "AAAA")
    for kind in kinds:
        for address in own.of(kind):
            yield Record(name, kind, address, is_required)


def _pinned(server: Server) -> tuple[int, ...]:
    """Return the ports where clients and servers may look for a pin; browsers and calls never do."""
    found = (port for port in server.ports if port.is_public and not port.certificate)
    return tuple(sorted({port.number for port in found if _is_pinned(port.tls, port.number)}))


def _is_pinned(tls: str, number: int) -> bool:
    return tls in _TLS_WAYS and number != 443  # noqa: PLR2004 HTTPS
