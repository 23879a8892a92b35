"""How the server is, read from the host: what runs, what is open, what is served, what was done last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.firewall import ObservedFirewall
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.acme.report import Lack, lacks
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
from xmpp_wizard.engine.running import ContainerStatus, PortStatus, closed, down, of_running, running
from xmpp_wizard.engine.secret_files import secret_notes
from xmpp_wizard.engine.setup import not_set_up

if TYPE_CHECKING:
    from xmpp_wizard.engine.hairpin import FromInside

_LEAST_FREE_BYTES = 100_000_000


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
    containers, ports, unserved = running(world, layout, target, live) if asks_engine else ((), (), ())
    last = generations.all_generations(world, layout)[-1]
    going_on = journal.running(world, layout)
    missing = missing_certificates(target, live)
    looked_after = renewal(world, layout)
    lacking = lacks(world, layout, target)
    about = {
        "changes": tuple(_unfinished(last, is_going_on=going_on is not None)),
        "chat": (*down(containers), *unserved),
        "ports": tuple(closed(ports)),
        "certificates": certificate_problems(world, layout, target, live, looked_after),
        "dns": tuple(_unkept(world, layout)),
        "disk": tuple(_full(world, layout, target)),
    }
    told = {**about, "ports": tuple(closed(of_running(ports, containers)))}
    problems = tuple(problem for texts in told.values() for problem in texts)
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


def _addresses(target: Target, own: Sequence[str]) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(opening.address for opening in target.openings))
    return tuple(own) if "" in chosen or not chosen else chosen


def _unfinished(last: Generation, *, is_going_on: bool) -> Iterator[Text]:
    if last.state == "started" and not is_going_on:
        yield say("the last apply was cut off; run xmpp-wizard apply to finish it")


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
