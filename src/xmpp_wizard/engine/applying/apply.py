"""Carrying out a plan in a process of its own, with a journal, a generation, a health gate and a way back."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Literal

from xmpp_wizard.core.errors import (
    DestroysError,
    EditedError,
    NeedsPersonError,
    ObstacleError,
    WizardError,
)
from xmpp_wizard.core.events import (
    ApplyEnded,
    ApplyStarted,
    Event,
    StepTitle,
)
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.planning.actions import BuildImage, CopyFile, ReplaceContainer, WriteFile
from xmpp_wizard.core.planning.files import content_hash
from xmpp_wizard.core.planning.move_data import MoveData
from xmpp_wizard.core.planning.plan import Plan, Step
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.storage.moving import seconds_away
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.applying.pruning import tidy_images
from xmpp_wizard.engine.applying.rollback import take_back
from xmpp_wizard.engine.applying.run import Run, commit, do_steps
from xmpp_wizard.engine.memory import generations, journal, state
from xmpp_wizard.engine.memory.generations import Generation
from xmpp_wizard.engine.memory.journal import Journal
from xmpp_wizard.engine.proving.prove import prove
from xmpp_wizard.engine.setup import ApplyAnswers, Prepared, Request, prepare, settled

_BUG_STATUS = 70
_BUILD_SECONDS = 150.0


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person has said yes to beforehand. ``expected`` is the plan they saw, empty if they saw none."""

    allow_destroy: bool = False
    edits: Literal["ask", "keep", "overwrite"] = "ask"
    expected: str = ""
    wants_proof: bool = True


def check_consent(plan: Plan, consent: Consent) -> None:
    """Return if the plan may be carried out.

    Raises:
        ObstacleError: something is in the way.
        EditedError: files of ours were changed by hand and nobody said what to do with them.
        DestroysError: the plan destroys something and nobody said yes to that.
    """
    if plan.steps and plan.obstacles:
        raise ObstacleError(_list(obstacle.text for obstacle in plan.obstacles), plan.obstacles[0].hint)
    if plan.edits and consent.edits == "ask":
        raise EditedError(
            say("changed by hand since this program wrote it: {paths}", paths=", ".join(e.path for e in plan.edits)),
            say("Keep your changes with --keep-edits, or take ours with --overwrite-edits (yours are saved first)."),
        )
    if plan.destroys and not consent.allow_destroy:
        raise DestroysError(
            _list(step.cause for step in plan.destroys), say("If that is what you want: --allow-destroy")
        )


def launch(world: World, layout: Layout, request: Request, consent: Consent) -> Journal:
    """Start the work in the background and return its journal, to be followed; closing the terminal stops nothing."""
    record = journal.new_journal(world, layout)
    pid = world.background.start(lambda: work(world, layout, request, consent, record))
    return replace(record, pid=pid)


def work(world: World, layout: Layout, request: Request, consent: Consent, record: Journal) -> int:
    """Prepare and carry out ``request`` under the lock; return the exit status that the journal ends with."""
    return done(world, layout, request, consent, record).exit_status


def done(
    world: World, layout: Layout, request: Request, consent: Consent, record: Journal, patience_seconds: float = 0
) -> ApplyEnded:
    """Do as :func:`work`, after at most ``patience_seconds`` of waiting for somebody else's, and return the end."""
    report = _reporter(world, record)
    try:
        with world.lock.hold(str(layout.lock), patience_seconds):
            prepared = prepare(world, layout, request)
            check_consent(prepared.plan, consent)
            if isinstance(request, ApplyAnswers):
                _keep(world, layout, request)
            ended = _apply(Run(world, layout, record, report), prepared, consent)
    except WizardError as error:
        ended = ApplyEnded(error.exit_status, error.code, error.text, error.hint, world.clock.timestamp())
    except Exception:  # noqa: BLE001 the outermost frame of this process: a bug must reach the journal
        path = record.path.removesuffix(".jsonl") + ".crash"
        world.files.write(path, traceback.format_exc().encode(), 0o600, (0, 0))
        what = say("this is a bug in xmpp-wizard; the details are in {path}", path=path)
        ended = ApplyEnded(_BUG_STATUS, "bug", what, NOTHING, world.clock.timestamp())
    report(ended)
    return ended


def _keep(world: World, layout: Layout, request: ApplyAnswers) -> None:
    """Write what was typed to where the answers look for it, before anything needs it."""
    for path, secret in request.secrets:
        world.files.make_folder(str(layout.settings), 0o755, (0, 0))
        world.files.make_folder(str(PurePosixPath(path).parent), 0o700, (0, 0))
        world.files.write(path, f"{secret.reveal()}\n".encode(), 0o600, (0, 0))


