"""Whatever :class:`Probe` is behind the engine behaves like this."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.contracts.conftest import container_of
from tests.effects.xmpp_server import ADDRESS, Script, certificate, serve
from tests.fakes import NOON, Fakes

from xmpp_wizard.core.errors import HealthError
from xmpp_wizard.core.kit.feature import Health
from xmpp_wizard.core.probe import Probe
from xmpp_wizard.core.target import Bind
from xmpp_wizard.effects.local_authority import LocalAuthority
from xmpp_wizard.effects.probe import StreamProbe

CLOSED_PORT = 1


@contextmanager
def real(folder: Path) -> Iterator[tuple[Probe, int, int]]:
    """Yield a probe, the port of a well server, and the serial number that it serves."""
    files = certificate()
    with serve(Script(), files, folder) as port:
        yield StreamProbe(), port, LocalAuthority().inspect(files.chain).serial


@contextmanager
def fake(_folder: Path) -> Iterator[tuple[Probe, int, int]]:
    """Yield the same of a world in memory."""
    fakes = Fakes()
    fakes.probe.closed_ports = (CLOSED_PORT,)
    names = ("chat.example", "groups.chat.example")
    files = fakes.authority.issue(fakes.authority.new_authority("Test", NOON), names, NOON)
    fakes.files.put("/certificates/live/chat.example/chain.pem", files.chain)
    container = replace(
        container_of(),
        health=Health(ADDRESS, 5222, "chat.example"),
        uses_certificates=True,
        binds=(Bind("/certificates", "/certs"),),
    )
    fakes.containers.images[container.tag] = "sha256:0"
    fakes.containers.create(container, "server")
    fakes.containers.start("server")
    yield fakes.probe, 5222, fakes.authority.inspect(files.chain).serial


@pytest.mark.parametrize("world", [fake, real])
def test_what_is_served_is_told(
    world: Callable[[Path], AbstractContextManager[tuple[Probe, int, int]]], tmp_path: Path
) -> None:
    with world(tmp_path) as (probe, port, serial):
        assert probe.stream(ADDRESS, port, "chat.example", "starttls-client", 2) == serial


@pytest.mark.parametrize("world", [fake, real])
def test_a_port_where_nobody_listens_is_ill(
    world: Callable[[Path], AbstractContextManager[tuple[Probe, int, int]]], tmp_path: Path
) -> None:
    with world(tmp_path) as (probe, _, _), pytest.raises(HealthError):
        probe.stream(ADDRESS, CLOSED_PORT, "chat.example", "starttls-client", 2)


@pytest.mark.parametrize("world", [fake, real])
def test_the_serial_number_alone_is_told(
    world: Callable[[Path], AbstractContextManager[tuple[Probe, int, int]]], tmp_path: Path
) -> None:
    with world(tmp_path) as (probe, port, serial):
        assert probe.serial(ADDRESS, port, "chat.example", "starttls-client", 2) == serial
        with pytest.raises(HealthError):
            probe.serial(ADDRESS, CLOSED_PORT, "chat.example", "starttls-client", 2)
