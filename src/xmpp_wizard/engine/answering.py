"""Whether a container answers, each asked in its own way, and whether it reaches what it relies on."""

from __future__ import annotations

from collections.abc import Iterator

from xmpp_wizard.core.errors import EngineError, HealthError
from xmpp_wizard.core.kit.checks import Problem, Trial
from xmpp_wizard.core.kit.feature import Health
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.planning.containers import full_name
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.target import Container
from xmpp_wizard.core.text import Text, say

_TRIAL_SECONDS = 15.0
"""For each look at a server; those that it relies on are given ten seconds to answer."""


def ask(world: World, layout: Layout, name: str, health: Health, timeout_seconds: float) -> int | None:
    """Return the serial number of the certificate that ``name`` serves XMPP with; None if it answers in another way.

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


def tried(
    world: World, name: str, trial: Trial, user: str, *, timeout_seconds: float = 30
) -> tuple[Problem, str] | None:
    """Run a check inside the container ``name``; return what it finds and why, or None where all is well.

    Raises:
        EngineError: it could not be run, or did not end in time.
    """
    result = world.containers.run(name, trial.command, user=user, timeout_seconds=timeout_seconds)
    found = next((problem for problem in trial.problems if problem.status == result.status), None)
    return (found, result.output.strip()) if found else None


def unreached(world: World, container: Container) -> Iterator[Text]:
    """Yield what a running container relies on and cannot use, such as somebody else's database."""
    user = f"{container.spec.user_id}:{container.spec.user_id}"
    for trial in container.trials:
        try:
            found = tried(world, full_name(container), trial, user, timeout_seconds=_TRIAL_SECONDS)
        except EngineError:
            yield say("{check}: no answer within {count} seconds", check=trial.title, count=int(_TRIAL_SECONDS))
            continue
        if found is not None:
            yield say("{problem}: {reason}", problem=found[0].text, reason=found[1])
