"""Target and host become a plan: deterministic, with a cause for every step; nothing here reads or changes anything."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from xmpp_wizard.core.observed import Observed
from xmpp_wizard.core.planning import certificates, containers, dns, fetching, firewall, front, router, storage, timer
from xmpp_wizard.core.planning.actions import (
    BuildImage,
    CheckHealth,
    CloseDoors,
    CopyFile,
    CorrectAccess,
    EnterRecords,
    FetchFile,
    FinishGeneration,
    MakeFolder,
    MakeSecret,
    MapPorts,
    OpenDoors,
    RemoveFile,
    RetireHost,
    StartTimer,
    StopTimer,
    UnmapPorts,
    WriteFile,
)
from xmpp_wizard.core.planning.move_data import MoveData
from xmpp_wizard.core.planning.obstacles import obstacles
from xmpp_wizard.core.planning.plan import Edit, Plan, Step
from xmpp_wizard.core.target import Copy, File, Folder, KeptSecret, Target
from xmpp_wizard.core.text import Text, say


def content_hash(content: str | bytes) -> str:
    """Return the hash by which contents of files are compared."""
    return sha256(content.encode() if isinstance(content, str) else content).hexdigest()


@dataclass(slots=True)
class _Draft:
    """Steps in the order in which they are found, which is one in which they can be done."""

    steps: list[Step] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)

    def ids(self, *kinds: str) -> tuple[str, ...]:
        return tuple(step.id for step in self.steps if step.id.partition(":")[0] in kinds)


def make_plan(target: Target, observed: Observed, *, force_renewal: bool = False) -> Plan:
    """Return the steps that make the host what ``target`` says; none where it already is.

    ``force_renewal`` renews certificates that are not due.
    """
    draft = _Draft()
    draft.steps.extend(_retired(target, observed))
    draft.steps.extend(_images(target, observed))
    draft.steps.extend(_folders(target, observed))
    for secret in target.secrets:
        draft.steps.extend(_secret(secret, observed, draft))
    draft.steps.extend(fetching.steps(target, observed, draft.ids("folder")))
    for file in target.files:
        if not file.reader:
            _file(file, observed, draft)
    for copy in target.copies:
        draft.steps.extend(_copy(copy, observed, draft))
    draft.steps.extend(timer.stop(target, observed))
    _leftover_files(target, observed, draft)
    draft.steps.extend(dns.steps(target, observed, draft.ids("folder")))
    # an authority may have to come in before it gives any
    draft.steps.extend(router.steps(target, observed, draft.ids("folder")))
    before = draft.ids("folder", "router", "router-ipv6")
    draft.steps.extend(certificates.steps(target, observed, before, force_renewal=force_renewal))
    for file in target.files:
        if file.reader:  # it is checked as it is written, with the certificates that it names
            _file(file, observed, draft)
    # before our own server starts, which may want the ports that it lets go of
    draft.steps.extend(front.farewells(target, observed, draft.ids("file", "remove", "certificates")))
    before = draft.ids("folder", "secret", "file", "copy", "access", "remove", "certificates", "front")
    draft.steps.extend(containers.steps(target, observed, before, draft.ids("image")))
    draft.steps = storage.around_the_move(draft.steps)
    draft.steps.extend(front.steps(target, observed, draft.ids("file", "remove", "certificates", "container")))
    draft.steps.extend(_health(target, observed, draft))
    draft.steps.extend(firewall.steps(target, observed, draft.ids("health")))
    draft.steps.extend(timer.start(target, observed, [step.id for step in draft.steps]))
    if observed.is_unfinished:
        cause = say("an earlier run was cut off before its end")
        draft.steps.append(Step("finish", FinishGeneration(), draft.ids("health"), say("Record the set-up"), cause))
    generation = observed.generation + 1 if draft.steps else observed.generation
    return Plan(generation, tuple(draft.steps), obstacles(target, observed), tuple(draft.edits))


def settle_edits(target: Target, observed: Observed, plan: Plan, *, keep: bool) -> tuple[Observed, Plan]:
    """Return the host with the plan's hand edits marked as kept (or not kept any more), and the plan for it."""
    edits = {edit.path: (edit.on_disk, edit.wanted) for edit in plan.edits}
    others = {path: hashes for path, hashes in observed.kept.items() if path not in edits}
    host = replace(observed, kept={**others, **edits} if keep else others)
    return host, make_plan(target, host)


def leave_edits(plan: Plan) -> Plan:
    """Return the plan without the steps that would overwrite or remove what somebody else wrote."""
    edits = {edit.path for edit in plan.edits}
    left = {f"{verb}:{path}" for verb in ("file", "remove") for path in edits}
    return without_steps(replace(plan, edits=()), left)


def without_files(plan: Plan) -> Plan:
    """Return the plan without what is done to files of ours: a renewal waits for no answer and no hand edit."""
    files = WriteFile | RemoveFile | CopyFile | FetchFile | StartTimer | StopTimer
    others = files | OpenDoors | CloseDoors | MapPorts | UnmapPorts | EnterRecords | MoveData
    left = {step.id for step in plan.steps if isinstance(step.action, others)}
    return without_steps(replace(plan, edits=()), left)


def without_steps(plan: Plan, left: Collection[str]) -> Plan:
    """Return the plan without the steps with these ids; nothing waits for them any more."""
    steps = tuple(
        replace(step, needs=tuple(need for need in step.needs if need not in left))
        for step in plan.steps
        if step.id not in left
    )
    return replace(plan, steps=steps)


