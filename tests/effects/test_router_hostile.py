"""Routers that lie, refuse, drip and shout: none is believed more than it proves, and none keeps anybody waiting."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address

import pytest
from tests.effects.false_router import (
    GOOD,
    HOSTS,
    KINDS,
    SECONDS,
    Gateway,
    PcpServer,
    Said,
    described,
    fault,
    soap,
    standing,
)

from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.effects.line import HostLine

APPS, SERVERS, CALLS = Door(5222), Door(5269), Door(3478, "udp")
PATIENCE_SECONDS = 20.0
"""For all of an order on a busy machine; without a limit each of these would take for ever."""


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
