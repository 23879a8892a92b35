"""Events as lines: one for each step when it is over; a live line on a terminal, a sign of life elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self, TextIO

from xmpp_wizard.cli.terminal import ERASE, WIDTH, folded, mark
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
)
from xmpp_wizard.core.states import state_word
from xmpp_wizard.core.text import NOTHING, Text, say

_TICK_SECONDS = 1.0
_SIGN_OF_LIFE_SECONDS = 15


@dataclass
class Progress:
    """Shows the events of one apply or proof; use as a context, :meth:`show` each event."""

    stream: TextIO
    is_live: bool
    """Whether a line can be drawn over."""
    now: Callable[[], float] = time.time
    """Seconds since 1970, as in events."""
    words: Callable[[Text], str] = str
    """What turns a sentence into the person's language."""
    _titles: dict[str, Text] = field(default_factory=dict)
    _expected: dict[str, float] = field(default_factory=dict)
    _step: str = ""
    _since: float = 0.0
    _spoke: float = 0.0
    """When the last sign of life was given."""
    _folders: int = 0
    """How many were made since the last line; each of its own would bury the rest."""
    _last_word: Text = NOTHING
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _over: threading.Event = field(default_factory=threading.Event)
    _ticker: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Start to show that time passes."""
        self._ticker = threading.Thread(target=self._tick_on, daemon=True)
        self._ticker.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take the live line away."""
        self._over.set()
        if self._ticker is not None:
            self._ticker.join()
        self._erase()

    def show(self, event: Event) -> None:
        """Show one event."""
        with self._lock:
            self._erase()
            self._show(event)
            self.stream.flush()
            self._draw()

    def tick(self) -> None:
        """Show that time passes, on the live line or as a line now and then."""
        with self._lock:
            if self.is_live:
                self._erase()
                self._draw()
            elif self._step and self.now() >= max(self._since, self._spoke) + _SIGN_OF_LIFE_SECONDS:
                self._spoke = self.now()
                self._line("now", self.now() - self._since, self._titles[self._step], self._last_word)

    def _tick_on(self) -> None:
        while not self._over.wait(_TICK_SECONDS):
            self.tick()

    def _show(self, event: Event) -> None:
        match event:
            case ApplyStarted():
                self._titles = {step.id: step.title for step in event.steps}
                self._expected = {step.id: step.expected_seconds for step in event.steps}
            case StepStarted():
                self._step, self._since, self._last_word = event.id, event.at, NOTHING
                self._titles.setdefault(event.id, event.title)
            case StepProgress():
                self._last_word = event.text
            case StepEnded():
                self._done(event)
            case StepFailed():
                self._line("FAIL", event.at - self._since, self._titles.get(event.id, NOTHING), event.text)
                self._step = ""
            case RollbackStarted():
                self._line("!", None, say("Going back to generation {number}", number=event.generation))
            case ProofStarted():
                self._line("now", None, say("Proving it: {count} checks, as a user does them", count=len(event.titles)))
            case ProofEnded():
                self._step = ""
                self._proof(event)
            case ApplyEnded():
                self._step = ""

    def _done(self, event: StepEnded) -> None:
        self._step = ""
        following = list(self._titles)
        after = following[following.index(event.id) + 1 :][:1]
        if event.id.startswith("folder:"):
            self._folders += 1
            if after and after[0].startswith("folder:"):
                return
        many = self._folders > 1 and event.id.startswith("folder:")
        title = say("Make {count} folders", count=self._folders) if many else self._titles[event.id]
        self._folders = 0
        self._line("later" if event.left else "done", event.seconds, title, event.left)

    def _proof(self, event: ProofEnded) -> None:
        self._line("ok" if event.is_green else "FAIL", None, event.title, event.text)
        if not event.is_green and event.hint:
            self._write(folded(self.words(say("Do: {what}", what=event.hint)), 8))

    def _line(self, word: str, seconds: float | None, title: Text, more: Text = NOTHING) -> None:
        clock = "" if seconds is None else f"{_clock(seconds):>5}  "
        text = self.words(say("{title}: {more}", title=title, more=more) if more else title)
        start = 6 + len(clock)
        self._write(f"{mark(word, self.stream, self.words)} {clock}" + folded(text, start + 2, first=start).lstrip())

    def _write(self, line: str) -> None:
        self.stream.write(line + "\n")

    def _erase(self) -> None:
        if self.is_live:
            self.stream.write(ERASE)
            self.stream.flush()

    def _draw(self) -> None:
        if not self.is_live or not self._step:
            return
        expected = self._expected.get(self._step, 0.0)
        has_estimate = expected >= 2  # noqa: PLR2004 two seconds pass unseen
        about = self.words(say(" (about {time})", time=_clock(expected))) if has_estimate else ""
        last = f": {self.words(self._last_word)}" if self._last_word else ""
        text = f"{self.words(self._titles[self._step])}{about}{last}"
        line = f"{state_word('now', self.words):<5} {_clock(self.now() - self._since):>5}  {text}"
        self.stream.write("".join(sign if sign.isprintable() else " " for sign in line)[: WIDTH - 1])
        self.stream.flush()


def _clock(seconds: float) -> str:
    """Return minutes and seconds."""
    whole = max(0, int(seconds))
    return f"{whole // 60}:{whole % 60:02}"
