"""A router and the world outside, as real sockets on this machine answer for them."""

from __future__ import annotations

import socketserver
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from tests.effects.listening import listening

from xmpp_wizard.effects.line import HostLine

WAN = "93.184.216.34"
HERE = "127.0.0.1"
COOKIE = 0x2112A442
SECONDS = 1.5
SERVICE = "urn:schemas-upnp-org:service:WANIPConnection:1"
DESCRIPTION = f"""<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device><deviceList><device>
<serviceList><service><serviceType>urn:schemas-upnp-org:service:Layer3Forwarding:1</serviceType>
<controlURL>/l3</controlURL></service><service><serviceType>{SERVICE}</serviceType>
<controlURL>/control</controlURL></service></serviceList></device></deviceList></device></root>"""


@contextmanager
def datagrams(answer: Callable[[bytes], bytes]) -> Iterator[int]:
    """Answer each datagram; an empty answer is none."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, connection = self.request
            if told := answer(data):
                connection.sendto(told, self.client_address)

    server = socketserver.UDPServer((HERE, 0), Handler)
    with listening(server, server.server_address[1]) as port:
        yield port


@contextmanager
def web(said: str, asked: list[str]) -> Iterator[int]:
    """Serve a router's description, and answer its service with ``said``."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.tell(DESCRIPTION)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(f"{self.path} {self.headers['SOAPAction']}")
            self.tell(said)

        def tell(self, text: str) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer((HERE, 0), Handler)
    with listening(server, server.server_port) as port:
        yield port


def nat_pmp(data: bytes) -> bytes:
    assert data == b"\0\0"
    return b"\0\x80\0\0" + struct.pack("!I", 77) + IPv4Address(WAN).packed


def stun(data: bytes) -> bytes:
    kind, length, cookie = struct.unpack("!HHI", data[:8])
    assert (kind, length, cookie, len(data)) == (1, 0, COOKIE, 20)
    mapped = struct.pack("!HHBBHI", 0x0020, 8, 0, 1, 4711, int(IPv4Address(WAN)) ^ COOKIE)
    software = struct.pack("!HH", 0x8022, 3) + b"abc\0"
    return struct.pack("!HHI", 0x0101, len(software + mapped), COOKIE) + data[8:] + software + mapped


def soap(address: str) -> str:
    inner = (
        f'<u:GetExternalIPAddressResponse xmlns:u="{SERVICE}"><NewExternalIPAddress>{address}</NewExternalIPAddress>'
    )
    return (
        '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        f"{inner}</u:GetExternalIPAddressResponse></s:Body></s:Envelope>"
    )


@pytest.fixture
def host(tmp_path: Path) -> Path:
    (tmp_path / "proc/net").mkdir(parents=True)
    return tmp_path


def test_the_gateway_is_where_everything_goes(host: Path) -> None:
    assert HostLine(host).gateway() == ""
    text = "Iface\tDestination\tGateway \tFlags\neth0\t0001A8C0\t00000000\t1\neth0\t00000000\t0101A8C0\t3\n"
    (host / "proc/net/route").write_text(text)
    assert HostLine(host).gateway() == "192.168.1.1"


def test_a_router_tells_by_nat_pmp(host: Path) -> None:
    with datagrams(nat_pmp) as port:
        assert HostLine(host, nat_pmp_port=port).router_has(HERE, SECONDS) == WAN


@pytest.mark.parametrize(
    "answer",
    [b"", b"\0\x80\0\3" + bytes(8), b"\0\x80\0\0", b"\0\x81\0\0" + bytes(8)],
    ids=["none", "no", "short", "odd"],
)
def test_a_router_that_does_not_want_to_tells_nothing(host: Path, answer: bytes) -> None:
    with datagrams(lambda _: answer) as port, datagrams(lambda _: b"") as silent:
        assert HostLine(host, port, (HERE, silent)).router_has(HERE, SECONDS) == ""


@pytest.mark.parametrize(
    ("said", "found"), [(soap(WAN), WAN), (soap("10.0.0.7"), "10.0.0.7"), (soap(""), ""), ("<", ""), (soap("x"), "")]
)
def test_a_router_tells_by_upnp(host: Path, said: str, found: str) -> None:
    asked: list[str] = []
    with ExitStack() as stack:
        page = stack.enter_context(web(said, asked))
        location = f"HTTP/1.1 200 OK\r\nST: x\r\nLOCATION: http://{HERE}:{page}/root.xml\r\n\r\n".encode()
        search = stack.enter_context(datagrams(lambda data: location if data.startswith(b"M-SEARCH") else b""))
        silent = stack.enter_context(datagrams(lambda _: b""))
        assert HostLine(host, silent, (HERE, search)).router_has(HERE, SECONDS) == found
    assert asked == [f'/control "{SERVICE}#GetExternalIPAddress"']


def test_who_is_not_the_router_is_not_believed(host: Path) -> None:
    asked: list[str] = []
    with ExitStack() as stack:
        page = stack.enter_context(web(soap(WAN), asked))
        location = f"HTTP/1.1 200 OK\r\nLocation: http://{HERE}:{page}/root.xml\r\n\r\n".encode()
        search = stack.enter_context(datagrams(lambda _: location))
        silent = stack.enter_context(datagrams(lambda _: b""))
        assert HostLine(host, silent, (HERE, search)).router_has("127.0.0.2", SECONDS) == ""
    assert asked == []


def test_without_a_router_nobody_is_asked(host: Path) -> None:
    assert HostLine(host).router_has("", SECONDS) == ""


def test_the_world_tells_the_address_that_it_sees() -> None:
    with datagrams(stun) as port, datagrams(lambda _: b"") as silent:
        assert HostLine().outside_sees([f"{HERE}:{silent}", f"{HERE}:{port}"], SECONDS) == WAN


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: b"nonsense",
        lambda _: b"\x01\x01\0\0" + bytes(16),
        lambda data: stun(data)[:8] + bytes(12) + stun(data)[20:],
        lambda data: stun(data)[:24],
    ],
    ids=["nonsense", "empty", "another question's", "cut off"],
)
def test_what_is_no_answer_is_none(answer: Callable[[bytes], bytes]) -> None:
    with datagrams(answer) as port:
        assert HostLine().outside_sees([f"{HERE}:{port}"], SECONDS / 3) == ""


def test_a_name_that_leads_nowhere_is_no_answer() -> None:
    assert HostLine().outside_sees(["no-such-name.invalid:3478"], SECONDS) == ""
