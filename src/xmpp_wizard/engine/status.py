"""How the server is, read from the host: what runs, what is open, what is served, what was done last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from xmpp_wizard.core.errors import HealthError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.names import ascii_name
from xmpp_wizard.core.network.firewall import ObservedFirewall
from xmpp_wizard.core.network.listeners import Listener
from xmpp_wizard.core.network.openings import Opening
from xmpp_wizard.core.observed import ObservedContainer
from xmpp_wizard.core.planning.containers import full_name
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.states import CONTAINERS
from xmpp_wizard.core.target import Container, Target
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.acme.report import Lack, lacks
from xmpp_wizard.engine.answering import ask, unreached
from xmpp_wizard.engine.certificates import live as certificates
from xmpp_wizard.engine.certificates.live import CertificateStatus
from xmpp_wizard.engine.certificates.problems import certificate_problems, missing_certificates
from xmpp_wizard.engine.certificates.renewal import Renewal, renewal
from xmpp_wizard.engine.memory import generations, journal
from xmpp_wizard.engine.memory.dns import last_line
from xmpp_wizard.engine.memory.generations import Generation
from xmpp_wizard.engine.memory.router import RouterStatus, router_status
from xmpp_wizard.engine.observe import firewall
from xmpp_wizard.engine.records.memory import DnsMemory, last_report
from xmpp_wizard.engine.secret_files import secret_notes
from xmpp_wizard.engine.setup import not_set_up

if TYPE_CHECKING:
    from xmpp_wizard.engine.hairpin import FromInside

_PROBE_SECONDS = 3.0
_LEAST_FREE_BYTES = 100_000_000


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
    missing_certificates: tuple[str, ...]
    """Names of those that should be live and are not there, or cannot be read."""
    containers: tuple[ContainerStatus, ...]
    generation: int
    last_apply: Generation
    applying_pid: int | None
    """The process of an apply that is going on."""
    renewal: Renewal
    lacks: tuple[Lack, ...] = ()
    """What keeps names from a public certificate."""
    firewall: ObservedFirewall | None = None
    """Looked at only by :func:`status`: asking some firewalls takes a noticeable while."""
    router: RouterStatus | None = None
    """None where the router is not to be told anything."""
    pinholes: RouterStatus | None = None
    """The same of its IPv6 firewall."""
    inside: FromInside | None = None
    """What a phone in this network finds; looked at as the firewall is."""
    notes: tuple[Text, ...] = ()
    """What should be put right, though all of it works: files of secrets that others may read."""
    dns: DnsMemory | None = None
    """How DNS was when the timer looked last."""


def status(world: World, layout: Layout) -> Status:
    """Return how the server is now.

    Raises:
        NotSetUpError, EngineError: as for :func:`examine`.
    """
    from xmpp_wizard.engine.hairpin import current_from_inside  # noqa: PLC0415 the menu has no use for what it loads

    found = examine(world, layout)[0]
    target = generations.load_target(world, layout, found.generation)
    found = replace(found, firewall=firewall(world, layout, target), dns=last_report(world, layout))
    told, (inside, _) = router_status(world, layout, target.forwards), current_from_inside(world, layout)
    pinholes = router_status(world, layout, target.pinholes, "IPv6")
    return replace(found, router=told, pinholes=pinholes, inside=inside)


def examine(world: World, layout: Layout, *, asks_engine: bool = True) -> tuple[Status, Mapping[str, tuple[Text, ...]]]:
    """Return how the server is now, and its problems by what they are about.

    Where the engine is not to be asked, nothing is known of containers and ports: there are none.

    Raises:
        NotSetUpError: there is none.
        EngineError: the container engine does not answer.
    """
    good = generations.last_good(world, layout)
    if good is None:
        raise not_set_up()
    target = generations.load_target(world, layout, good.number)
    live = certificates.status(world, layout)
    containers, ports, unserved = _running(world, layout, target, live) if asks_engine else ((), (), ())
    last = generations.all_generations(world, layout)[-1]
    going_on = journal.running(world, layout)
    missing = missing_certificates(target, live)
    looked_after = renewal(world, layout)
    lacking = lacks(world, layout, target)
    about = {
        "changes": tuple(_unfinished(last, is_going_on=going_on is not None)),
        "chat": (*_down(containers), *unserved),
        "ports": tuple(_closed(ports)),
        "certificates": certificate_problems(world, layout, target, live, looked_after),
        "dns": tuple(_unkept(world, layout)),
        "disk": tuple(_full(world, layout, target)),
    }
    problems = tuple(problem for texts in about.values() for problem in texts)
    found = Status(
        domain=target.domains[0],
        domains=target.domains,
        healthy=not problems,
        problems=problems,
        addresses=_addresses(target, world.sockets.addresses()),
        ports=ports,
        certificates=live,
        missing_certificates=missing,
        containers=containers,
        generation=good.number,
        last_apply=last,
        applying_pid=going_on.pid if going_on else None,
        renewal=looked_after,
        lacks=lacking,
        notes=secret_notes(world, target),
    )
    return found, about


def _unkept(world: World, layout: Layout) -> Iterator[Text]:
    """Yield why records that this program keeps could not be entered; it may be that this mends itself."""
    trouble = last_line(world, layout).trouble
    if trouble is not None:
        yield say("{problem}. {hint}", problem=trouble.text, hint=trouble.hint)


def _running(
    world: World, layout: Layout, target: Target, live: Sequence[CertificateStatus]
) -> tuple[tuple[ContainerStatus, ...], tuple[PortStatus, ...], tuple[Text, ...]]:
    """Return containers and ports as they are, and what is wrong with what is served."""
    observed = world.containers.observe(layout.project)
    ports = _ports(target, world.sockets.listeners(), observed)
    asked = (item for item in target.containers if item.health and _can_answer(item, observed))
    unserved = {item.spec.name: tuple(_unserved(world, layout, item, live)) for item in asked}
    containers = tuple(
        _container(item, observed, answers=not unserved.get(item.spec.name)) for item in target.containers
    )
    away = chain.from_iterable(unreached(world, item) for item in target.containers if _runs(item, observed))
    return containers, ports, (*chain.from_iterable(unserved.values()), *away)


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
    state = "running" if found.is_running else "stopped"
    # the engine looks every 30 seconds; who has just got the right answer knows better
    health = "healthy" if container.health and answers and found.health else found.health
    return ContainerStatus(short, name, state, health, found.tag, found.started_at)


def _unfinished(last: Generation, *, is_going_on: bool) -> Iterator[Text]:
    if last.state == "started" and not is_going_on:
        yield say("the last apply was cut off; run xmpp-wizard apply to finish it")


def _down(containers: Sequence[ContainerStatus]) -> Iterator[Text]:
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


def _closed(ports: Sequence[PortStatus]) -> Iterator[Text]:
    for port in ports:
        if not port.is_open:
            yield say("port {port} ({purpose}) is not open", port=port.port, purpose=Text(port.purpose))


def _full(world: World, layout: Layout, target: Target) -> Iterator[Text]:
    """Look at each folder that grows; people's data may lie on a disk of their own."""
    growing = (bind.source for container in target.containers for bind in container.binds if bind.is_writable)
    free, path = min((world.files.free_bytes(path), path) for path in (str(layout.state), *growing))
    if free < _LEAST_FREE_BYTES:
        yield say(
            "only {free} MB are free on the disk with {path}: make room, a full disk loses messages",
            free=free // 1_000_000,
            path=path,
        )


def _can_answer(container: Container, observed: Mapping[str, ObservedContainer]) -> bool:
    """Say whether it is of use to ask: a command needs a container that runs, and that it does not is told anyhow."""
    return container.health is None or container.health.speaks != "command" or _runs(container, observed)


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
    if served is not None and wanted is not None and wanted.serial != f"{served.serial:x}":
        yield say("port {port} serves another certificate than the live one", port=health.port)
