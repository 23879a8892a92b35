"""Whatever :class:`Sockets` and :class:`Appliance` are behind the engine behave like this."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from tests.fakes import FakeAppliance, FakeSockets

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.network.listeners import Listener
from xmpp_wizard.core.ports import Appliance, Sockets
from xmpp_wizard.effects.appliance import ShippedAppliance
from xmpp_wizard.effects.sockets import ProcSockets


@pytest.fixture(params=["fake", "real"])
def listening(request: pytest.FixtureRequest) -> Iterator[tuple[Sockets, int]]:
    """Yield sockets of a host where 127.0.44.3 has one open port, and that port."""
    with socket.create_server(("127.0.44.3", 0)) as server:
        port = server.getsockname()[1]
        known = Listener("127.0.44.3", port, "tcp", "python", 1)
        yield (FakeSockets(listening=(known,)) if request.param == "fake" else ProcSockets()), port


def test_an_open_port_has_an_address_and_an_owner(listening: tuple[Sockets, int]) -> None:
    sockets, port = listening
    found = next(item for item in sockets.listeners() if item.port == port)
    assert (found.address, found.protocol, found.container_id) == ("127.0.44.3", "tcp", "")
    assert found.program
    assert found.pid


def test_addresses_are_not_those_of_the_machine_alone(listening: tuple[Sockets, int]) -> None:
    assert not any(ip_address(address).is_loopback for address in listening[0].addresses())


@pytest.fixture(params=["fake", "real"])
def appliance(request: pytest.FixtureRequest, tmp_path: Path) -> Appliance:
    if request.param == "fake":
        return FakeAppliance()
    for path, text in (
        ("appliance/images/prosody/Dockerfile", "FROM debian:trixie-slim\n"),
        ("templates/prosody/prosody.cfg.lua.j2", "-- {{ hosts | length }}\n"),
    ):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(text)
    return ShippedAppliance(tmp_path)


def test_an_image_has_a_dockerfile_and_templates_have_text(appliance: Appliance) -> None:
    assert appliance.image("prosody")["Dockerfile"] == b"FROM debian:trixie-slim\n"
    assert appliance.templates()["prosody/prosody.cfg.lua.j2"] == "-- {{ hosts | length }}\n"


def test_an_image_that_is_not_shipped_is_an_error(appliance: Appliance) -> None:
    with pytest.raises(EffectError, match="ships no image none"):
        appliance.image("none")
