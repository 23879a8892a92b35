"""The ports of a server on a real router, from the first apply to the uninstall."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TypeVar

import pytest
from tests.engine.conftest import TEMPLATES, end, run, wish
from tests.fakes import Fakes
from tests.home_network import HERE, PUBLIC, ROUTER, STRANGER, Home, home_network, needs_network, within

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
