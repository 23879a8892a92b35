"""The way back: a change that failed is taken back by the same means by which it was made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NoReturn

from xmpp_wizard.core.errors import RollbackFailedError, RolledBackError, StoppedError, WizardError
from xmpp_wizard.core.events import RollbackStarted
from xmpp_wizard.core.observed import Observed
from xmpp_wizard.core.planning.actions import (
    BuildImage,
    CreateContainer,
    FetchFile,
    MakeFolder,
    MakeSecret,
    MapPorts,
    ReplaceContainer,
    RestartContainer,
    StartContainer,
    WriteFile,
)
from xmpp_wizard.core.planning.containers import full_name
from xmpp_wizard.core.planning.make_plan import make_plan
from xmpp_wizard.core.planning.move_data import MoveData
from xmpp_wizard.core.planning.partial import leave_edits, without_steps
from xmpp_wizard.core.planning.plan import Plan, Step
from xmpp_wizard.core.text import say
from xmpp_wizard.engine import fronts, router
from xmpp_wizard.engine.applying.run import Run, commit, do_steps
from xmpp_wizard.engine.memory import generations, journal, state
from xmpp_wizard.engine.memory.generations import Generation
from xmpp_wizard.engine.observe import observe


def take_back(run: Run, generation: Generation, done: list[Step], error: WizardError, found: Observed) -> NoReturn:
    """Put the last good generation back after ``error``, or tidy up where there is none.

    ``found`` is the host as it was before.

    Raises:
        RolledBackError: the server runs as before.
        RollbackFailedError: it could not be put back.
        WizardError: ``error`` itself, where nothing had to be put back or a person only wanted to stop.
    """
    is_stop = isinstance(error, StoppedError)
    if is_stop and journal.stop_wish(run.world, run.record) == "stop":
        raise error
    # until the host is as it was, the generation counts as cut off: so the next run does not take it for whole
    good = generations.last_good(run.world, run.layout)
    is_harmless = all(isinstance(step.action, BuildImage | FetchFile | MakeFolder | MakeSecret) for step in done)
    if is_harmless or good is None:
        if good is None and not is_harmless:
            _remove_containers(run, done, found)
        generations.finish(run.world, run.layout, generation, "failed")
        raise error
    run.report(RollbackStarted(good.number, run.now()))
    try:
        _roll_back(run, good, generation, found.kept, done)
    except WizardError as second:
        raise RollbackFailedError(
            say(
                "{problem}; and putting generation {number} back failed, too: {second}",
                problem=error.text,
                number=good.number,
                second=second.text,
            ),
            say("No data is lost. When that is put right, xmpp-wizard apply goes on. {hint}", hint=second.hint),
        ) from second
    raise RolledBackError(
        say("{problem}", problem=error.text),
        say(
            "Nothing was lost: the server runs as in generation {number}; {failed} is what was tried. {hint}",
            number=good.number,
            failed=generation.number,
            hint=error.hint,
        ),
    ) from error


def _roll_back(
    run: Run, good: Generation, failed: Generation, kept: Mapping[str, tuple[str, str]], done: Iterable[Step]
) -> None:
    target = generations.load_target(run.world, run.layout, good.number)
    answers = generations.load_answers(run.world, run.layout, good.number)
    number = failed.number + 1
    state.save_kept(run.world, run.layout, kept)
    found = replace(observe(run.world, run.layout, target), is_unfinished=False, goes_back=True)
    # what a person wrote is left alone; what we wrote is no edit
    plan = _for_touched(leave_edits(make_plan(target, found)), done)
    plan = replace(plan, generation=number)
    cause = say("rolled back to {number}", number=good.number)
    generation = Generation(number, run.now(), run.world.user, cause, target.domains)
    generation = generations.start(run.world, run.layout, generation, target, answers, str(plan))
    generations.finish(run.world, run.layout, failed, "failed")
    do_steps(run, plan.steps, [], can_stop=False)
    commit(run, generation, target)


def _for_touched(plan: Plan, done: Iterable[Step]) -> Plan:
    """Return the plan without what it does to containers that the failed change never came to: they run as before.

    Else a fault in the admin's own configuration, for which they would have been restarted, would stop the way back.
    """
    touched = {step.id.partition(":")[2] for step in done if step.id.startswith("container:")}
    kinds = ("check", "container", "health")
    left = {
        step.id
        for step in plan.steps
        if step.id.partition(":")[0] in kinds and step.id.partition(":")[2] not in touched
    }
    return without_steps(plan, left)


def _remove_containers(run: Run, done: Iterable[Step], found: Observed) -> None:
    """A first set-up that failed leaves no broken server running; files, secrets and data stay for the next try.

    What ran before and was not touched goes on running; what a cut-off first set-up had started goes, too.
    """
    begun = CreateContainer | ReplaceContainer | MoveData | StartContainer | RestartContainer
    names = {full_name(step.action.container) for step in done if isinstance(step.action, begun)}
    for name in names | (set(found.containers) if found.is_unfinished else set()):
        run.world.containers.remove(name)
    for mapped in (step.action for step in done if isinstance(step.action, MapPorts)):
        router.unmap_ports(run.world, run.layout, mapped.doors, mapped.family)
    for file in (step.action.file for step in done if isinstance(step.action, WriteFile)):
        if file.reader:
            fronts.remove(run.world, run.layout, file)
