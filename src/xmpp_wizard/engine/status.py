"""How the server is, read from the host: what runs, what is open, what is served, what was done last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from xmpp_wizard.core.errors import HealthError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.names import ascii_name
from xmpp_wizard.core.observed import Listener, ObservedContainer
from xmpp_wizard.core.planning_containers import full_name
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.target import Container, Opening, Target
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine import certificates, generations, journal
from xmpp_wizard.engine.certificates import CertificateStatus
from xmpp_wizard.engine.generations import Generation
from xmpp_wizard.engine.setup import not_set_up

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


@dataclass(frozen=True, slots=True)
class ContainerStatus:
    """A container; ``state`` is running, stopped or missing, ``health`` empty where the engine knows none."""

    name: str
    state: str
    health: str
    image: str
    started_at: str


@dataclass(frozen=True, slots=True)
class Status:
    """The whole server. ``problems`` is empty exactly when it is healthy."""

    domain: str
    domains: tuple[str, ...]
    healthy: bool
    problems: tuple[Text, ...]
    addresses: tuple[str, ...]
    """Where it listens: as chosen, else all addresses of this machine."""
    ports: tuple[PortStatus, ...]
    certificates: tuple[CertificateStatus, ...]
    containers: tuple[ContainerStatus, ...]
    generation: int
    last_apply: Generation
    applying_pid: int | None
    """The process of an apply that is going on."""


def status(world: World, layout: Layout) -> Status:
    """Return how the server is now.

    Raises:
        NotSetUpError, EngineError: as for :func:`examine`.
    """
    return examine(world, layout)[0]


def examine(world: World, layout: Layout) -> tuple[Status, Mapping[str, tuple[Text, ...]]]:
    """Return how the server is now, and its problems by what they are about: chat, ports, certificates, changes.

    Raises:
        NotSetUpError: there is none.
        EngineError: the container engine does not answer.
    """
    good = generations.last_good(world, layout)
    if good is None:
        raise not_set_up()
    target = generations.load_target(world, layout, good.number)
    observed = world.containers.observe(layout.project)
    ports = _ports(target, world.sockets.listeners(), observed)
    containers = tuple(_container(item, observed) for item in target.containers)
    live = certificates.status(world, layout)
    last = generations.all_generations(world, layout)[-1]
    going_on = journal.running(world, layout)
    about = {
        "changes": tuple(_unfinished(last, is_going_on=going_on is not None)),
        "chat": (*_down(containers), *_unserved(world, target, live)),
        "ports": tuple(_closed(ports)),
        "certificates": tuple(_ended(live, world.clock.now())),
    }
    problems = tuple(problem for found in about.values() for problem in found)
    found = Status(
        domain=target.domains[0],
        domains=target.domains,
        healthy=not problems,
        problems=problems,
        addresses=_addresses(target, world.sockets.addresses()),
        ports=ports,
        certificates=live,
        containers=containers,
        generation=good.number,
        last_apply=last,
        applying_pid=going_on.pid if going_on else None,
    )
    return found, about


def _addresses(target: Target, own: Sequence[str]) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(opening.address for opening in target.openings))
    return tuple(own) if "" in chosen or not chosen else chosen


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
        )
        for opening in target.openings
    )


def _is_ours(opening: Opening, found: Listener, container_id: str) -> bool:
    is_same = (found.port, found.protocol) == (opening.port, opening.protocol)
    covers = not found.address or found.address == opening.address
    return is_same and covers and found.container_id == container_id


def _container(container: Container, observed: Mapping[str, ObservedContainer]) -> ContainerStatus:
    name = full_name(container)
    found = observed.get(name)
    if found is None:
        return ContainerStatus(name, "missing", "", container.tag, "")
    state = "running" if found.is_running else "stopped"
    return ContainerStatus(name, state, found.health, found.tag, found.started_at)


def _unfinished(last: Generation, *, is_going_on: bool) -> Iterator[Text]:
    if last.state == "started" and not is_going_on:
        yield say("the last apply was cut off; run xmpp-wizard apply to finish it")


def _down(containers: Sequence[ContainerStatus]) -> Iterator[Text]:
    for container in containers:
        if container.state != "running":
            yield say("{name} is {state}; xmpp-wizard apply starts it", name=container.name, state=container.state)
        elif container.health == "unhealthy":
            yield say("{name} runs, but does not answer; see xmpp-wizard logs", name=container.name)


def _closed(ports: Sequence[PortStatus]) -> Iterator[Text]:
    for port in ports:
        if not port.is_open:
            yield say("port {port} ({purpose}) is not open", port=port.port, purpose=port.purpose)


def _ended(live: Sequence[CertificateStatus], now: datetime) -> Iterator[Text]:
    for certificate in live:
        if certificate.not_after <= now:
            day = certificate.not_after.date()
            yield say("the certificate of {name} ended on {day}", name=certificate.name, day=day)


def _unserved(world: World, target: Target, live: Sequence[CertificateStatus]) -> Iterator[Text]:
    """Look as a client does: an XMPP stream, TLS, and the certificate that should be there."""
    health = next((container.health for container in target.containers if container.health), None)
    if health is None:
        return
    try:
        served = world.probe.stream(health.address, health.port, health.domain, "starttls-client", _PROBE_SECONDS)
    except HealthError as error:
        yield error.text
        return
    wanted = next((item for item in live if item.name == ascii_name(health.domain)), None)
    if wanted is not None and wanted.serial != f"{served.serial:x}":
        yield say("port {port} serves another certificate than the live one", port=health.port)
