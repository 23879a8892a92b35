"""What has to happen to each container: the least that makes it read what it should."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

from xmpp_wizard.core.observed import Loaded, Observed, ObservedContainer
from xmpp_wizard.core.plan import (
    CheckConfig,
    CreateContainer,
    ReloadContainer,
    RemoveContainer,
    ReplaceContainer,
    RestartContainer,
    StartContainer,
    Step,
)
from xmpp_wizard.core.target import Container, Target
from xmpp_wizard.core.text import say


def steps(target: Target, observed: Observed, before: tuple[str, ...], images: tuple[str, ...]) -> Iterator[Step]:
    """Yield at most one step for each container of the target, then one for each that no longer belongs to it."""
    ids: list[str] = []
    wanted = set()
    for container in target.containers:
        name = full_name(container)
        wanted.add(name)
        known = observed.containers.get(name)
        loaded = to_load(container, target, observed, will_publish="certificates" in before)
        step = _step(container, known, observed.loaded.get(name), loaded, before + images)
        if step is None:
            continue
        if step.interrupts and container.spec.config_check:
            yield _check(container, before)
            step = replace(step, needs=(*step.needs, f"check:{container.spec.name}"))
        ids.append(step.id)
        yield step
    for name in sorted(set(observed.containers) - wanted):
        title = say("Remove the container {name}", name=name)
        yield Step(f"container-removal:{name}", RemoveContainer(name), tuple(ids), title, say("no longer needed"))


def _check(container: Container, before: tuple[str, ...]) -> Step:
    name = container.spec.name
    user = f"{container.spec.user_id}:{container.spec.user_id}"
    action = CheckConfig(full_name(container), container.spec.config_check, user)
    title = say("Let {name} check the new configuration", name=name)
    return Step(f"check:{name}", action, before, title, say("before anything is interrupted"))


def full_name(container: Container) -> str:
    """Return the engine's name for the container."""
    return f"{container.project}-{container.spec.name}"


def to_load(container: Container, target: Target, observed: Observed, *, will_publish: bool) -> Loaded:
    """Return what the container will have read once the plan is done."""
    ours = sorted(
        f"{path}={hashes[0]}"
        for path, hashes in observed.kept.items()
        if any(path.startswith(f"{bind.source}/") for bind in container.binds)
    )
    ours += [f"{copy.path}={observed.references.get(copy.reference.source, '')}" for copy in target.copies]
    extra = sha256("\n".join([container.restart_hash, *ours]).encode()).hexdigest()[:16]
    generation = observed.certificate_generation + will_publish
    return Loaded(extra, container.reload_hash, generation if container.uses_certificates else 0)


def _step(
    container: Container, known: ObservedContainer | None, have: Loaded | None, want: Loaded, needs: tuple[str, ...]
) -> Step | None:
    name = container.spec.name
    identity = f"container:{name}"
    if known is None:
        create = CreateContainer(container, want)
        return Step(identity, create, needs, say("Start {name}", name=name), say("there is no such container"))
    if known.config_hash != container.config_hash:
        what = say("its image is another") if known.tag != container.tag else say("its settings differ")
        replace = ReplaceContainer(container, want)
        title = say("Put a new {name} in the old one's place", name=name)
        return Step(identity, replace, needs, title, what, interrupts=known.is_running)
    if not known.is_running:
        start = StartContainer(container, want)
        return Step(identity, start, needs, say("Start {name}", name=name), say("it does not run"))
    if have is None or have.restart_hash != want.restart_hash:
        restart = RestartContainer(container, want)
        cause = say("its configuration differs from what it has read")
        return Step(identity, restart, needs, say("Restart {name}", name=name), cause, interrupts=True)
    if have != want:
        cause = say("new certificates") if have.certificates != want.certificates else say("new log settings")
        reload = ReloadContainer(container, want)
        return Step(identity, reload, needs, say("Let {name} read its files again", name=name), cause)
    return None
