"""What each port really serves: a renewal is done when clients and servers see the new certificate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xmpp_wizard.core.certificates.certificate import ObservedCertificate
from xmpp_wizard.core.errors import HealthError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.names import ascii_name
from xmpp_wizard.core.network.openings import Opening
from xmpp_wizard.core.observed import ObservedContainer
from xmpp_wizard.core.planning.containers import full_name
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.target import Container, Target
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.observe import live_certificates

_PROBE_SECONDS = 5.0
_RELOAD_SECONDS = 10.0
_PAUSE_SECONDS = 0.2


def make_served(world: World, layout: Layout, target: Target) -> tuple[Text, ...]:
    """Make every running container serve the live certificates; return what is still wrong after a second reload."""
    observed = world.containers.observe(layout.project)
    live = live_certificates(world, layout)[1]
    wrong = _settled(world, target, observed, live)
    if not wrong:
        return ()
    for container in _running(target, observed):
        world.containers.reload(full_name(container))
    return _settled(world, target, observed, live)


def _settled(
    world: World,
    target: Target,
    observed: Mapping[str, ObservedContainer],
    live: Mapping[str, ObservedCertificate],
) -> tuple[Text, ...]:
    """Return what is wrong once a reload has had its time."""
    deadline = world.clock.monotonic() + _RELOAD_SECONDS
    while True:
        wrong = tuple(_wrong(world, target, observed, live))
        if not wrong or world.clock.monotonic() >= deadline:
            return wrong
        world.clock.sleep(_PAUSE_SECONDS)


def _wrong(
    world: World,
    target: Target,
    observed: Mapping[str, ObservedContainer],
    live: Mapping[str, ObservedCertificate],
) -> Iterator[Text]:
    domains = {ascii_name(domain) for domain in target.domains}
    for opening in _openings(target, observed):
        # nobody logs in to a service, and some turn other servers away: a domain shows what was read again
        shown = {opening.certificate} if opening.certificate else domains
        for name, certificate in live.items():
            if name not in shown:
                continue
            try:
                serial = world.probe.serial(opening.address, opening.port, name, opening.tls, _PROBE_SECONDS)
            except HealthError as error:
                yield error.text
                break
            if serial != certificate.serial:
                yield say(
                    "port {port} ({purpose}) serves another certificate for {name} than the live one",
                    port=opening.port,
                    purpose=opening.purpose,
                    name=name,
                )


def _openings(target: Target, observed: Mapping[str, ObservedContainer]) -> Iterator[Opening]:
    running = {container.spec.name for container in _running(target, observed)}
    for opening in target.openings:
        if opening.container in running and opening.tls != "none" and opening.protocol == "tcp":
            yield opening


def _running(target: Target, observed: Mapping[str, ObservedContainer]) -> Iterator[Container]:
    for container in target.containers:
        found = observed.get(full_name(container))
        if container.uses_certificates and found is not None and found.is_running:
            yield container