def _retired(target: Target, observed: Observed) -> Iterator[Step]:
    for domain in observed.domains:
        if domain not in target.domains:
            yield Step(
                f"retire:{domain}",
                RetireHost(domain),
                (),
                say("No longer serve {domain}", domain=domain),
                say("{domain} is no longer in the answers; nobody there can log in any more", domain=domain),
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


def _folders(target: Target, observed: Observed) -> Iterator[Step]:
    made: list[str] = []
    for folder in target.folders:
        cause = _folder_cause(folder, observed)
        if cause:
            needs = tuple(f"folder:{path}" for path in made if folder.path.startswith(path + "/"))
            title = say("Folder {path}", path=folder.path)
            yield Step(f"folder:{folder.path}", MakeFolder(folder), needs, title, cause)
            made.append(folder.path)


def _folder_cause(folder: Folder, observed: Observed) -> Text | None:
    known = observed.files.get(folder.path)
    if known is None or not known.is_folder:
        return say("not there")
    return _access_cause(known.mode, known.owner, folder.mode, folder.owner)


def _access_cause(mode: int, owner: tuple[int, int], want_mode: int, want_owner: tuple[int, int]) -> Text | None:
    if owner != want_owner:
        have, want = (":".join(map(str, pair)) for pair in (owner, want_owner))
        return say("belongs to {have} instead of {want}", have=have, want=want)
    if mode != want_mode:
        return say("has mode {have} instead of {want}", have=f"{mode:04o}", want=f"{want_mode:04o}")
    return None


def _needed_folder(path: str, draft: _Draft) -> tuple[str, ...]:
    return tuple(name for name in draft.ids("folder") if path.startswith(name.removeprefix("folder:") + "/"))


def _access(item: File | Copy | KeptSecret, observed: Observed, draft: _Draft) -> Iterator[Step]:
    known = observed.files[item.path]
    cause = _access_cause(known.mode, known.owner, item.mode, item.owner)
    if cause:
        yield Step(
            f"access:{item.path}",
            CorrectAccess(item.path, item.mode, item.owner),
            _needed_folder(item.path, draft),
            say("Correct who may read {path}", path=item.path),
            cause,
        )


def _secret(secret: KeptSecret, observed: Observed, draft: _Draft) -> Iterator[Step]:
    if secret.path in observed.files:
        yield from _access(secret, observed, draft)
        return
    yield Step(
        f"secret:{secret.path}",
        MakeSecret(secret),
        (
            *_needed_folder(secret.path, draft),
            *(name for name in draft.ids("secret") if name == f"secret:{secret.same_as}"),
        ),
        _secret_title(secret),
        say("not there"),
    )


def _secret_title(secret: KeptSecret) -> Text:
    if not secret.shared_with:
        return say("Make the secret {name}", name=secret.secret.name)
    return say(
        "Give the container {container} the secret {name}", container=secret.shared_with, name=secret.secret.name
    )


def _file(file: File, observed: Observed, draft: _Draft) -> None:
    known = observed.files.get(file.path)
    wanted = content_hash(file.text)
    if known is not None and known.sha256 == wanted:
        draft.steps.extend(_access(file, observed, draft))
        return
    if known is not None and observed.kept.get(file.path) == (known.sha256, wanted):
        return
    is_edited = known is not None and known.sha256 not in observed.written.get(file.path, ())
    if known is not None and is_edited:
        draft.edits.append(Edit(file.path, known.sha256, wanted))
    cause = say("not there") if known is None else say("changed by hand") if is_edited else say("content differs")
    draft.steps.append(
        Step(
            f"file:{file.path}",
            WriteFile(file),
            (*_needed_folder(file.path, draft), *(draft.ids("certificates") if file.reader else ())),
            say("Write {path}", path=file.path),
            cause,
        )
    )


def _copy(copy: Copy, observed: Observed, draft: _Draft) -> Iterator[Step]:
    source = observed.references.get(copy.reference.source)
    known = observed.files.get(copy.path)
    if source is None or (known is not None and known.sha256 == source):
        if known is not None:
            yield from _access(copy, observed, draft)
        return
    yield Step(
        f"copy:{copy.path}",
        CopyFile(copy),
        (*_needed_folder(copy.path, draft), *draft.ids("fetch")),
        _copy_title(copy),
        say("not there") if known is None else say("content differs"),
    )


def _copy_title(copy: Copy) -> Text:
    if copy.reference.url:
        # whether it came just now or lies here since an earlier run: nothing is asked of the web any more
        return say("Put {name} from the web in its place", name=copy.reference.name)
    return say("Copy {path}", path=copy.reference.source)


def _leftover_files(target: Target, observed: Observed, draft: _Draft) -> None:
    ours = {file.path for file in target.files} | {copy.path for copy in target.copies}
    for path, hashes in sorted(observed.written.items()):
        known = observed.files.get(path)
        if path in ours or known is None or observed.kept.get(path) == (known.sha256, ""):
            continue
        if known.sha256 not in hashes:
            draft.edits.append(Edit(path, known.sha256, ""))
        draft.steps.append(
            Step(f"remove:{path}", RemoveFile(path), (), say("Remove {path}", path=path), say("no longer needed"))
        )


def _health(target: Target, observed: Observed, draft: _Draft) -> Iterator[Step]:
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
