"""Routers that lie, refuse, drip and shout: none is believed more than it proves, and none keeps anybody waiting."""

from __future__ import annotations

import socket
import socketserver
import struct
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

import pytest
from tests.effects.test_line import listening

from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.router import Language, Led, Order
from xmpp_wizard.effects.line import HostLine
from xmpp_wizard.effects.router import HostRouter

APPS, SERVERS, CALLS = Door(5222), Door(5269), Door(3478, "udp")
HOSTS = {"IPv4": "127.0.0.1", "IPv6": "::1"}
SECONDS = 1.0
PATIENCE_SECONDS = 20.0
"""For all of an order on a busy machine; without a limit each of these would take for ever."""

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
    return socket.AF_INET6 if family == "IPv6" else socket.AF_INET


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


@pytest.fixture(params=["IPv4", "IPv6"])
def gateway(request: pytest.FixtureRequest) -> Gateway:
    return Gateway(request.param)


ADD = {"IPv4": "AddPortMapping", "IPv6": "AddPinhole"}


def test_a_router_that_keeps_to_its_word_is_believed(gateway: Gateway) -> None:
    with standing(gateway):
        assert gateway.router.speaks(HOSTS[gateway.family], 2 * SECONDS) == "UPnP"
        assert dict(gateway.lead(APPS, CALLS).doors) == {APPS: 3600, CALLS: 3600}
        assert gateway.router.release(gateway.order(APPS), SECONDS) == ()
    deleted = {"IPv4": "DeletePortMapping", "IPv6": "DeletePinhole"}
    assert gateway.asked[-1] == deleted[gateway.family]


