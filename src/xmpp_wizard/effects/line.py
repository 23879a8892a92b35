"""The router and the world outside, asked for the address of this line: NAT-PMP, UPnP and STUN. Nothing is changed."""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from xmpp_wizard.effects.pcp import PORT, asked
from xmpp_wizard.effects.upnp import SSDP, UpnpError, services

_COOKIE = 0x2112A442
_MAPPED, _XOR_MAPPED = 0x0001, 0x0020


class HostLine:
    """:class:`~xmpp_wizard.core.network.line.LineProbe` of this machine."""

    def __init__(self, root: Path = Path("/"), nat_pmp_port: int = PORT, ssdp: tuple[str, int] = SSDP) -> None:
        """``root`` is where ``proc`` is; the others are where routers listen."""
        self._root, self._nat_pmp_port, self._ssdp = root, nat_pmp_port, ssdp

    def gateway(self) -> str:
        """Return where the kernel sends what is for nobody near (proc_net_route: little endian)."""
        with suppress(OSError, ValueError, IndexError):
            for line in (self._root / "proc/net/route").read_text().splitlines()[1:]:
                fields = line.split()
                if fields[1] == "00000000" and fields[2] != "00000000":
                    return str(IPv4Address(bytes.fromhex(fields[2])[::-1]))
        return ""

    def gateway_6(self) -> str:
        """Do the same for IPv6 (proc_net_ipv6_route); most routers have an address for this link alone."""
        found: list[tuple[int, str]] = []
        with suppress(OSError, ValueError, IndexError):
            for line in (self._root / "proc/net/ipv6_route").read_text().splitlines():
                to, width, _, _, via, metric, *_, device = line.split()
                if int(to, 16) == int(width, 16) == 0 and int(via, 16) != 0:
                    address = IPv6Address(bytes.fromhex(via))
                    found.append((int(metric, 16), f"{address}%{device}" if address.is_link_local else str(address)))
        return min(found, default=(0, ""))[1]

    def router_has(self, gateway: str, seconds: float) -> str:
        """Ask by NAT-PMP (RFC 6886), which takes an instant, then by UPnP."""
        return self._by_nat_pmp(gateway, seconds / 3) or self._by_upnp(gateway, seconds / 3) if gateway else ""

    def outside_sees(self, servers: Sequence[str], seconds: float) -> str:
        """Ask one after the other until one answers (RFC 8489)."""
        for server in servers:
            found = _by_stun(server, seconds / len(servers))
            if found:
                return found
        return ""

    def _by_nat_pmp(self, gateway: str, seconds: float) -> str:
        answer = asked((gateway, self._nat_pmp_port), b"\0\0", seconds)
        if len(answer) < 12 or answer[1] != 128 or answer[2:4] != b"\0\0":  # noqa: PLR2004 RFC 6886 3.2
            return ""
        return str(IPv4Address(answer[8:12]))

    def _by_upnp(self, gateway: str, seconds: float) -> str:
        """Ask the services of the router for its address on the other side, until one knows."""
        for service in services(gateway, seconds, self._ssdp):
            with suppress(UpnpError, ValueError):
                return str(IPv4Address(service.call("GetExternalIPAddress").get("NewExternalIPAddress", "")))
        return ""


def _by_stun(server: str, seconds: float) -> str:
    host, _, port = server.rpartition(":")
    token = os.urandom(12)
    answer = asked((host, int(port)), struct.pack("!HHI", 1, 0, _COOKIE) + token, seconds)
    if len(answer) < 20 or answer[:2] != b"\x01\x01" or answer[8:20] != token:  # noqa: PLR2004 the header
        return ""
    left = answer[20:]
    while len(left) >= 4:  # noqa: PLR2004 an attribute's head
        kind, length = struct.unpack("!HH", left[:4])
        value, left = left[4 : 4 + length], left[4 + (length + 3) // 4 * 4 :]
        if kind in (_MAPPED, _XOR_MAPPED) and len(value) == 8 and value[1] == 1:  # noqa: PLR2004 IPv4
            number = int.from_bytes(value[4:], "big")
            return str(IPv4Address(number ^ _COOKIE if kind == _XOR_MAPPED else number))
    return ""
