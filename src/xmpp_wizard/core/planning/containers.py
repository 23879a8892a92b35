"""What has to happen to each container: the least that makes it read what it should."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

from xmpp_wizard.core.observed import Loaded, Observed, ObservedContainer
from xmpp_wizard.core.planning import storage
from xmpp_wizard.core.planning.actions import (
    CheckConfig,
    CreateContainer,
    ReloadContainer,
    RemoveContainer,
    ReplaceContainer,
    RestartContainer,
    StartContainer,
    TryOut,
)
from xmpp_wizard.core.planning.plan import Step
from xmpp_wizard.core.storage.moving import aside_name
from xmpp_wizard.core.target import Container, Target
from xmpp_wizard.core.text import say


def steps(target: Target, observed: Observed, before: tuple[str, ...], images: tuple[str, ...]) -> Iterator[Step]:
    """Yield what a cut-off run left, then at most one step for each container, then what no longer belongs to it."""
    wanted = {full_name(container) for container in target.containers}
    left = {f"{name}-{half}" for name in wanted for half in ("next", "old")}
    # one that still moves data is stopped before anything looks at them
    left = (left | {aside_name(container.project) for container in target.containers}) & set(observed.containers)
    # before anything starts: the engine may have brought the old one back, which then holds the ports
    yield from (_removal(name, ()) for name in sorted(left))
    ids: list[str] = []
    for container in target.containers:
        name = full_name(container)
        known = observed.containers.get(name)
        loaded = to_load(container, target, observed, will_publish="certificates" in before)
        has_lost = any(bind.source not in observed.files for bind in container.binds)
        needs = before + images + tuple(f"container-removal:{other}" for other in sorted(left))
        if container.spec.name == "prosody" and storage.moves(target, observed):
            # its configuration is checked once the data are there, when it starts
            trials = tuple(_trials(container, before)) if known is not None and known.is_running else ()
            yield from trials
            needed = (*needs, *ids, *(trial.id for trial in trials))
            move = storage.step(container, loaded, target, observed, needed)
            ids.append(move.id)
            yield move
            continue
        step = _step(container, known, observed.loaded.get(name), loaded, needs, has_lost=has_lost)
        if step is None:
            continue
        if step.interrupts and container.spec.config_check and not has_lost:
            checks = (_check(container, before), *_trials(container, before))
            yield from checks
            step = replace(step, needs=(*step.needs, *(check.id for check in checks)))
        ids.append(step.id)
        yield step
        if isinstance(step.action, CreateContainer):
            yield from _trials(container, (step.id,))
    yield from (_removal(name, tuple(ids)) for name in sorted(set(observed.containers) - wanted - left))


def _removal(name: str, needs: tuple[str, ...]) -> Step:
    title = say("Remove the container {name}", name=name)
    return Step(f"container-removal:{name}", RemoveContainer(name), needs, title, say("no longer needed"))


def _check(container: Container, before: tuple[str, ...]) -> Step:
    name = container.spec.name
    user = f"{container.spec.user_id}:{container.spec.user_id}"
    action = CheckConfig(full_name(container), container.spec.config_check, user)
    title = say("Let {name} check the new configuration", name=name)
    return Step(f"check:{name}", action, before, title, say("before anything is interrupted"))


def _trials(container: Container, needs: tuple[str, ...]) -> Iterator[Step]:
    user = f"{container.spec.user_id}:{container.spec.user_id}"
    for trial in container.trials:
        action = TryOut(full_name(container), trial, user)
        yield Step(f"trial:{trial.name}", action, needs, trial.title, say("the server relies on it"))


def full_name(container: Container) -> str:
    """Return the engine's name for the container."""
    return f"{container.project}-{container.spec.name}"


def to_load(container: Container, target: Target, observed: Observed, *, will_publish: bool) -> Loaded:
    """Return what the container will have read once the plan is done."""
    written_by_people = {**{path: hashes[0] for path, hashes in observed.kept.items()}, **observed.admin_config}
    copied = [(copy.path, observed.references.get(copy.reference.source, "")) for copy in target.copies]
    # what others read is no reason to interrupt this one
    ours = [
        f"{path}={content}"
        for path, content in (*sorted(written_by_people.items()), *copied)
        if any(path.startswith(f"{bind.source}/") for bind in container.binds)
    ]
    extra = sha256("\n".join([container.restart_hash, *ours]).encode()).hexdigest()[:16]
    generation = observed.certificate_generation + will_publish
    return Loaded(extra, container.reload_hash, generation if container.uses_certificates else 0)


def _step(
    container: Container,
    known: ObservedContainer | None,
    have: Loaded | None,
    want: Loaded,
    needs: tuple[str, ...],
    *,
    has_lost: bool,
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
    if has_lost or have is None or have.restart_hash != want.restart_hash:
        restart = RestartContainer(container, want)
        # a folder made anew is another one for a container that runs
        what = say("a folder that it uses was gone")
        cause = what if has_lost else say("its configuration differs from what it has read")
        return Step(identity, restart, needs, say("Restart {name}", name=name), cause, interrupts=True)
    if have != want:
        cause = say("new certificates") if have.certificates != want.certificates else say("new log settings")
        reload = ReloadContainer(container, want)
        return Step(identity, reload, needs, say("Let {name} read its files again", name=name), cause)
    return None
