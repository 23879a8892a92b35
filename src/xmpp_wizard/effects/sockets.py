"""What listens on this host, and its addresses, from /proc: no program is started for it."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address
from pathlib import Path
from typing import NamedTuple

from xmpp_wizard.core.network.listeners import Listener

_LISTEN = "0A"
_UNCONNECTED = "07"
_CONTAINER_ID = re.compile(r"[0-9a-f]{64}")
_INNER = re.compile(r"(docker|podman|cni|virbr|lxcbr|lxdbr)\d*\Z|br-[0-9a-f]{12}\Z")
"""What Docker, Podman, libvirt and LXC call the bridges that they make."""
_TEMPORARY_OR_OLD = 0x01 | 0x20
"""Flags of if_inet6: a privacy address that goes away again, or one on its way out."""
_NOT_OURS = 0x08 | 0x40
"""Another machine has the address, too; or it is not known yet whether one has."""
_TABLES = (("tcp", "tcp"), ("tcp6", "tcp"), ("udp", "udp"), ("udp6", "udp"))


class ProcSockets:
    """:class:`~xmpp_wizard.core.ports.Sockets` of this machine."""

    def __init__(self, proc: Path = Path("/proc")) -> None:
        """``proc`` is where the kernel's tables are."""
        self._proc = proc

    def listeners(self) -> Sequence[Listener]:
        """Return all listeners, sorted by port; the program's name is empty where only root may know it."""
        found = list(self._bound())
        owners = self._owners({item.inode for item in found})
        return sorted(
            {Listener(item.address, item.port, item.protocol, *owners.get(item.inode, _NOBODY)) for item in found},
            key=lambda listener: (listener.port, listener.protocol, listener.address, listener.pid),
        )

    def addresses(self) -> Sequence[str]:
        """Return lasting addresses, no loopback, no link-local.

        Those that the default route uses come first, those towards containers and virtual machines last.
        """
        preferred = (_outgoing(socket.AF_INET, "192.0.2.1"), _outgoing(socket.AF_INET6, "2001:db8::1"))
        # what goes out from a passing address goes out from the network that is in use now, and not from one before it
        network = _network(preferred[1])
        found, inner = [*self._ipv4(), *self._ipv6()], tuple(self._inner_networks())
        return sorted(
            found,
            key=lambda address: (
                ":" in address,
                address not in preferred,
                _network(address) != network,
                any(IPv4Address(address) in one for one in inner) if ":" not in address else False,
            ),
        )

    def _bound(self) -> Iterator[_Bound]:
        for table, protocol in _TABLES:
            wanted = _LISTEN if protocol == "tcp" else _UNCONNECTED
            for line in _lines(self._proc / "net" / table)[1:]:
                fields = line.split()
                if fields[3] == wanted:
                    address, _, port = fields[1].partition(":")
                    yield _Bound(_parsed(address), int(port, 16), protocol, fields[9])

    def _owners(self, inodes: set[str]) -> Mapping[str, _Owner]:
        """Return the first process that has each socket open, lowest number first: the parent, not its workers."""
        wanted = {f"socket:[{inode}]": inode for inode in inodes}
        found: dict[str, _Owner] = {}
        for pid in sorted(int(name) for name in os.listdir(self._proc) if name.isdigit()):  # noqa: PTH208
            own = {wanted[link] for link in _links(self._proc / str(pid) / "fd") if link in wanted} - set(found)
            if own:
                owner = self._owner(pid)
                found.update(dict.fromkeys(own, owner))
            if len(found) == len(inodes):
                break
        return found

    def _owner(self, pid: int) -> _Owner:
        program = "".join(_lines(self._proc / str(pid) / "comm")[:1])
        # this host may be a container itself: the last id is that of the innermost one, which the engine here knows
        lines = _lines(self._proc / str(pid) / "cgroup")
        deepest = max((_CONTAINER_ID.findall(line) for line in lines), key=len, default=[])
        return _Owner(program, pid, deepest[-1] if deepest else "")

    def _ipv4(self) -> Iterator[str]:
        """Yield what the routing table calls local: ``|-- ADDRESS`` followed by ``/32 host LOCAL``."""
        seen = set()
        last = ""
        for line in _lines(self._proc / "net" / "fib_trie"):
            if "|--" in line:
                last = line.split()[-1]
            elif line.strip() == "/32 host LOCAL" and not IPv4Address(last).is_loopback and last not in seen:
                seen.add(last)
                yield last

    def _inner_networks(self) -> Iterator[IPv4Network]:
        """Yield the networks that container engines and virtual machines made on this host."""
        for line in _lines(self._proc / "net" / "route")[1:]:
            interface, network, *_, mask = line.split()[:8]
            if _INNER.match(interface) and int(network, 16):
                yield IPv4Network(f"{_parsed(network)}/{_parsed(mask)}")

    def _ipv6(self) -> Iterator[str]:
        for line in _lines(self._proc / "net" / "if_inet6"):
            digits, _, _, _, flags, _ = line.split()
            address = IPv6Address(bytes.fromhex(digits))
            if not (address.is_loopback or address.is_link_local or int(flags, 16) & (_TEMPORARY_OR_OLD | _NOT_OURS)):
                yield str(address)


class _Bound(NamedTuple):
    address: str
    port: int
    protocol: str
    inode: str


class _Owner(NamedTuple):
    program: str
    pid: int
    container_id: str


_NOBODY = _Owner("", 0, "")


def _lines(file: Path) -> list[str]:
    """Return the lines, none if the file is not there (no IPv6, process gone) or only for root."""
    try:
        return file.read_text(errors="replace").splitlines()
    except OSError:
        return []


def _links(folder: Path) -> Iterator[str]:
    try:
        names = os.listdir(folder)  # noqa: PTH208 many thousands of them: plain calls are ten times as fast
    except OSError:
        return
    for name in names:
        try:
            yield os.readlink(f"{folder}/{name}")  # noqa: PTH115
        except OSError:
            continue


def _parsed(digits: str) -> str:
    """Return an address of the kernel's tables (words of 32 bits, in the machine's order); empty for all."""
    words = [int(digits[start : start + 8], 16) for start in range(0, len(digits), 8)]
    raw = b"".join(word.to_bytes(4, "big") for word in (socket.ntohl(word) for word in words))
    address = ip_address(raw)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return "" if address.is_unspecified else str(address)


def _network(address: str) -> int:
    """Return the network of an IPv6 address (64 bits, RFC 4291 2.5.1); 0 for any other."""
    return int(IPv6Address(address)) >> 64 if ":" in address else 0


def _outgoing(family: socket.AddressFamily, towards: str) -> str:
    """Return the address that a packet would leave from; none is sent."""
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((towards, 9))
        except OSError:
            return ""
        return str(probe.getsockname()[0])
