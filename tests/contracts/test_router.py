"""Whatever :class:`~xmpp_wizard.core.network.router.Router` is behind the engine behaves like this."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from tests.fakes.router import FakeRouter
from tests.home_network import HERE, HERE_6, NEIGHBOUR, ROUTER, ROUTER_6, Home, home_network, needs_network, within

from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.router import Holder, Language, Order, Router
from xmpp_wizard.effects.router import HostRouter

T = TypeVar("T")
APPS, SERVERS = Door(5222), Door(5269)
SECONDS = 1.0
NAME = "xmpp-wizard"


@dataclass
class Place:
    """A router, and where it is spoken to."""

    router: Router
    home: Home | None = None

    def told(self, work: Callable[[], T]) -> T:
        """Return what comes of ``work`` in the network of the router."""
        return within(self.home.inside, work) if self.home else work()


def order(*doors: Door, address: str = HERE) -> Order:
    return Order(ROUTER, address, doors, NAME, "ours", 3600)


@pytest.fixture(params=["UPnP", "PCP"])
def language(request: pytest.FixtureRequest) -> Language:
    found: Language = request.param
    return found


@pytest.fixture(params=["fake", pytest.param("real", marks=[pytest.mark.e2e, needs_network])])
def place(request: pytest.FixtureRequest, language: Language, tmp_path: Path) -> Iterator[Place]:
    """Yield a router that takes orders in ``language``."""
    if request.param == "fake":
        yield Place(FakeRouter(language=language, language_6=language))
        return
    with home_network() as home:
        home.start_router(tmp_path, upnp=language == "UPnP", pcp=language == "PCP")
        yield Place(HostRouter(), home)


def test_what_is_ordered_leads_here_until_it_is_taken_back(place: Place, language: Language) -> None:
    router = place.router
    assert place.told(lambda: router.speaks(ROUTER, SECONDS)) == language
    led = place.told(lambda: router.lead(order(APPS, SERVERS), SECONDS))
    assert (led.language, set(led.doors), led.refused) == (language, {APPS, SERVERS}, ())
    there = {APPS: Holder(HERE, NAME)} if language == "UPnP" else {}
    assert place.told(lambda: router.holders(ROUTER, (APPS,), SECONDS)) == there
    assert place.told(lambda: router.release(order(APPS), SECONDS)) == ()
    assert place.told(lambda: router.holders(ROUTER, (APPS,), SECONDS)) == {}
    assert place.told(lambda: router.release(order(APPS), SECONDS)) == (), "a second time"


def test_what_is_let_in_over_ipv6_is_so_until_it_is_taken_back(place: Place, language: Language) -> None:
    router, wanted = place.router, Order(ROUTER_6, HERE_6, (APPS, SERVERS), NAME, "ours", 3600)
    assert place.told(lambda: router.speaks(ROUTER_6, 2 * SECONDS)) == language
    led = place.told(lambda: router.lead(wanted, SECONDS))
    assert (led.language, dict(led.doors), led.refused) == (language, {APPS: 3600, SERVERS: 3600}, ())
    assert place.told(lambda: router.holders(ROUTER_6, (APPS,), SECONDS)) == {}, "over IPv6 nobody tells"
    assert place.told(lambda: router.holders(ROUTER, (APPS,), SECONDS)) == {}, "nothing is led over IPv4"
    assert place.told(lambda: router.release(wanted, SECONDS)) == ()
    assert place.told(lambda: router.release(wanted, SECONDS)) == (), "a second time"


def test_nothing_is_known_of_what_nobody_ordered(place: Place) -> None:
    assert place.told(lambda: place.router.holders(ROUTER, (APPS,), SECONDS)) == {}
    assert place.told(lambda: place.router.holders("", (APPS,), SECONDS)) == {}
    assert place.told(lambda: place.router.speaks("", SECONDS)) == ""


@pytest.mark.parametrize("language", ["UPnP"], indirect=True)
def test_another_machine_s_port_is_not_taken_away(place: Place) -> None:
    """The real one lets nobody order for others, so the neighbour's order comes from its own address."""
    router, home = place.router, place.home
    if home is not None:
        home.as_neighbour()
    place.told(lambda: router.lead(order(APPS, address=NEIGHBOUR), SECONDS))
    if home is not None:
        home.as_neighbour(is_it=False)
    led = place.told(lambda: router.lead(order(APPS, SERVERS), SECONDS))
    assert (set(led.doors), [(one.door, one.reason, one.holder) for one in led.refused]) == (
        {SERVERS},
        [(APPS, "taken", NEIGHBOUR)],
    )
    assert place.told(lambda: router.release(order(APPS), SECONDS)) == ()
    assert place.told(lambda: router.holders(ROUTER, (APPS,), SECONDS)) == {APPS: Holder(NEIGHBOUR, NAME)}
