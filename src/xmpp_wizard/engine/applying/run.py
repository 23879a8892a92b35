"""Going through a plan's steps: each is reported, and the end is recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from xmpp_wizard.core.errors import StoppedError, WizardError
from xmpp_wizard.core.events import Event, StepEnded, StepFailed, StepProgress, StepStarted
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.planning.files import content_hash
from xmpp_wizard.core.planning.plan import Step
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.applying.carry_out import Hands, carry_out
from xmpp_wizard.engine.applying.pruning import prune
from xmpp_wizard.engine.memory import generations, journal, state
from xmpp_wizard.engine.memory.generations import Generation
from xmpp_wizard.engine.memory.journal import Journal, StopWish


@dataclass(frozen=True, slots=True)
class Run:
    """One apply while it is going on: where it works, and where it tells of it."""

    world: World
    layout: Layout
    record: Journal
    report: Callable[[Event], None]

    def now(self) -> float:
        """Return seconds since 1970."""
        return self.world.clock.timestamp()


_AFTER_STOP: Mapping[StopWish, Text] = {
    "stop": say("Run xmpp-wizard apply again to go on."),
    "undo": say("Nothing of it goes on by itself."),
}


def do_steps(run: Run, steps: Iterable[Step], done: list[Step], *, can_stop: bool = True) -> None:
    """Carry the steps out in their order; ``done`` gets each one as it begins.

    Raises:
        StoppedError: a person asked for a stop between two steps.
        WizardError: a step failed; the journal says which.
    """
    for step in steps:
        wish = journal.stop_wish(run.world, run.record) if can_stop else None
        if wish is not None:
            raise StoppedError(say("stopped as you wished, before: {step}", step=step.title), _AFTER_STOP[wish])
        begin = run.now()
        run.report(StepStarted(step.id, begin, step.title))
        hands = Hands(run.world, run.layout, lambda line, step=step: run.report(_progress(run, step, line)))  # type: ignore[misc]
        try:
            done.append(step)
            carry_out(step.action, hands)
        except WizardError as error:
            run.report(StepFailed(step.id, error.code, error.text, error.hint, run.now()))
            raise
        left = hands.left[0] if hands.left else NOTHING
        run.report(StepEnded(step.id, run.now() - begin, run.now(), left))


def _progress(run: Run, step: Step, line: str) -> StepProgress:
    return StepProgress(step.id, Text(line), run.now())


def commit(run: Run, generation: Generation, target: Target) -> None:
    """Record the generation as good; what the files are known to hold is now exactly what was written."""
    world, layout = run.world, run.layout
    kept = state.kept(world, layout)
    known = state.written(world, layout)
    hashes = {
        file.path: known.get(file.path, ()) if file.path in kept else (content_hash(file.text),)
        for file in target.files
    } | {copy.path: known.get(copy.path, ())[-1:] for copy in target.copies}
    if hashes != known:
        state.save_written(world, layout, hashes)
    pinned = state.pinned(world, layout)
    if pinned != {**pinned, **target.pinned}:
        state.save_pinned(world, layout, {**pinned, **target.pinned})
    generations.finish(world, layout, generation, "good")
    prune(world, layout)
