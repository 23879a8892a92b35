"""What Apply does, in two sentences; and every step of it, for those who want to know."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from xmpp_wizard.core.planning.actions import (
    CreateContainer,
    ReplaceContainer,
    RestartContainer,
    StartContainer,
    WriteFile,
)
from xmpp_wizard.core.planning.move_data import MoveData
from xmpp_wizard.core.planning.plan import Plan, Step
from xmpp_wizard.core.storage.moving import how_long
from xmpp_wizard.core.text import Text, say

_NO_HARM = say("Interrupts nothing. Deletes nothing.")


def summary(plan: Plan) -> Text:
    """Return in two sentences what Apply does."""
    starts = sum(isinstance(step.action, CreateContainer | ReplaceContainer | StartContainer) for step in plan.steps)
    files = sum(isinstance(step.action, WriteFile) for step in plan.steps)
    moves = [step.action for step in plan.steps if isinstance(step.action, MoveData)]
    if not plan.steps:
        return say("Nothing to do: all is as the answers say.")
    if plan.destroys:
        return say(
            "Apply writes {files}. It {harms}, in {steps}.",
            files=_files(files),
            harms=harms(plan),
            steps=_steps(len(plan.destroys)),
        )
    if moves:
        time = how_long(moves[0].census)
        return say("Apply moves everybody's data; nobody can log in {time}. Deletes nothing.", time=time)
    if plan.interrupts:
        return say("Apply writes {files} and interrupts for about half a second. Deletes nothing.", files=_files(files))
    return _quiet(plan.builds, starts, files)


def _quiet(builds: int, starts: int, files: int) -> Text:
    """Return the summary of a plan that disturbs nobody."""
    values = {"images": _images(builds), "containers": _containers(starts), "files": _files(files), "harm": _NO_HARM}
    if builds == 1 and starts:
        return say("Apply builds {images}, starts {containers}, writes {files}. {harm}", **values)
    if builds:
        return say("Apply builds {images}, writes {files}. {harm}", **values)
    if starts:
        return say("Apply starts {containers}, writes {files}. {harm}", **values)
    if files:
        return say("Apply writes {files}. {harm}", **values)
    return _NO_HARM


def _images(count: int) -> Text:
    return say("an image (about 4 min)") if count == 1 else say("{count} images (about 4 min each)", count=count)


def _containers(count: int) -> Text:
    return say("a container") if count == 1 else say("{count} containers", count=count)


def _files(count: int) -> Text:
    if not count:
        return say("no file")
    return say("a file") if count == 1 else say("{count} files", count=count)


def _steps(count: int) -> Text:
    return say("one step") if count == 1 else say("{count} steps", count=count)


def step_lines(plan: Plan, words: Callable[[Text], str] = str) -> Iterator[str]:
    """Yield every step: what, why, whom it interrupts, and whether it deletes something."""
    for number, step in enumerate(plan.steps, 1):
        yield f"{number:>3}  {words(step.title)}"
        yield f"       {words(say('because: {cause}', cause=step.cause))}"
        if step.destroys:
            yield f"       {words(say('{harm}: you are asked first', harm=harm(step)))}"
        elif step.interrupts:
            yield f"       {words(interruption(step))}"


def harm(step: Step) -> Text:
    """Say in a word what a step that destroys does."""
    return say("DELETES") if step.deletes else say("SHUTS OUT")


def harms(plan: Plan) -> Text:
    """Say what the steps that destroy do, as it follows "this"."""
    kinds = {step.deletes for step in plan.destroys}
    if len(kinds) > 1:
        return say("DELETES data and shuts people out")
    return say("DELETES data") if True in kinds else say("shuts people out")


def interruption(step: Step) -> Text:
    """Say what a step means for people who are connected."""
    if isinstance(step.action, MoveData) and step.action.copies:
        return say("interrupts: {time}; apps connect again by themselves", time=how_long(step.action.census))
    if isinstance(step.action, RestartContainer | ReplaceContainer | MoveData):
        return say("interrupts: about half a second; apps connect again by themselves")
    return say("interrupts: those whom it concerns are cut off")
