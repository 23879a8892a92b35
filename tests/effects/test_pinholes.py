"""A real router's IPv6 firewall (miniupnpd), and who outside gets in through it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.home_network import (
    HERE_6,
    NEXT_6,
    ROUTER_6,
    STRANGER_6,
    Home,
    home_network,
    needs_network,
    run,
    within,
)

from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.router import Language, Led, Order
from xmpp_wizard.effects.router import HostRouter

pytestmark = [pytest.mark.e2e, needs_network]

APPS, SERVERS, CALLS, WEB = Door(5222), Door(5269), Door(3478, "udp"), Door(443)
SECONDS = 2.5


@pytest.fixture
def home() -> Iterator[Home]:
    with home_network() as home:
        home.listen(home.inside, (APPS.port, SERVERS.port, WEB.port))
        yield home


def order(*doors: Door, address: str = HERE_6) -> Order:
    return Order(ROUTER_6, address, doors, "xmpp-wizard", "ours", 3600)


def lead(home: Home, wanted: Order) -> Led:
    return within(home.inside, lambda: HostRouter().lead(wanted, SECONDS))


def release(home: Home, wanted: Order) -> tuple[Door, ...]:
    return within(home.inside, lambda: HostRouter().release(wanted, SECONDS))


def gets_in(home: Home, door: Door, address: str = HERE_6) -> bool:
    return home.sees(home.outside, address, door.port) == STRANGER_6


@pytest.mark.parametrize("language", ["UPnP", "PCP"])
def test_strangers_get_in_where_it_was_ordered_and_nowhere_else(home: Home, tmp_path: Path, language: Language) -> None:
    home.start_router(tmp_path, upnp=language == "UPnP", pcp=language == "PCP")
    assert within(home.inside, lambda: HostRouter().speaks(ROUTER_6, 2 * SECONDS)) == language
    assert not gets_in(home, APPS)
    before = home.rules()
    led = lead(home, order(APPS, CALLS))
    assert (led.language, set(led.doors), led.refused) == (language, {APPS, CALLS}, ())
    assert all(0 < seconds <= 3600 for seconds in led.doors.values())
    assert gets_in(home, APPS)
    assert not gets_in(home, SERVERS)
    assert release(home, order(APPS, CALLS)) == ()
    assert not gets_in(home, APPS)
    assert home.rules() == before


def test_what_is_ordered_again_is_one_opening_and_can_be_taken_back(home: Home, tmp_path: Path) -> None:
    """This miniupnpd no longer knows by PCP whose it is then; it still does so by UPnP."""
    home.start_router(tmp_path)
    before = home.rules()
    lead(home, order(APPS))
    once = home.rules()
    assert set(lead(home, order(APPS)).doors) == {APPS}
    assert home.rules().count("5222") == once.count("5222")
    assert gets_in(home, APPS)
    assert release(home, order(APPS)) == ()
    assert not gets_in(home, APPS)
    assert home.rules() == before
    assert release(home, order(APPS)) == (), "a second time"


def test_ports_of_the_system_are_opened_by_pcp_alone(home: Home, tmp_path: Path) -> None:
    home.start_router(tmp_path, pcp=False)
    led = lead(home, order(WEB, APPS))
    assert set(led.doors) == {APPS}
    assert [(one.door, one.reason) for one in led.refused] == [(WEB, "forbidden")]
    assert not gets_in(home, WEB)


def test_pcp_opens_the_web_too(home: Home, tmp_path: Path) -> None:
    home.start_router(tmp_path)
    assert set(lead(home, order(WEB, APPS)).doors) == {WEB, APPS}
    assert gets_in(home, WEB)


@pytest.mark.parametrize("language", ["UPnP", "PCP"])
def test_an_address_that_this_machine_does_not_have_opens_nothing(
    home: Home, tmp_path: Path, language: Language
) -> None:
    home.start_router(tmp_path, upnp=language == "UPnP", pcp=language == "PCP")
    before = home.rules()
    led = lead(home, order(APPS, address=NEXT_6))
    assert (dict(led.doors), [one.reason for one in led.refused]) == ({}, ["silent"])
    assert release(home, order(APPS, address=NEXT_6)) == (APPS,)
    assert home.rules() == before


def test_a_router_that_takes_no_orders_is_silent(home: Home) -> None:
    assert within(home.inside, lambda: HostRouter().speaks(ROUTER_6, 1.0)) == ""
    assert [one.reason for one in lead(home, order(APPS)).refused] == ["silent"]
    assert release(home, order(APPS)) == (APPS,)


def test_the_router_is_found_by_the_way_out(home: Home) -> None:
    ask = "from xmpp_wizard.effects.line import HostLine; print(HostLine().gateway_6())"
    assert run("ip", "netns", "exec", home.inside, sys.executable, "-c", ask).strip() == ROUTER_6


@pytest.mark.parametrize(("used", "other"), [(NEXT_6, HERE_6), (HERE_6, NEXT_6)])
def test_the_lasting_address_of_the_prefix_in_use_comes_first(home: Home, used: str, other: str) -> None:
    """Two prefixes at once, as after a change: what this machine sends leaves from a passing address of one of them."""
    own = ("ip", "-n", home.inside, "address")
    run(*own, "delete", f"{HERE_6}/64", "dev", "eth0")
    run("ip", "netns", "exec", home.inside, "sysctl", "-qw", "net.ipv6.conf.eth0.use_tempaddr=2")
    run(*own, "add", f"{used}/64", "dev", "eth0", "nodad", "mngtmpaddr")
    run(*own, "add", f"{other}/64", "dev", "eth0", "nodad")
    for _ in range(50):
        if "temporary" in run("ip", "-n", home.inside, "-6", "address", "show", "dev", "eth0", "-tentative"):
            break
        time.sleep(0.1)
    ask = "from xmpp_wizard.effects.sockets import ProcSockets; print(*ProcSockets().addresses())"
    shown = run("ip", "netns", "exec", home.inside, sys.executable, "-c", ask).split()
    assert [address for address in shown if ":" in address] == [used, other]
