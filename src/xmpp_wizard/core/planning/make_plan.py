"""Target and host become a plan: deterministic, with a cause for every step; nothing here reads or changes anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from xmpp_wizard.core.observed import Observed
from xmpp_wizard.core.planning import (
    certificates,
    containers,
    dns,
    fetching,
    files,
    firewall,
    front,
    router,
    storage,
    timer,
)
from xmpp_wizard.core.planning.actions import BuildImage, CheckHealth, FinishGeneration, RetireHost
from xmpp_wizard.core.planning.draft import Draft
from xmpp_wizard.core.planning.obstacles import obstacles
from xmpp_wizard.core.planning.plan import Plan, Step
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import say


def make_plan(target: Target, observed: Observed, *, force_renewal: bool = False) -> Plan:
    """Return the steps that make the host what ``target`` says; none where it already is.

    ``force_renewal`` renews certificates that are not due.
    """
    draft = Draft()
    draft.steps.extend(_retired(target, observed))
    draft.steps.extend(_images(target, observed))
    files.add_folders(target, observed, draft)
    files.add_secrets(target, observed, draft)
    draft.steps.extend(fetching.steps(target, observed, draft.ids("folder")))
    files.add_files((file for file in target.files if not file.reader), observed, draft)
    files.add_copies(target, observed, draft)
    draft.steps.extend(timer.stop(target, observed))
    files.add_removals(target, observed, draft)
    draft.steps.extend(dns.steps(target, observed, draft.ids("folder")))
    # an authority may have to come in before it gives any
    draft.steps.extend(router.steps(target, observed, draft.ids("folder")))
    before = draft.ids("folder", "router", "router-ipv6")
    draft.steps.extend(certificates.steps(target, observed, before, force_renewal=force_renewal))
    # it is checked as it is written, with the certificates that it names
    files.add_files((file for file in target.files if file.reader), observed, draft)
    # before our own server starts, which may want the ports that it lets go of
    draft.steps.extend(front.farewells(target, observed, draft.ids("file", "remove", "certificates")))
    before = draft.ids("folder", "secret", "file", "copy", "access", "remove", "certificates", "front")
    draft.steps.extend(containers.steps(target, observed, before, draft.ids("image")))
    draft.steps = storage.around_the_move(draft.steps)
    draft.steps.extend(front.steps(target, observed, draft.ids("file", "remove", "certificates", "container")))
    draft.steps.extend(_health(target, observed, draft))
    draft.steps.extend(firewall.steps(target, observed, draft.ids("health")))
    draft.steps.extend(timer.start(target, observed, [step.id for step in draft.steps]))
    if observed.is_unfinished or observed.is_unrecorded:
        cut_off, lost = say("an earlier run was cut off before its end"), say("the records of what runs here are gone")
        cause = cut_off if observed.is_unfinished else lost
        draft.steps.append(Step("finish", FinishGeneration(), draft.ids("health"), say("Record the set-up"), cause))
    generation = observed.generation + 1 if draft.steps else observed.generation
    return Plan(generation, tuple(draft.steps), obstacles(target, observed), tuple(draft.edits))


def settle_edits(target: Target, observed: Observed, plan: Plan, *, keep: bool) -> tuple[Observed, Plan]:
    """Return the host with the plan's hand edits marked as kept (or not kept any more), and the plan for it."""
    edits = {edit.path: (edit.on_disk, edit.wanted) for edit in plan.edits}
    others = {path: hashes for path, hashes in observed.kept.items() if path not in edits}
    host = replace(observed, kept={**others, **edits} if keep else others)
    return host, make_plan(target, host)


def _retired(target: Target, observed: Observed) -> Iterator[Step]:
    for domain in observed.domains:
        if domain not in target.domains:
            yield Step(
                f"retire:{domain}",
                RetireHost(domain),
                (),
                say("No longer serve {domain}", domain=domain),
                say(
                    "{domain} is no longer in the answers; nobody there can log in any more, and its data stay here",
                    domain=domain,
                ),
                interrupts=True,
                destroys=True,
            )


def _images(target: Target, observed: Observed) -> Iterator[Step]:
    for container in target.containers:
        if container.tag not in observed.images:
            yield Step(
                f"image:{container.spec.image}",
                BuildImage(container.spec.image, container.tag),
                (),
                say("Build the image of {name}", name=container.spec.image.replace("+", " + ")),
                say("{tag} is not on this machine", tag=container.tag),
            )


def _health(target: Target, observed: Observed, draft: Draft) -> Iterator[Step]:
    touched = draft.ids("container")
    if not touched and not observed.is_unfinished:
        return
    certificate: Sequence[str] = [request.name for request in target.certificates]
    for container in target.containers:
        if container.health is not None:
            name = container.spec.name
            yield Step(
                f"health:{name}",
                CheckHealth(name, container.health, certificate[0] if certificate else ""),
                touched,
                say("Look whether {name} serves", name=name),
                say("something of it changed"),
            )
