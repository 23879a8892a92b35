"""Routers for tests on this machine itself, which answer rightly but for what a test has them say."""

from __future__ import annotations

import socket
import socketserver
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

import pytest
from tests.effects.listening import listening

from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.router import Language, Led, Order
from xmpp_wizard.effects.router import HostRouter

HOSTS = {"IPv4": "127.0.0.1", "IPv6": "::1"}
SECONDS = 1.5

Said = bytes | Iterator[bytes] | int
Answer = Callable[[str, str], Said]
"""What is answered to (action, arguments): a body, one bit by bit, or the number of an error."""


def soap(inner: str) -> bytes:
    return f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{inner}</s:Body></s:Envelope>'.encode()


def fault(code: str, words: str = "No") -> bytes:
    return soap(f"<s:Fault><errorCode>{code}</errorCode><errorDescription>{words}</errorDescription></s:Fault>")


def described(kind: str, control: str = "/control") -> bytes:
    service = f"<serviceType>urn:schemas-upnp-org:service:{kind}</serviceType><controlURL>{control}</controlURL>"
    return f"<root><device><serviceList><service>{service}</service></serviceList></device></root>".encode()


GOOD: Mapping[str, Mapping[str, bytes]] = {
    "IPv4": {
        "GetExternalIPAddress": soap("<NewExternalIPAddress>93.184.216.34</NewExternalIPAddress>"),
        "GetSpecificPortMappingEntry": soap("<NewInternalClient>127.0.0.1</NewInternalClient>"),
    },
    "IPv6": {
        "GetFirewallStatus": soap(
            "<FirewallEnabled>1</FirewallEnabled><InboundPinholeAllowed>1</InboundPinholeAllowed>"
        ),
        "AddPinhole": soap("<UniqueID>7</UniqueID>"),
        "CheckPinholeWorking": fault("709"),
    },
}
KINDS = {"IPv4": "WANIPConnection:1", "IPv6": "WANIPv6FirewallControl:1"}


@dataclass
class Gateway:
    """A router on this machine that answers as ``special`` has it, by action, and rightly to the rest."""

    family: str
    special: dict[str, Said] = field(default_factory=dict)
    page: Said = b""
    pcp: Callable[[bytes], bytes] = lambda _: b""
    language: Language = "UPnP"
    """What it is known to understand."""
    asked: list[str] = field(default_factory=list)
    router: HostRouter = field(default_factory=HostRouter)

    def order(self, *doors: Door) -> Order:
        host = HOSTS[self.family]
        return Order(host, host, doors, "xmpp-wizard", "ours", 3600, self.language)

    def lead(self, *doors: Door) -> Led:
        return self.router.lead(self.order(*doors), SECONDS)

    def reasons(self, *doors: Door) -> list[str]:
        return [one.reason for one in self.lead(*doors).refused]

    def said(self, action: str) -> Said:
        return self.special.get(action, GOOD[self.family].get(action, soap("")))


class _Handler(BaseHTTPRequestHandler):
    gateway: Gateway

    def do_GET(self) -> None:
        self.tell(self.gateway.page or described(KINDS[self.gateway.family]))

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        action = self.headers["SOAPAction"].strip('"').rpartition("#")[2]
        self.gateway.asked.append(action)
        self.tell(self.gateway.said(action))

    def tell(self, said: Said) -> None:
        self.send_response(500 if isinstance(said, int) or (isinstance(said, bytes) and b"Fault" in said) else 200)
        self.end_headers()
        pieces = [fault(str(said))] if isinstance(said, int) else [said] if isinstance(said, bytes) else said
        try:
            for piece in pieces:
                self.wfile.write(piece)
                self.wfile.flush()
        except OSError:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def datagrams(family: str, answer: Callable[[bytes], list[bytes]]) -> Iterator[int]:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, connection = self.request
            for told in answer(data):
                connection.sendto(told, self.client_address)

    class Server(socketserver.UDPServer):
        address_family = _kind(family)

    server = Server((HOSTS[family], 0), Handler)
    with listening(server, server.server_address[1]) as port:
        yield port


def _kind(family: str) -> socket.AddressFamily:
    if family == "IPv4":
        return socket.AF_INET
    if not _has_ipv6():
        pytest.skip("this machine has no IPv6, not even within itself, as containers often have none")
    return socket.AF_INET6


@cache
def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind((HOSTS["IPv6"], 0))
    except OSError:
        return False
    return True


@contextmanager
def standing(gateway: Gateway, location: Callable[[int], list[str]] | None = None) -> Iterator[Gateway]:
    """Let the router stand; ``location`` is where it says that it describes itself."""

    class Server(ThreadingHTTPServer):
        address_family = _kind(gateway.family)

    handler = type("Handler", (_Handler,), {"gateway": gateway})
    web = Server((HOSTS[gateway.family], 0), handler)
    host = f"[{HOSTS[gateway.family]}]" if gateway.family == "IPv6" else HOSTS[gateway.family]
    pages = location(web.server_port) if location else [f"http://{host}:{web.server_port}/root.xml"]
    found = [f"HTTP/1.1 200 OK\r\nLOCATION: {page}\r\n\r\n".encode() for page in pages]
    with ExitStack() as stack:
        stack.enter_context(listening(web, web.server_port))
        search = stack.enter_context(datagrams(gateway.family, lambda _: found))
        mapping = stack.enter_context(
            datagrams(gateway.family, lambda data: [told] if (told := gateway.pcp(data)) else [])
        )
        places = {"ssdp": (HOSTS["IPv4"], search), "ssdp_6": (HOSTS["IPv6"], search)}
        gateway.router = HostRouter(mapping, **places)
        yield gateway


HEAD, MAPPING = struct.Struct("!BBxBIIxxxxxxxxxxxx"), struct.Struct("!12sBxxxHH16s")


@dataclass
class PcpServer:
    """A router that speaks PCP for IPv6 as RFC 6887 has it (7.2, 11.1), but for what a test changes of its answer."""

    result: int = 0
    holds: int = 3600
    changed: Mapping[str, object] = field(default_factory=dict)
    cut: int = 60
    seen: list[bytes] = field(default_factory=list)

    def __call__(self, data: bytes) -> bytes:
        version, kind, lifetime = struct.unpack_from("!BBxxI", data)
        assert (version, data[8:24]) == (2, ip_address("::1").packed)
        if kind == 0:
            return HEAD.pack(2, 0x80, 0, 0, 1)
        nonce, protocol, inside, outside, address = MAPPING.unpack_from(data, 24)
        self.seen.append(data)
        assert address == bytes(16), "no suggestion (RFC 6887 11.1)"
        assert (outside == inside and data[60] == 2) or not lifetime
        answer = {"nonce": nonce, "protocol": protocol, "inside": inside, "outside": inside, "address": data[8:24]}
        answer.update(self.changed)
        holds = min(self.holds, lifetime) if self.holds < 2**31 else self.holds
        return (HEAD.pack(2, 0x81, self.result, holds, 1) + MAPPING.pack(*answer.values()))[: self.cut]
