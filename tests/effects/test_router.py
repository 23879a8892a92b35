"""A real router (miniupnpd) told in each of its languages, and what strangers outside then reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.home_network import (
    HERE,
    NEIGHBOUR,
    PUBLIC,
    ROUTER,
    STRANGER,
    Home,
    home_network,
    needs_network,
    within,
)

from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.router import Holder, Language, Led, Order
from xmpp_wizard.effects import pcp
from xmpp_wizard.effects.line import HostLine
from xmpp_wizard.effects.router import HostRouter

pytestmark = [pytest.mark.e2e, needs_network]

APPS, SERVERS, CALLS = Door(5222), Door(5269), Door(3478, "udp")
SECONDS = 1.0


@pytest.fixture
def home() -> Iterator[Home]:
    with home_network() as home:
        yield home


def order(*doors: Door, address: str = HERE, owner: str = "ours") -> Order:
    return Order(ROUTER, address, doors, "xmpp-wizard", owner, 3600)


def lead(home: Home, wanted: Order) -> Led:
    return within(home.inside, lambda: HostRouter().lead(wanted, SECONDS))


def start(home: Home, folder: Path, language: Language) -> None:
    home.start_router(folder, upnp=language == "UPnP", pcp=language != "UPnP")


@pytest.mark.parametrize("language", ["UPnP", "PCP"])
def test_strangers_get_in_where_it_was_ordered_and_nowhere_else(home: Home, tmp_path: Path, language: Language) -> None:
    start(home, tmp_path, language)
    home.listen(home.inside, (APPS.port, SERVERS.port))
    assert within(home.inside, lambda: HostRouter().speaks(ROUTER, SECONDS)) == language
    assert home.sees(home.outside, PUBLIC, APPS.port) == ""
    before = home.rules()
    led = lead(home, order(APPS, CALLS))
    assert (led.language, set(led.doors), led.refused) == (language, {APPS, CALLS}, ())
    assert all(0 < seconds <= 3600 for seconds in led.doors.values())
    assert home.sees(home.outside, PUBLIC, APPS.port) == STRANGER
    assert home.sees(home.outside, PUBLIC, SERVERS.port) == ""
    assert set(lead(home, order(APPS, CALLS)).doors) == {APPS, CALLS}, "ordered again, for longer"
    assert within(home.inside, lambda: HostRouter().release(order(APPS, CALLS), SECONDS)) == ()
    assert home.sees(home.outside, PUBLIC, APPS.port) == ""
    assert home.rules() == before


def test_upnp_tells_whom_a_port_leads_to(home: Home, tmp_path: Path) -> None:
    start(home, tmp_path, "UPnP")
    lead(home, order(APPS))
    found = within(home.inside, lambda: HostRouter().holders(ROUTER, (APPS, SERVERS), SECONDS))
    assert found == {APPS: Holder(HERE, "xmpp-wizard")}


@pytest.mark.parametrize(("language", "holder"), [("UPnP", NEIGHBOUR), ("PCP", "")])
def test_what_leads_to_another_machine_is_left_to_it_and_named(
    home: Home, tmp_path: Path, language: Language, holder: str
) -> None:
    start(home, tmp_path, language)
    home.as_neighbour()
    assert set(lead(home, order(APPS, address=NEIGHBOUR, owner="theirs")).doors) == {APPS}
    home.as_neighbour(is_it=False)
    rules = home.rules()
    led = lead(home, order(APPS, SERVERS))
    assert set(led.doors) == {SERVERS}
    assert [(one.door, one.reason, one.holder) for one in led.refused] == [(APPS, "taken", holder)]
    within(home.inside, lambda: HostRouter().release(order(APPS, SERVERS), SECONDS))
    assert home.rules() == rules


def test_a_router_that_allows_nothing_says_so(home: Home, tmp_path: Path) -> None:
    home.start_router(tmp_path, more="deny 0-65535 0.0.0.0/0 0-65535")
    led = lead(home, order(APPS))
    assert (led.language, dict(led.doors), [one.reason for one in led.refused]) == ("UPnP", {}, ["forbidden"])


def test_a_router_with_two_languages_is_told_in_the_one_that_tells_more(home: Home, tmp_path: Path) -> None:
    home.start_router(tmp_path)
    assert lead(home, order(APPS)).language == "UPnP"
    assert within(home.inside, lambda: HostLine().router_has(ROUTER, SECONDS)) == PUBLIC


def test_a_router_that_takes_no_orders_is_silent(home: Home) -> None:
    assert within(home.inside, lambda: HostRouter().speaks(ROUTER, 1.0)) == ""
    led = within(home.inside, lambda: HostRouter().lead(order(APPS), 1.0))
    assert [one.reason for one in led.refused] == ["silent"]
    assert within(home.inside, lambda: HostRouter().release(order(APPS), 1.0)) == (APPS,)


def test_without_a_router_nobody_is_asked() -> None:
    assert HostRouter().speaks("", SECONDS) == ""
    assert HostRouter().holders("", (APPS,), SECONDS) == {}


@pytest.mark.parametrize("door", [APPS, CALLS], ids=str)
def test_a_router_of_the_older_kind_is_told_in_its_own_words(home: Home, tmp_path: Path, door: Door) -> None:
    home.start_router(tmp_path)
    ask = pcp.Ask((ROUTER, pcp.PORT), HERE, b"", SECONDS)
    rules = home.rules()
    assert within(home.inside, lambda: pcp.nat_pmp(ask, door.port, door.protocol, 600)) == (0, 600)
    assert str(door.port) in home.rules()
    assert within(home.inside, lambda: pcp.nat_pmp(ask, door.port, door.protocol, 0)) == (0, 0)
    assert home.rules() == rules
    home.as_neighbour()
    theirs = replace(ask, address=NEIGHBOUR)
    assert within(home.inside, lambda: pcp.nat_pmp(theirs, door.port, door.protocol, 600)) == (0, 600)
    home.as_neighbour(is_it=False)
    rules = home.rules()
    assert within(home.inside, lambda: pcp.nat_pmp(ask, door.port, door.protocol, 600)) == (pcp.TAKEN[0], 0)
    assert home.rules() == rules, "the other port that it gave was given back"
