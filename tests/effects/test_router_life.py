"""The ports of a server on a real router, from the first apply to the uninstall."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TypeVar

import pytest
from tests.engine.conftest import TEMPLATES, end, run, wish
from tests.fakes import Fakes
from tests.home_network import (
    HERE,
    HERE_6,
    NEXT_6,
    PUBLIC,
    ROUTER,
    ROUTER_6,
    STRANGER,
    STRANGER_6,
    Home,
    home_network,
    needs_network,
    within,
)
from tests.home_network import run as home_ip

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.effects.router import HostRouter
from xmpp_wizard.engine.setup import GoBack
from xmpp_wizard.engine.uninstall import uninstall
from xmpp_wizard.engine.upkeep import upkeep

pytestmark = [pytest.mark.e2e, needs_network]

T = TypeVar("T")
MINIMAL = {"features": {"preset": "minimal"}}
YES = {"network": {"open_router": True}, **MINIMAL}
LAYOUT = Layout(PurePosixPath("/"))


class Server(Fakes):
    """A server at home whose router is a real one."""

    def world(self) -> World:
        return replace(super().world(), router=HostRouter())


@pytest.fixture
def home() -> Iterator[Home]:
    with home_network() as home:
        home.listen(home.inside, (5222,))
        yield home


@pytest.fixture
def server() -> Server:
    server = Server()
    server.appliance.texts = dict(TEMPLATES)
    server.sockets.own_addresses = (HERE,)
    server.line.router = ROUTER
    return server


@pytest.mark.parametrize("is_upnp", [True, False], ids=["UPnP", "PCP"])
def test_ports_are_open_exactly_as_long_as_they_are_wanted(
    home: Home,
    server: Server,
    tmp_path: Path,
    is_upnp: bool,  # noqa: FBT001 a case
) -> None:
    def at_home(work: Callable[[], T]) -> T:
        return within(home.inside, work)

    def is_open() -> bool:
        return home.sees(home.outside, PUBLIC, 5222) == STRANGER

    router = home.start_router(tmp_path, upnp=is_upnp, pcp=not is_upnp)
    untouched = home.rules()
    at_home(lambda: run(server, LAYOUT, wish(**MINIMAL)))
    assert not is_open()
    assert end(at_home(lambda: run(server, LAYOUT, wish(**YES)))).exit_status == 0
    assert is_open()

    router.kill()
    router.wait()
    home.nft("flush chain inet filter upnp; flush chain inet filter upnp_in; flush chain inet filter upnp_out;")
    home.start_router(tmp_path, upnp=is_upnp, pcp=not is_upnp)
    assert not is_open(), "it has started anew, and forgotten all"
    at_home(lambda: upkeep(server.world(), LAYOUT))
    assert is_open(), "the timer has told it again"

    assert end(at_home(lambda: run(server, LAYOUT, GoBack()))).exit_status == 0
    assert not is_open()
    assert home.rules() == untouched

    at_home(lambda: run(server, LAYOUT, wish(**YES)))
    assert is_open()
    at_home(lambda: uninstall(server.world(), LAYOUT, delete_data=False, report=lambda _: None))
    assert not is_open()
    assert home.rules() == untouched


@pytest.mark.parametrize("is_upnp", [True, False], ids=["UPnP", "PCP"])
def test_a_line_without_ipv4_is_open_over_ipv6_wherever_its_prefix_goes(
    home: Home,
    server: Server,
    tmp_path: Path,
    is_upnp: bool,  # noqa: FBT001 a case
) -> None:
    def at_home(work: Callable[[], T]) -> T:
        return within(home.inside, work)

    def is_open(address: str = HERE_6) -> bool:
        return home.sees(home.outside, address, 5222) == STRANGER_6

    server.sockets.own_addresses, server.line.router_6 = (HERE, HERE_6), ROUTER_6
    server.line.wan = "100.64.0.7"
    home.start_router(tmp_path, upnp=is_upnp, pcp=not is_upnp)
    assert end(at_home(lambda: run(server, LAYOUT, wish(**YES)))).exit_status == 0
    assert is_open()
    assert home.sees(home.outside, PUBLIC, 5222) == "", "over IPv4 nothing was ordered"

    run_ip = ("ip", "-n", home.inside, "address")
    home_ip(*run_ip, "delete", f"{HERE_6}/64", "dev", "eth0")
    home_ip(*run_ip, "add", f"{NEXT_6}/64", "dev", "eth0", "nodad")
    server.sockets.own_addresses = (HERE, NEXT_6)
    assert not is_open(NEXT_6), "the line has another prefix"
    at_home(lambda: upkeep(server.world(), LAYOUT))
    assert is_open(NEXT_6), "the timer has told the router"
    assert "200300e50078" in home.rules()

    at_home(lambda: uninstall(server.world(), LAYOUT, delete_data=False, report=lambda _: None))
    assert not is_open(NEXT_6)
    assert "200300e50078" not in home.rules()
