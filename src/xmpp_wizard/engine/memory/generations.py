"""Generations: what the server was set up as, one folder for each change that was made; never rewritten.

``generations/N/`` holds ``answers.toml``, ``target.json``, ``plan.txt`` and ``generation.json``. Its state goes
from ``started`` to ``good`` or ``failed``; one that stays ``started`` was cut off.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import BeforeValidator, ValidationError
from pydantic.dataclasses import dataclass

from xmpp_wizard.core import target as targets
from xmpp_wizard.core.errors import EffectError, NotSetUpError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.planning.files import content_hash
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.memory.memo import Memo

_ROOT = (0, 0)

Cause = Annotated[Text, BeforeValidator(lambda said: Text(said) if isinstance(said, str) else said)]
"""Why something was changed; records of earlier versions have it in English alone."""


@dataclass(frozen=True)
class Generation:
    """One change: ``at`` in seconds since 1970, ``user`` who asked for it, ``cause`` in words."""

    number: int
    at: float
    user: str
    cause: Cause
    domains: tuple[str, ...]
    """Virtual hosts, the main one first."""
    state: Literal["started", "good", "failed"] = "started"
    target_hash: str = ""
    """Of ``target.json``, so that a record that was damaged is noticed and made anew."""

    @property
    def domain(self) -> str:
        """The main virtual host."""
        return self.domains[0]


_GENERATION = Memo(Generation)


def start(world: World, layout: Layout, generation: Generation, target: Target, answers: str, plan: str) -> Generation:
    """Record that a change begins; return it as recorded."""
    text = targets.to_json(target)
    generation = replace(generation, target_hash=content_hash(text))
    folder = folder_of(layout, generation.number)
    world.files.make_folder(str(layout.generations), 0o700, _ROOT)
    world.files.make_folder(folder, 0o700, _ROOT)
    world.files.write(f"{folder}/answers.toml", answers.encode(), 0o600, _ROOT)
    world.files.write(f"{folder}/target.json", text.encode(), 0o600, _ROOT)
    world.files.write(f"{folder}/plan.txt", plan.encode(), 0o600, _ROOT)
    _record(world, layout, generation)
    return generation


def finish(world: World, layout: Layout, generation: Generation, state: Literal["good", "failed"]) -> None:
    """Record how a change ended."""
    _record(world, layout, replace(generation, state=state))


def all_generations(world: World, layout: Layout) -> tuple[Generation, ...]:
    """Return every generation whose record can be read, oldest first."""
    found = (_GENERATION.load(world, _record_of(layout, number)) for number in numbers(world, layout))
    # a damaged old record must not stop anything; a damaged new one counts as cut off (is_whole)
    return tuple(generation for generation in found if generation is not None)


def highest(world: World, layout: Layout) -> int:
    """Return the number of the last generation, readable or not; 0 before the first."""
    return max(numbers(world, layout), default=0)


def is_whole(world: World, layout: Layout, last: Generation) -> bool:
    """Say whether ``last`` is the last one, ended, and its target is as it was recorded."""
    if last.state == "started" or last.number != highest(world, layout):
        return False
    text = world.files.read(f"{folder_of(layout, last.number)}/target.json")
    return last.state == "failed" or (text is not None and content_hash(text) == last.target_hash)


def numbers(world: World, layout: Layout) -> list[int]:
    """Return the numbers of all generations, readable or not, in order."""
    return sorted(int(name) for name in world.files.names(str(layout.generations)) if name.isdigit())


def last_good(world: World, layout: Layout) -> Generation | None:
    """Return the generation that the server runs, or None before the first."""
    good = [generation for generation in all_generations(world, layout) if generation.state == "good"]
    return good[-1] if good else None


def is_first_good(world: World, layout: Layout) -> bool:
    """Say whether exactly one set-up has gone well here, so that whoever made it may not know yet how to go on."""
    return sum(item.state == "good" for item in all_generations(world, layout)) == 1


def load_target(world: World, layout: Layout, number: int) -> Target:
    """Return what the server was in generation ``number``.

    Raises:
        NotSetUpError: there is no such generation.
        EffectError: its record is damaged or of a newer program.
    """
    content = world.files.read(f"{folder_of(layout, number)}/target.json")
    if content is None:
        raise NotSetUpError(say("there is no generation {number}", number=number), say("See: xmpp-wizard generations"))
    try:
        return targets.from_json(content)
    except ValidationError as error:
        raise EffectError(
            say("generation {number} was written by another version of this program", number=number),
            say("Apply its answers instead: {path}", path=f"{folder_of(layout, number)}/answers.toml"),
        ) from error


def load_answers(world: World, layout: Layout, number: int) -> str:
    """Return the answer file of generation ``number``; empty where there is none."""
    # a damaged copy must not stop anything: the program lives by target.json beside it
    return (world.files.read(f"{folder_of(layout, number)}/answers.toml") or b"").decode(errors="replace")


def keep_copy(world: World, layout: Layout, number: int, path: str) -> None:
    """Put a copy of a hand-edited file into the generation that overwrites it."""
    content = world.files.read(path)
    if content is not None:
        folder = _edits(layout, number)
        world.files.make_folder(folder, 0o700, _ROOT)
        world.files.write(f"{folder}/{path.strip('/').replace('/', '%')}", content, 0o600, _ROOT)


def has_edits(world: World, layout: Layout, number: int) -> bool:
    """Say whether generation ``number`` holds a hand-edited file other than its own answers."""
    folder, answers = _edits(layout, number), load_answers(world, layout, number).encode()
    return any(world.files.read(f"{folder}/{name}") != answers for name in world.files.names(folder))


def _edits(layout: Layout, number: int) -> str:
    return f"{folder_of(layout, number)}/edits"


def _record(world: World, layout: Layout, generation: Generation) -> None:
    _GENERATION.save(world, _record_of(layout, generation.number), generation)


def _record_of(layout: Layout, number: int) -> PurePosixPath:
    return layout.generations / str(number) / "generation.json"


def folder_of(layout: Layout, number: int) -> str:
    """Return where the record of a generation lies."""
    return str(layout.generations / str(number))
