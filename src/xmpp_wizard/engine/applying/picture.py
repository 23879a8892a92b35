"""How an apply goes, as a picture: steps in words with times, an honest estimate, log, proof, and how it ended.

Made from the events alone, so whoever comes back later sees what everybody else saw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from xmpp_wizard.core.events import (
    ApplyEnded,
    ApplyStarted,
    Event,
    ProofEnded,
    ProofStarted,
    RollbackStarted,
    StepEnded,
    StepFailed,
    StepProgress,
    StepStarted,
    StepTitle,
)
from xmpp_wizard.core.text import NOTHING, Text, say, say_as

Word = Literal["wait", "now", "done", "FAIL", "later"]
PROOF = "proof"
_PROOF_SECONDS = 8.0
_LOG_LINES = 2000
_MANY = {
    "folder": say("Make folders"),
    "secret": say("Make secrets"),
    "file": say("Write files"),
    "copy": say("Copy your files"),
    "access": say("Give files to those who read them"),
}
"""Steps of one kind in a row are one line: nobody reads twenty lines on folders."""


@dataclass
class Line:
    """One line of the picture: one step, or several of a kind."""

    id: str
    title: Text
    expected: float
    ids: list[str] = field(default_factory=list)
    word: Word = "wait"
    seconds: float = 0.0
    since: float = 0.0
    more: Text = NOTHING
    log: list[str] = field(default_factory=list)


@dataclass
class ApplyPicture:
    """The state of one apply; :meth:`take` each event in its order."""

    domain: str = ""
    lines: list[Line] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    proofs: list[ProofEnded] = field(default_factory=list)
    proofs_wanted: int = 0
    failed: StepFailed | None = None
    ended: ApplyEnded | None = None
    words: Callable[[Text], str] = str
    """What turns a sentence into the language of the log."""

    def take(self, event: Event) -> None:  # noqa: C901 one case for each kind of event
        """Bring the picture up to date."""
        match event:
            case ApplyStarted():
                self.domain = event.domain
                self.lines = _lines(event.steps)
            case StepStarted():
                self._begin(event)
            case StepProgress():
                self._say(event.at, self.words(event.text), self._line(event.id))
                if (line := self._line(event.id)) is not None:
                    line.more = event.text
            case StepEnded():
                self._end(event)
            case StepFailed():
                self.failed = event
                self._fail(event)
            case RollbackStarted():
                self._say(event.at, self.words(say("going back to generation {number}", number=event.generation)))
            case ProofStarted():
                # a second proof takes the place of the first
                self.proofs, self.proofs_wanted, self.ended = [], len(event.titles), None
                self.lines = [line for line in self.lines if line.id != PROOF]
                title = say("Prove it: {count} checks as a user", count=len(event.titles))
                self.lines.append(Line(PROOF, title, _PROOF_SECONDS, [PROOF], "now", since=event.at))
            case ProofEnded():
                self._prove(event)
            case ApplyEnded():
                self._close(event)

    @property
    def step(self) -> tuple[int, int]:
        """Which line is being done, and of how many."""
        done = sum(line.word not in ("wait", "now") for line in self.lines)
        return min(done + 1, len(self.lines)), len(self.lines)

    def share(self, now: float) -> float:
        """Return how much of the work is done, from 0 to 1, by the time that each step is expected to take."""
        if self.ended is not None and not (self.failed and self.ended.exit_status):
            return 1.0
        whole = sum(line.expected for line in self.lines) + (0 if self.proofs_wanted else _PROOF_SECONDS)
        done = sum(self._spent(line, now) for line in self.lines)
        return min(done / whole, 0.99) if whole else 0.0

    def seconds_left(self, now: float) -> float:
        """Return the estimate; steps that take longer than expected are taken to be near their end."""
        rest = sum(self._rest(line, now) for line in self.lines)
        return max(rest + (0 if self.proofs_wanted else _PROOF_SECONDS), 0.0)

    def estimate(self, now: float) -> Text:
        """Return the estimate in words; it never grows silently."""
        late = [line for line in self.lines if _is_late(line, now)]
        left = self.seconds_left(now)
        minutes = max(round(left / 60), 1)
        if late:
            return say("slower than thought, about {minutes} min", minutes=minutes)
        if left < 50:  # noqa: PLR2004 under a minute, rounded
            return say("about {seconds} s", seconds=max(5 * round(left / 5), 5))
        return say("about {minutes} min", minutes=minutes)

    def _spent(self, line: Line, now: float) -> float:
        if line.word == "wait" or (line.word == "FAIL" and line.id != PROOF):
            return 0.0
        return min(now - line.since, line.expected * 0.95) if line.word == "now" else line.expected

    def _rest(self, line: Line, now: float) -> float:
        """Return what a line still takes; one that is late is taken to need a third of what it took again."""
        return (now - line.since) / 3 if _is_late(line, now) else line.expected - self._spent(line, now)

    def _line(self, step: str) -> Line | None:
        return next((line for line in self.lines if step in line.ids), None)

    def _begin(self, event: StepStarted) -> None:
        line = self._line(event.id)
        if line is None:
            line = Line(event.id, Text(event.id), 0.2, [event.id])
            self.lines.append(line)
        if line.word == "wait":
            line.word, line.since = "now", event.at

    def _end(self, event: StepEnded) -> None:
        line = self._line(event.id)
        if event.left:
            self._say(event.at, self.words(event.left), line)
        if line is not None:
            line.seconds += event.seconds
            if event.left:
                line.more = event.left
            if event.id == line.ids[-1] and line.word == "now":
                line.word = "later" if event.left else "done"

    def _fail(self, event: StepFailed) -> None:
        line = self._line(event.id)
        self._say(event.at, self.words(event.text), line)
        if line is not None:
            line.word, line.more, line.seconds = "FAIL", event.text, event.at - line.since

    def _prove(self, event: ProofEnded) -> None:
        self.proofs.append(event)
        word = self.words(say_as("state", "ok") if event.is_green else say_as("state", "FAIL"))
        line = self._line(PROOF)
        self._say(event.at, f"{word:<5} {self.words(event.title)}: {self.words(event.text)}", line)
        if line is not None:
            green = sum(proof.is_green for proof in self.proofs)
            line.more = say("{green} of {all} ok", green=green, all=self.proofs_wanted)

    def _close(self, event: ApplyEnded) -> None:
        self.ended = event
        line = self._line(PROOF)
        if line is not None:
            line.seconds = event.at - line.since
            line.word = "done" if all(proof.is_green for proof in self.proofs) else "FAIL"
        self._say(event.at, self.words(event.text))

    def _say(self, at: float, text: str, line: Line | None = None) -> None:
        clock = datetime.fromtimestamp(at, UTC).astimezone().strftime("%H:%M:%S")
        shown = f"{clock}  " + "".join(sign if sign.isprintable() else " " for sign in text)
        self.log = [*self.log[-_LOG_LINES:], shown]
        if line is not None:
            line.log = [*line.log[-_LOG_LINES:], shown]


def picture(events: Iterable[Event]) -> ApplyPicture:
    """Return the picture of these events."""
    found = ApplyPicture()
    for event in events:
        found.take(event)
    return found


def clock(seconds: float) -> str:
    """Return minutes and seconds."""
    whole = max(0, int(seconds))
    return f"{whole // 60}:{whole % 60:02}"


def _is_late(line: Line, now: float) -> bool:
    return line.word == "now" and now - line.since > max(line.expected * 1.2, 30)


def _lines(steps: Iterable[StepTitle]) -> list[Line]:
    lines: list[Line] = []
    for step in steps:
        kind = step.id.partition(":")[0]
        if kind in _MANY and lines and lines[-1].id.partition(":")[0] == kind:
            lines[-1].ids.append(step.id)
            lines[-1].expected += step.expected_seconds
            lines[-1].title = say("{what} ({count})", what=_MANY[kind], count=len(lines[-1].ids))
        else:
            lines.append(Line(step.id, step.title, step.expected_seconds, [step.id]))
    return lines