def _reporter(world: World, record: Journal) -> Callable[[Event], None]:
    return lambda event: journal.write(world, record, event)


def _apply(run: Run, prepared: Prepared, consent: Consent) -> ApplyEnded:
    final = settled(prepared, keep=consent.edits == "keep")
    plan, kept = final.plan, final.observed.kept
    if consent.expected and not _deeds(str(plan)) <= _deeds(consent.expected):
        raise NeedsPersonError(
            say("this machine changed after the plan was shown"), say("Run again to see the plan as it is now.")
        )
    run.report(_started(run, plan, prepared))
    if kept != state.kept(run.world, run.layout):
        state.save_kept(run.world, run.layout, kept)
    if not plan.steps:
        return ApplyEnded(0, "", say("nothing to do: everything is as the answers say"), NOTHING, run.now())
    generation = _begin(run, prepared, plan, consent)
    done: list[Step] = []
    try:
        do_steps(run, plan.steps, done)
    except WizardError as error:
        take_back(run, generation, done, error, prepared.observed)
    commit(run, generation, prepared.target)
    if any(isinstance(step.action, BuildImage | ReplaceContainer) for step in done):
        tidy_images(run.world, (container.tag for container in prepared.target.containers))
    return _proven(run, prepared, generation, consent)


def _deeds(plan: str) -> set[str]:
    """Return what a plan does, without the order: a step less is no surprise (the journal's folder is there now)."""
    return {line.partition("] ")[2] for line in plan.splitlines()}


def _started(run: Run, plan: Plan, prepared: Prepared) -> ApplyStarted:
    titles = tuple(StepTitle(step.id, step.title, step.cause, _seconds(step)) for step in plan.steps)
    return ApplyStarted(
        plan.generation, run.world.lock.holder(str(run.layout.lock)) or 0, prepared.target.domains[0], titles, run.now()
    )


def _seconds(step: Step) -> float:
    """Return how long a step may take, for the line that shows how far it is."""
    if isinstance(step.action, MoveData) and step.action.copies:
        return seconds_away(step.action.census)
    return _BUILD_SECONDS if isinstance(step.action, BuildImage) else 0.2


def _begin(run: Run, prepared: Prepared, plan: Plan, consent: Consent) -> Generation:
    world, layout = run.world, run.layout
    world.files.make_folder(str(layout.state), 0o700, (0, 0))
    generation = Generation(plan.generation, run.now(), world.user, prepared.cause, prepared.target.domains)
    generation = generations.start(world, layout, generation, prepared.target, prepared.answers_text, str(plan))
    if consent.edits == "overwrite":
        for edit in plan.edits:
            generations.keep_copy(world, layout, generation.number, edit.path)
    written = state.written(world, layout)
    answers = prepared.observed.files.get(str(layout.answers))
    if answers is not None and answers.sha256 not in written.get(str(layout.answers), ()):
        # changed in place and perhaps not what is applied now, as when going back
        generations.keep_copy(world, layout, generation.number, str(layout.answers))
    # before the first write: after a crash, what lies there is known to be ours
    files = [step.action.file for step in plan.steps if isinstance(step.action, WriteFile)]
    files += [step.action.config for step in plan.steps if isinstance(step.action, MoveData)]
    intents = {file.path: (*written.get(file.path, ()), content_hash(file.text)) for file in files} | {
        step.action.copy.path: (
            *written.get(step.action.copy.path, ()),
            prepared.observed.references[step.action.copy.reference.source],
        )
        for step in plan.steps
        if isinstance(step.action, CopyFile)
    }
    if intents:
        state.save_written(world, layout, {**written, **intents})
    return generation


def _proven(run: Run, prepared: Prepared, generation: Generation, consent: Consent) -> ApplyEnded:
    ready = say("{domain} is set up (generation {number})", domain=generation.domains[0], number=generation.number)
    if prepared.desired is None or not consent.wants_proof:
        return ApplyEnded(0, "", ready, NOTHING, run.now())
    if prove(run.world, run.layout, prepared.desired, run.report):
        return ApplyEnded(0, "", say("{ready} and proven", ready=ready), NOTHING, run.now())
    return ApplyEnded(
        3,
        "proof",
        say("{ready}, but not all of it could be proven", ready=ready),
        say("See the lines marked FAIL; look again at any time with: xmpp-wizard prove"),
        run.now(),
    )


def _list(texts: Iterable[Text]) -> Text:
    return say("{all}", all="; ".join(str(text) for text in texts))
