"""What a renewal may do while nobody looks on: new certificates, read by whoever uses them; nothing is interrupted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from xmpp_wizard.core.observed import Observed
from xmpp_wizard.core.planning.actions import MakeAuthority, MakeFolder, PublishCertificates, ReloadContainer
from xmpp_wizard.core.planning.containers import full_name
from xmpp_wizard.core.planning.front import rereads
from xmpp_wizard.core.planning.obstacles import obstacles
from xmpp_wizard.core.planning.partial import without_steps
from xmpp_wizard.core.planning.plan import Obstacle, Plan, Step
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import say


def only_certificates(plan: Plan, target: Target, observed: Observed) -> Plan:
    """Return ``plan`` with nothing in it but certificates.

    A container that does not run stays so, and what an admin has changed waits for the admin: neither a restart nor
    another configuration comes by itself.
    """
    kept = MakeFolder | MakeAuthority | PublishCertificates
    made = without_steps(plan, {step.id for step in plan.steps if not isinstance(step.action, kept)}).steps
    will_publish = any(isinstance(step.action, PublishCertificates) for step in made)
    if not will_publish:
        made = ()
    before = tuple(step.id for step in made)
    reloads = _reloads(target, observed, before, will_publish=will_publish)
    steps = (*made, *reloads, *rereads(observed, before, will_publish=will_publish))
    in_the_way = (*_unfinished(observed), *obstacles(replace(target, openings=(), copies=()), observed))
    generation = observed.generation + 1 if steps else observed.generation
    return Plan(generation, steps, in_the_way if steps else (), ())


def _reloads(target: Target, observed: Observed, before: tuple[str, ...], *, will_publish: bool) -> Iterator[Step]:
    wanted = observed.certificate_generation + will_publish
    for container in target.containers:
        known, have = observed.containers.get(full_name(container)), observed.loaded.get(full_name(container))
        is_running = container.uses_certificates and known is not None and known.is_running
        if is_running and have is not None and have.certificates != wanted:
            name = container.spec.name
            yield Step(
                f"container:{name}",
                ReloadContainer(container, replace(have, certificates=wanted)),
                before,
                say("Let {name} read its files again", name=name),
                say("new certificates"),
            )


def _unfinished(observed: Observed) -> Iterator[Obstacle]:
    if observed.is_unfinished:
        yield Obstacle(
            say("the last apply was cut off, and nobody has finished it"),
            say("Finish it: sudo xmpp-wizard apply. After that, certificates are renewed by themselves again."),
        )
