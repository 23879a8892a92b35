"""What runs of the server just now: its containers, its ports, and whether each answers as it should."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from xmpp_wizard.core.errors import HealthError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.names import ascii_name
from xmpp_wizard.core.network.listeners import Listener
from xmpp_wizard.core.network.openings import Opening
from xmpp_wizard.core.observed import ObservedContainer
from xmpp_wizard.core.planning.containers import full_name
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.states import CONTAINERS
from xmpp_wizard.core.target import Container, Target
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.answering import ask, unreached
from xmpp_wizard.engine.certificates.live import CertificateStatus

_PROBE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class PortStatus:
    """A port that the server takes; an empty address means all."""

    address: str
    port: int
    protocol: str
    purpose: str
    container: str
    is_public: bool
    is_open: bool
    last: int = 0
    """The end of a range, of which only those are open that are in use."""

    @property
    def ports(self) -> str:
        """The port or the range, as people read it."""
        return f"{self.port}-{self.last}" if self.last else str(self.port)


@dataclass(frozen=True, slots=True)
class ContainerStatus:
    """A container; ``state`` is running, stopped or missing, ``health`` empty where the engine knows none."""

    container: str
    """Its name in commands, such as ``turn``; ``name`` is the engine's."""
    name: str
    state: str
    health: str
    image: str
    started_at: str


def running(
    world: World, layout: Layout, target: Target, live: Sequence[CertificateStatus]
) -> tuple[tuple[ContainerStatus, ...], tuple[PortStatus, ...], tuple[Text, ...]]:
    """Return containers and ports as they are, and what is wrong with what is served.

    Raises:
        EngineError: the container engine does not answer.
    """
    observed = world.containers.observe(layout.project)
    ports = _ports(target, world.sockets.listeners(), observed)
    listening = frozenset(port.container for port in ports if port.is_open)
    asked = (item for item in target.containers if _can_answer(item, observed, listening))
    unserved = {item.spec.name: tuple(_unserved(world, layout, item, live)) for item in asked}
    containers = tuple(
        _container(item, observed, answers=not unserved.get(item.spec.name)) for item in target.containers
    )
    away = chain.from_iterable(unreached(world, item) for item in target.containers if _runs(item, observed))
    return containers, ports, (*chain.from_iterable(unserved.values()), *away)


def down(containers: Sequence[ContainerStatus]) -> Iterator[Text]:
    """Yield which containers do not do their work, and what to do."""
    for container in containers:
        if container.state != "running":
            yield say(
                "{name} is {state}; xmpp-wizard apply starts it", name=container.name, state=CONTAINERS[container.state]
            )
        elif container.health == "unhealthy":
            yield say(
                "{name} runs, but does not answer; see xmpp-wizard logs {container}",
                name=container.name,
                container=container.container,
            )


def of_running(ports: Sequence[PortStatus], containers: Sequence[ContainerStatus]) -> tuple[PortStatus, ...]:
    """Return the ports whose container runs: where it does not, that is what is wrong."""
    up = {container.container for container in containers if container.state == "running"}
    return tuple(port for port in ports if port.container in up)


def closed(ports: Sequence[PortStatus]) -> Iterator[Text]:
    """Yield which ports are not open."""
    for port in ports:
        if not port.is_open:
            number = f"{port.ports}/{port.protocol}"
            yield say("port {port} ({purpose}) is not open", port=number, purpose=Text(port.purpose))


def _ports(
    target: Target, listeners: Sequence[Listener], observed: Mapping[str, ObservedContainer]
) -> tuple[PortStatus, ...]:
    ids = {name: container.id for name, container in observed.items()}
    names = {container.spec.name: full_name(container) for container in target.containers}
    return tuple(
        PortStatus(
            opening.address,
            opening.port,
            opening.protocol,
            opening.purpose,
            opening.container,
            opening.is_public,
            is_open=any(_is_ours(opening, found, ids.get(names[opening.container], "?")) for found in listeners),
            last=opening.last,
        )
        for opening in target.openings
    )


def _is_ours(opening: Opening, found: Listener, container_id: str) -> bool:
    # a range is open as soon as somebody is there who takes ports of it when they are needed
    is_same = bool(opening.last) or (found.port, found.protocol) == (opening.port, opening.protocol)
    # some programs take all addresses, others each one by itself
    covers = not (found.address and opening.address) or found.address == opening.address
    return is_same and covers and found.container_id == container_id


def _container(container: Container, observed: Mapping[str, ObservedContainer], *, answers: bool) -> ContainerStatus:
    short, name = container.spec.name, full_name(container)
    found = observed.get(name)
    if found is None:
        return ContainerStatus(short, name, "missing", "", container.tag, "")
    if not found.is_running:
        # the engine still has what it found before
        return ContainerStatus(short, name, "stopped", "", found.tag, found.started_at)
    # the engine looks every 30 seconds; who has just got the right answer knows better
    health = "healthy" if container.health and answers and found.health else found.health
    return ContainerStatus(short, name, "running", health, found.tag, found.started_at)


def _can_answer(container: Container, observed: Mapping[str, ObservedContainer], listening: frozenset[str]) -> bool:
    """Say whether it is of use to ask: that it does not run is told anyhow, but a frozen one still listens."""
    if container.health is None:
        return False
    return _runs(container, observed) or (container.health.speaks != "command" and container.spec.name in listening)


def _runs(container: Container, observed: Mapping[str, ObservedContainer]) -> bool:
    found = observed.get(full_name(container))
    return bool(found and found.is_running)


def _unserved(world: World, layout: Layout, item: Container, live: Sequence[CertificateStatus]) -> Iterator[Text]:
    """Look as a client does: an XMPP stream, TLS, and the certificate that should be there; or as it is asked else."""
    health = item.health
    if health is None:
        return
    try:
        served = ask(world, layout, item.spec.name, health, _PROBE_SECONDS)
    except HealthError as error:
        yield error.text
        return
    wanted = next((one for one in live if one.name == ascii_name(health.domain)), None)
    if served is not None and wanted is not None and wanted.serial != f"{served:x}":
        yield say("port {port} serves another certificate than the live one", port=health.port)
