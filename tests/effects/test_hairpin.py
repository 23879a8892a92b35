"""What a phone at home finds at the server's public name, behind real routers that lead back inside or do not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.effects.xmpp_server import Script, certificate, serve
from tests.fakes import Fakes
from tests.home_network import HERE, PUBLIC, ROUTER, Home, home_network, needs_network, within
from tests.servers import answers

from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.router import Order
from xmpp_wizard.core.surroundings import Lookup
from xmpp_wizard.core.wanted.desired import desired
from xmpp_wizard.effects.probe import StreamProbe
from xmpp_wizard.effects.router import HostRouter
from xmpp_wizard.engine.hairpin import FromInside, from_inside

pytestmark = [pytest.mark.e2e, needs_network]

PORT = 5222
FORWARD = f"add rule inet filter prerouting iifname wan0 tcp dport {PORT} dnat ip to {HERE}\n"
LET_IN = f"add rule inet filter forward ip daddr {HERE} tcp dport {PORT} accept\n"
LEAD_BACK = f"""
add rule inet filter prerouting iifname lan0 ip daddr {PUBLIC} tcp dport {PORT} dnat ip to {HERE}
add rule inet filter postrouting ip saddr 192.168.77.0/24 ip daddr {HERE} masquerade
"""


@pytest.fixture
def home() -> Iterator[Home]:
    with home_network() as home:
        yield home


def found(home: Home, folder: Path, public: str = PUBLIC) -> FromInside:
    """Look from inside at a server that runs there; its name leads to the router."""
    fakes = Fakes()
    fakes.sockets.own_addresses = (HERE,)
    fakes.surroundings.names["chat.example"] = Lookup((PUBLIC,), is_known=True)
    fakes.line.router = ROUTER
    world = replace(fakes.world(), probe=StreamProbe(), router=HostRouter())
    here: Answers = answers(f'[network]\nlisten = ["{HERE}"]', "chat.example")

    def look() -> FromInside:
        with serve(Script(), certificate(), folder, (HERE, PORT)):
            return from_inside(world, Layout(), here, desired(here), public)

    return within(home.inside, look)


def test_a_router_that_leads_back_inside(home: Home, tmp_path: Path) -> None:
    home.nft(FORWARD + LET_IN + LEAD_BACK)
    assert found(home, tmp_path).state == "leads here"


def test_a_router_that_says_it_forwards_and_does_not_lead_back(home: Home, tmp_path: Path) -> None:
    home.start_router(tmp_path)
    order = Order(ROUTER, HERE, (Door(PORT),), "xmpp-wizard", "ours", 3600)
    within(home.inside, lambda: HostRouter().lead(order, 1.0))
    assert found(home, tmp_path).state == "not back"


def test_a_router_that_says_nothing(home: Home, tmp_path: Path) -> None:
    home.nft(FORWARD + LET_IN)
    assert found(home, tmp_path).state == "not known"


def test_a_name_that_leads_to_another_line(home: Home, tmp_path: Path) -> None:
    assert found(home, tmp_path, public="93.184.216.99").state == "elsewhere"
