"""Whether a container answers, each asked in its own way."""

from __future__ import annotations

from xmpp_wizard.core.errors import EngineError, HealthError
from xmpp_wizard.core.feature import Health
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.probe import ServedStream
from xmpp_wizard.core.text import say


def ask(world: World, layout: Layout, name: str, health: Health, timeout_seconds: float) -> ServedStream | None:
    """Return the XMPP stream that the container ``name`` serves; None for one that answers in another way.

    Raises:
        HealthError: it does not answer as it should.
    """
    match health.speaks:
        case "xmpp":
            return world.probe.stream(health.address, health.port, health.domain, "starttls-client", timeout_seconds)
        case "stun":
            world.probe.stun(health.address, health.port, timeout_seconds)
        case "command":
            _run(world, layout.container(name), name, health, timeout_seconds)
    return None


def _run(world: World, full_name: str, name: str, health: Health, timeout_seconds: float) -> None:
    try:
        answers = world.containers.run(full_name, health.command, timeout_seconds=timeout_seconds).status == 0
    except EngineError:
        answers = False
    if not answers:
        raise HealthError(
            say("{name} does not answer: nobody can log in. Look at: xmpp-wizard logs {name}", name=name),
            say("xmpp-wizard apply starts what does not run."),
        )
