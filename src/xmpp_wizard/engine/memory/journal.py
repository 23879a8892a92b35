"""The journal of each apply: one file, one event a line. Whoever wants to know how it goes reads it.

The work is done by a process of its own (:mod:`xmpp_wizard.engine.applying.apply`), so a front end may come and go.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal, TypeAlias

from pydantic import ValidationError

from xmpp_wizard.core.errors import DiskError, EffectError
from xmpp_wizard.core.events import ApplyEnded, ApplyStarted, Event, from_json, to_json
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import say

_KEPT = 50
_POLL_SECONDS = 0.03
_SLOW_POLL_SECONDS = 0.1
_POLLS_BEFORE_SLOW = 300
_ROOM_BYTES = 1_000_000

StopWish: TypeAlias = Literal["stop", "undo"]


@dataclass(frozen=True, slots=True)
class Journal:
    """One apply's journal. ``pid`` is its worker's, 0 where only the file is known."""

    path: str
    pid: int = 0

    @property
    def stop_path(self) -> str:
        """The file whose being there asks the worker to stop after the step it is at."""
        return self.path.removesuffix(".jsonl") + ".stop"


def new_journal(world: World, layout: Layout) -> Journal:
    """Return an empty journal, the latest one from now on; old ones beyond the last fifty are removed."""
    folder = str(layout.journal)
    world.files.make_folder(str(layout.state), 0o700, (0, 0))
    world.files.make_folder(folder, 0o700, (0, 0))
    kept = {PurePosixPath(name).stem for name in _names(world, layout)[-_KEPT:]}
    for name in world.files.names(folder):
        if PurePosixPath(name).stem not in kept:
            world.files.remove(f"{folder}/{name}")
    stamp = int(world.clock.timestamp() * 1000)
    path = f"{folder}/{stamp:014d}-{world.entropy.token(6)}.jsonl"
    world.files.write(path, b"", 0o600, (0, 0))
    return Journal(path)


def write(world: World, journal: Journal, event: Event) -> None:
    """Append the event. A full disk may cost the record, but never the work or the way back."""
    with suppress(DiskError):
        world.files.append(journal.path, to_json(event))


def events(world: World, journal: Journal) -> list[Event]:
    """Return all whole events so far; a line that was cut off by a crash is left out."""
    return _parsed(world.files.read(journal.path) or b"")


def _parsed(data: bytes) -> list[Event]:
    found = []
    for line in data.decode(errors="replace").split("\n")[:-1]:
        try:
            found.append(from_json(line))
        except ValidationError:
            continue
    return found


def latest(world: World, layout: Layout) -> Journal | None:
    """Return the journal of the last apply, running or not, or None."""
    names = _names(world, layout)
    return Journal(str(layout.journal / names[-1])) if names else None


def newest(world: World, layout: Layout, count: int) -> list[Journal]:
    """Return the journals of the last ``count`` applies, the last one first."""
    return [Journal(str(layout.journal / name)) for name in reversed(_names(world, layout)[-count:])]


def running(world: World, layout: Layout) -> Journal | None:
    """Return the journal of the apply that is going on now, or None."""
    holder = world.lock.holder(str(layout.lock))
    if holder is None:
        return None
    for name in reversed(_names(world, layout)):
        journal = Journal(str(layout.journal / name), holder)
        found = events(world, journal)
        # the newest without an end, or one that has just ended and whose worker is on its way out
        is_its_own = any(isinstance(event, ApplyStarted) and event.pid == holder for event in found)
        if is_its_own or not any(isinstance(event, ApplyEnded) for event in found):
            return journal
    return None


def ended(world: World, journal: Journal) -> ApplyEnded | None:
    """Return how the apply ended; None while it runs and when it was cut off."""
    found = events(world, journal)
    return found[-1] if found and isinstance(found[-1], ApplyEnded) else None


def follow(world: World, journal: Journal) -> Iterator[Event]:
    """Yield the events from the first on and wait for more, until :class:`ApplyEnded`.

    Raises:
        EffectError: the worker is gone without an end (killed, or the machine went down).
    """
    for found in batches(world, journal):
        yield from found


def batches(world: World, journal: Journal, seconds: float = _POLL_SECONDS) -> Iterator[Sequence[Event]]:
    """Yield the same events, as many at once as are there: an apply that somebody comes back to may have thousands.

    It looks every ``seconds``, and less often once nothing has happened for a while.

    Raises:
        EffectError: see :func:`follow`.
    """
    seen = 0
    polls = 0
    while True:
        is_alive = world.background.is_alive(journal.pid)
        data = world.files.read(journal.path) or b""
        # only what is new is parsed: this is done many times a second while a long build fills the journal
        end = data.rfind(b"\n") + 1
        found = _parsed(data[seen:end])
        last = next((at for at, event in enumerate(found) if isinstance(event, ApplyEnded)), None)
        if last is not None:
            yield found[: last + 1]
            return
        if found:
            yield found
        polls = 0 if end > seen else polls + 1
        seen = max(seen, end)
        if not is_alive:
            raise _cut_off(world, journal)
        world.clock.sleep(seconds if polls < _POLLS_BEFORE_SLOW else max(seconds, _SLOW_POLL_SECONDS))


def _cut_off(world: World, journal: Journal) -> EffectError:
    """Return the error for a worker that is gone; where it could not write, it could not say why either."""
    if world.files.free_bytes(journal.path) < _ROOM_BYTES:
        return EffectError(
            say("the work was cut off before its end: the disk is full"),
            say("Nothing is lost: make room (df -h shows the disks), then run xmpp-wizard apply again to go on."),
        )
    return EffectError(
        say("the work was cut off before its end"),
        say("Nothing is lost: run xmpp-wizard apply again and it goes on where it stopped."),
    )


def request_stop(world: World, journal: Journal, wish: StopWish) -> None:
    """Ask the worker to stop after the step it is at; ``undo`` also takes back what was done."""
    world.files.write(journal.stop_path, wish.encode(), 0o600, (0, 0))


def stop_wish(world: World, journal: Journal) -> StopWish | None:
    """Return what was asked of the worker."""
    content = world.files.read(journal.stop_path)
    if content is None:
        return None
    return "undo" if content == b"undo" else "stop"


def _names(world: World, layout: Layout) -> list[str]:
    return [name for name in world.files.names(str(layout.journal)) if PurePosixPath(name).suffix == ".jsonl"]
