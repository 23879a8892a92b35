"""How an apply ended, in words, and what a person can do then; only what really leads somewhere is offered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from xmpp_wizard.core.events import ApplyEnded
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.applying.picture import ApplyPicture, clock
from xmpp_wizard.engine.memory import generations

Choice: TypeAlias = Literal["onward", "prove", "retry", "undo", "remove", "report"]
_SHOWN_PROOFS = 3


@dataclass(frozen=True, slots=True)
class Ending:
    """``words`` are sentences, a line each; ``back_to`` is the generation to undo to, None for the one before."""

    words: tuple[Text, ...]
    choices: tuple[Choice, ...]
    back_to: int | None = None


def ending(world: World, layout: Layout, picture: ApplyPicture, ended: ApplyEnded) -> Ending:
    """Return what to say and to offer at the end of an apply."""
    if ended.exit_status == 0:
        return Ending((ended.text,), ("onward",))
    history = generations.all_generations(world, layout)
    good = [generation.number for generation in history if generation.state == "good"]
    if ended.code == "proof":
        way_back: tuple[Choice, ...] = ("undo",) if len(good) > 1 else ("remove",)
        return Ending(tuple(_red(picture)), ("onward", "prove", *way_back, "report"))
    words: tuple[Text, ...] = (ended.text, ended.hint)
    if not good:
        # the engine has stopped and removed what it had started
        left = say("Nothing runs now: what was started is stopped again. The rest stays for the next try.")
        # the hint comes last: it may bring lines of a log with it
        words = (ended.text, left, ended.hint) if history else words
        return Ending(words, ("retry", "remove", "report") if history else ("retry", "report"))
    if history[-1].state == "started":
        return Ending(words, ("retry", "undo", "report"), good[-1])
    return _whole(words, picture, ended)


def _whole(words: tuple[Text, ...], picture: ApplyPicture, ended: ApplyEnded) -> Ending:
    """Return the end of an apply that did not come to it, but has left a whole server, be it the new or the old one."""
    if ended.code == "rolled-back":
        return Ending(words, ("retry", "report"))
    if picture.proofs_wanted:
        # what is proven is there already; to do it again would find nothing to do
        runs = say("The change is made and the server runs; only the proof was cut off.")
        return Ending((ended.text, runs), ("onward", "prove", "report"))
    return Ending((*words, say("Nothing was changed: the server runs as before.")), ("retry", "report"))


def _red(picture: ApplyPicture) -> Iterable[Text]:
    red = [proof for proof in picture.proofs if not proof.is_green]
    values = {"count": len(red), "all": len(picture.proofs)}
    yield say("Your server runs. {count} of {all} checks did not come out well:", **values)
    for proof in red[:_SHOWN_PROOFS]:
        yield say("FAIL {title}: {text}", title=proof.title, text=proof.text)
    hint = next((proof.hint for proof in red if proof.hint), NOTHING)
    if hint:
        yield hint


def report(world: World, picture: ApplyPicture, words: Callable[[Text], str]) -> str:
    """Return all that was seen, to be given to somebody who helps; events carry no secrets, so none are in it."""
    machine, ended = world.surroundings.machine(), picture.ended
    lines = [f"{picture.domain}, {machine.system}, {machine.memory_mb} MB", world.clock.now().isoformat(), ""]
    if ended is not None:
        lines += [f"{ended.code or 'ok'} ({ended.exit_status}): {words(ended.text)}", words(ended.hint), ""]
    lines += [f"{line.word:<5} {clock(line.seconds):>5}  {words(line.title)}" for line in picture.lines]
    return "\n".join([*lines, "", *picture.log, ""])