def test_what_is_said_to_the_router_goes_through_no_proxy(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    with standing(gateway):
        assert set(gateway.lead(APPS).doors) == {APPS}


@pytest.mark.parametrize(
    ("code", "reason"),
    [(606, "forbidden"), (703, "forbidden"), (701, "other"), (402, "other"), (501, "other"), (708, "other")],
)
def test_what_a_firewall_refuses_is_told_by_its_reason(code: int, reason: str) -> None:
    with standing(Gateway("IPv6", {"AddPinhole": code})) as gateway:
        led = gateway.lead(APPS)
    assert (dict(led.doors), [one.reason for one in led.refused]) == ({}, [reason])
    assert led.refused[0].detail == f"{code} No"


def test_a_firewall_that_is_off_has_nothing_to_open_and_nothing_to_close() -> None:
    off = soap("<FirewallEnabled>0</FirewallEnabled><InboundPinholeAllowed>0</InboundPinholeAllowed>")
    with standing(Gateway("IPv6", {"GetFirewallStatus": off, "AddPinhole": 702})) as gateway:
        assert set(gateway.lead(APPS).doors) == {APPS}
        assert gateway.router.release(gateway.order(APPS), SECONDS) == ()
    assert "DeletePinhole" not in gateway.asked


@pytest.mark.parametrize("code", [704, 402], ids=["no such entry", "as miniupnpd says it"])
def test_a_firewall_that_says_yes_and_does_nothing_is_found_out(code: int) -> None:
    with standing(Gateway("IPv6", {"CheckPinholeWorking": code})) as gateway:
        assert gateway.reasons(APPS) == ["forbidden"]


@pytest.mark.parametrize("code", [602, 501, 709], ids=["cannot tell", "fails to", "nobody came yet"])
def test_a_firewall_that_cannot_be_asked_back_is_taken_at_its_word(code: int) -> None:
    with standing(Gateway("IPv6", {"CheckPinholeWorking": code})) as gateway:
        assert set(gateway.lead(APPS).doors) == {APPS}


def test_a_router_that_says_yes_and_does_nothing_is_found_out() -> None:
    with standing(Gateway("IPv4", {"GetSpecificPortMappingEntry": 714})) as gateway:
        assert gateway.reasons(APPS) == ["forbidden"]


def test_a_router_of_the_first_kind_has_no_firewall_that_could_be_told() -> None:
    with standing(Gateway("IPv6", page=described("WANIPConnection:1"))) as gateway:
        assert gateway.router.speaks("::1", 2 * SECONDS) == ""
        assert gateway.reasons(APPS) == ["silent"]
    assert gateway.asked == []


def drip() -> Iterator[bytes]:
    while True:
        yield b" "
        time.sleep(0.05)


def flood() -> Iterator[bytes]:
    yield b"<a>"
    while True:
        yield b"x" * 65536


BOMB = (
    '<!DOCTYPE a [<!ENTITY x0 "xxxxxxxxxx">'
    + "".join(f'<!ENTITY x{level + 1} "{f"&x{level};" * 10}">' for level in range(9))
    + "]><a>&x9;</a>"
).encode()
NONSENSE: Mapping[str, Callable[[], Said]] = {
    "nothing": lambda: b"",
    "half": lambda: b"<a><b>",
    "no xml": lambda: b"yes, done",
    "deep": lambda: b"<a>" * 20000,
    "bomb": lambda: BOMB,
    "drip": drip,
    "flood": flood,
    "a number without end": lambda: fault("9" * 5000),
    "no number": lambda: fault("\u0667x"),
}


@pytest.mark.parametrize("said", NONSENSE)
@pytest.mark.parametrize("where", ["page", "answer"])
def test_nonsense_is_no_answer_and_nobody_waits_for_its_end(gateway: Gateway, said: str, where: str) -> None:
    """Each of many doors would have its turn: who is silent once is not asked for the others."""
    if where == "page":
        gateway.page = NONSENSE[said]() or b" "
    else:
        gateway.special[ADD[gateway.family]] = NONSENSE[said]()
    doors = tuple(Door(port) for port in range(5000, 5030))
    begun = time.monotonic()
    with standing(gateway):
        assert set(gateway.reasons(*doors)) == {"silent"}
        assert time.monotonic() - begun < PATIENCE_SECONDS
    assert gateway.asked.count(ADD[gateway.family]) <= 1


def test_who_does_not_answer_has_taken_nothing_back(gateway: Gateway) -> None:
    whole = dict.fromkeys((*GOOD[gateway.family], "DeletePortMapping", "DeletePinhole"), b"")
    first = "GetExternalIPAddress" if gateway.family == "IPv4" else "GetFirewallStatus"
    gateway.special = {action: said for action, said in whole.items() if action != first}
    with standing(gateway):
        assert gateway.router.release(gateway.order(APPS, CALLS), SECONDS) == (APPS, CALLS)


def test_a_router_s_words_are_short_and_no_order_to_a_terminal(gateway: Gateway) -> None:
    gateway.special[ADD[gateway.family]] = fault("501", "No\u009b31m\n\u202e" + "!" * 5000)
    with standing(gateway):
        (refusal,) = gateway.lead(APPS).refused
    assert refusal.detail.isprintable()
    assert refusal.detail.startswith("501 No31m")
    assert len(refusal.detail) < 250


@pytest.mark.parametrize("control", ["http://[", "http://x:99999999/", "ftp://127.0.0.1/"])
def test_a_control_address_that_is_none_is_no_service(gateway: Gateway, control: str) -> None:
    gateway.page = described(KINDS[gateway.family], control)
    with standing(gateway):
        assert gateway.reasons(APPS) == ["silent"]


def test_only_the_router_is_asked_whatever_it_names() -> None:
    gateway = Gateway("IPv6", page=described(KINDS["IPv6"], "http://93.184.216.34/control"))
    with standing(gateway, lambda port: [f"http://[2003:e5::66]:{port}/root.xml"]):
        # the port of the other link is the web's, where nobody listens here
        assert gateway.reasons(APPS) == ["silent"]
    gateway = Gateway("IPv4", page=described(KINDS["IPv4"], "http://93.184.216.34/control"))
    with standing(gateway):
        assert gateway.reasons(APPS) == ["silent"]
    assert gateway.asked == []


def test_a_neighbour_that_answers_first_does_not_hide_the_router(gateway: Gateway) -> None:
    host = "[::1]" if gateway.family == "IPv6" else "127.0.0.1"
    with standing(gateway, lambda port: ["http://[", f"http://{host}:1/x", f"http://{host}:{port}/root.xml"]):
        assert set(gateway.lead(APPS).doors) == {APPS}


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


@pytest.mark.parametrize(
    ("server", "reason"),
    [
        (PcpServer(result=2), "forbidden"),
        (PcpServer(result=3), "other"),
        (PcpServer(result=11), "other"),
        (PcpServer(changed={"nonce": b"somebody's.."}), "silent"),
        (PcpServer(changed={"protocol": 17}), "silent"),
        (PcpServer(changed={"inside": 22}), "silent"),
        (PcpServer(changed={"outside": 22}), "other"),
        (PcpServer(changed={"address": ip_address("2003:e5::66").packed}), "other"),
        (PcpServer(holds=0), "silent"),
        (PcpServer(cut=3), "silent"),
        (PcpServer(cut=24), "silent"),
        (PcpServer(cut=59), "silent"),
    ],
    ids=str,
)
def test_an_answer_by_pcp_has_to_fit_the_question(server: PcpServer, reason: str) -> None:
    with standing(Gateway("IPv6", page=b"-", pcp=server, language="PCP")) as gateway:
        assert gateway.router.speaks("::1", SECONDS) == "PCP"
        led = gateway.lead(APPS)
    assert (dict(led.doors), [one.reason for one in led.refused]) == ({}, [reason])
    assert server.seen


@pytest.mark.parametrize(("holds", "told"), [(120, 120), (2**32 - 1, 3600)])
def test_what_pcp_grants_is_for_as_long_as_it_says_and_no_longer_than_asked(holds: int, told: int) -> None:
    server = PcpServer(holds=holds)
    with standing(Gateway("IPv6", pcp=server, language="PCP")) as gateway:
        assert dict(gateway.lead(APPS, CALLS).doors) == {APPS: told, CALLS: told}
        assert gateway.router.release(gateway.order(APPS), SECONDS) == ()
    assert struct.unpack_from("!I", server.seen[-1], 4) == (0,)


def test_what_pcp_is_refused_is_asked_for_in_upnp() -> None:
    with standing(Gateway("IPv6", pcp=PcpServer(result=2), language="PCP")) as gateway:
        led = gateway.lead(APPS)
        assert (led.language, set(led.doors), led.refused) == ("PCP", {APPS}, ())
        assert gateway.router.release(gateway.order(APPS), SECONDS) == ()
    assert gateway.asked[-1] == "DeletePinhole"


@pytest.mark.parametrize("said", ["drip", "flood", "bomb", "deep", "no xml"])
def test_a_line_is_looked_at_in_time_whatever_the_router_says(said: str) -> None:
    gateway = Gateway("IPv4", {"GetExternalIPAddress": NONSENSE[said]()})
    begun = time.monotonic()
    with standing(gateway):
        line = HostLine(nat_pmp_port=1, ssdp=gateway.router._ssdp)
        assert line.router_has("127.0.0.1", 3 * SECONDS) == ""
        assert time.monotonic() - begun < PATIENCE_SECONDS
