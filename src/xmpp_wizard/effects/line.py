"""The router and the world outside, asked for the address of this line: NAT-PMP, UPnP and STUN. Nothing is changed."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import IPv4Address
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element, ParseError, fromstring

_NAT_PMP_PORT = 5351
_SSDP = ("239.255.255.250", 1900)
_COOKIE = 0x2112A442
_MAPPED, _XOR_MAPPED = 0x0001, 0x0020
_LARGEST = 65536
_SEARCH = (
    'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\n'
    "ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n\r\n"
)
_ASK = (
    '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
    's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>'
    '<u:GetExternalIPAddress xmlns:u="{service}"/></s:Body></s:Envelope>'
)


class HostLine:
    """:class:`~xmpp_wizard.core.line.LineProbe` of this machine."""

    def __init__(
        self, root: Path = Path("/"), nat_pmp_port: int = _NAT_PMP_PORT, ssdp: tuple[str, int] = _SSDP
    ) -> None:
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
        answer = _asked((gateway, self._nat_pmp_port), b"\0\0", seconds)
        if len(answer) < 12 or answer[1] != 128 or answer[2:4] != b"\0\0":  # noqa: PLR2004 RFC 6886 3.2
            return ""
        return str(IPv4Address(answer[8:12]))

    def _by_upnp(self, gateway: str, seconds: float) -> str:
        """Believe the router alone: whoever else answers on this network is not asked."""
        answer = _asked(self._ssdp, _SEARCH.encode(), seconds).decode(errors="replace")
        headers = (line.partition(":") for line in answer.splitlines())
        page = next((value.strip() for name, _, value in headers if name.strip().lower() == "location"), "")
        if urlsplit(page).hostname != gateway:
            return ""
        return _by_soap(page, seconds)


def _asked(place: tuple[str, int], question: bytes, seconds: float) -> bytes:
    """Send a datagram and return the first answer; nothing where none comes."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(seconds)
        asking.sendto(question, place)
        return asking.recv(_LARGEST)
    return b""


def _by_stun(server: str, seconds: float) -> str:
    host, _, port = server.rpartition(":")
    token = os.urandom(12)
    answer = _asked((host, int(port)), struct.pack("!HHI", 1, 0, _COOKIE) + token, seconds)
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


def _by_soap(page: str, seconds: float) -> str:
    """Ask the services of the router for its address on the other side, until one knows."""
    import requests  # noqa: PLC0415 it takes long to load

    try:
        description = _parsed(requests.get(page, timeout=seconds, allow_redirects=False).content)
        for service, control in _connections(description):
            address = urljoin(page, control)
            if urlsplit(address).hostname != urlsplit(page).hostname:
                continue
            headers = {"SOAPAction": f'"{service}#GetExternalIPAddress"', "Content-Type": 'text/xml; charset="utf-8"'}
            body = _ASK.format(service=service)
            answer = requests.post(address, body, headers=headers, timeout=seconds, allow_redirects=False)
            found = _parsed(answer.content).findtext(".//NewExternalIPAddress")
            if found:
                return str(IPv4Address(found.strip()))
    except (requests.RequestException, ParseError, ValueError):
        return ""
    return ""


def _parsed(content: bytes) -> Element:
    # the router's own words, and not many of them; expat refuses entities that blow up
    return fromstring(content[:_LARGEST])  # noqa: S314


def _connections(description: Element) -> Sequence[tuple[str, str]]:
    """Return the kind and the control address of each service that is a way out."""
    found = []
    for service in description.iter():
        facts = {child.tag.rpartition("}")[2]: child.text or "" for child in service}
        kind = facts.get("serviceType", "")
        if ":WANIPConnection:" in kind or ":WANPPPConnection:" in kind:
            found.append((kind, facts.get("controlURL", "")))
    return found
