"""Progress: one line for each step on any stream, a live line only where it can be drawn over, proofs in words."""

from __future__ import annotations

import io
import re

from xmpp_wizard.cli.progress import Progress
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
from xmpp_wizard.core.text import NOTHING, say


class _Screen(io.StringIO):
    """A terminal of 80 columns that knows one code: erase this line."""

    def lines(self) -> list[str]:
        """Return what can be seen."""
        rows = [""]
        for part in re.split(r"(\n|\r\x1b\[K)", self.getvalue()):
            if part == "\n":
                rows.append("")
            elif part == "\r\x1b[K":
                rows[-1] = ""
            else:
                rows[-1] += part
        return rows


STARTED = ApplyStarted(1, 7, "a.example", (StepTitle("i", say("Build it"), NOTHING, 150.0),), 100.0)


def _shown(*events: Event, is_live: bool = False, now: float = 100.0, ticks: int = 0) -> list[str]:
    screen = _Screen()
    progress = Progress(screen, is_live=is_live, now=lambda: now)
    for event in events:
        progress.show(event)
    for _ in range(ticks):
        progress.tick()
    return screen.lines()


def test_a_step_is_a_line_when_it_is_done() -> None:
    lines = _shown(
        STARTED, StepStarted("i", 100.0), StepProgress("i", say("fetching"), 101.0), StepEnded("i", 161, 261)
    )
    assert lines == ["done   2:41  Build it", ""]


def test_what_only_the_way_back_does_is_said_in_words() -> None:
    begun = StepStarted("remove:/a", 101.0, say("Remove {path}", path="/a"))
    lines = _shown(STARTED, RollbackStarted(1, 100.0), begun, StepEnded("remove:/a", 1.0, 102.0))
    assert lines[1:] == ["done   0:01  Remove /a", ""]


def test_a_live_line_shows_what_goes_on_and_how_long() -> None:
    events = (STARTED, StepStarted("i", 100.0), StepProgress("i", say("fetching\x1b[2J " + "x" * 200), 101.0))
    [line] = _shown(*events, is_live=True, now=122.0)
    assert line.startswith("now    0:22  Build it (about 2:30): fetching [2J xxx")
    assert len(line) < 80
    [line] = _shown(*events, is_live=True, now=123.0, ticks=3)
    assert line.startswith("now    0:23")
    assert _shown(*events, StepEnded("i", 23.0, 123.0), is_live=True) == ["done   0:23  Build it", ""]


def test_without_a_terminal_there_is_a_sign_of_life_now_and_then() -> None:
    events = (STARTED, StepStarted("i", 100.0), StepProgress("i", say("fetching"), 101.0))
    assert _shown(*events, now=114.0, ticks=9) == [""]
    assert _shown(*events, now=130.0, ticks=9) == ["now    0:30  Build it: fetching", ""]


def test_a_failure_has_its_reason() -> None:
    failed = StepFailed("i", "build", say("no space left"), say("Make room."), 103.0)
    assert _shown(STARTED, StepStarted("i", 100.0), failed)[0] == "FAIL   0:03  Build it: no space left"


def test_proofs_are_green_or_red_with_what_to_do() -> None:
    green = ProofEnded("a", say("Log in"), is_green=True, text=say("SCRAM-SHA-256"), seconds=0.1, at=1.0)
    red = ProofEnded("b", say("Upload"), is_green=False, text=say("refused"), seconds=0.1, at=1.0, hint=say("Look."))
    lines = _shown(ProofStarted((("a", say("Log in")), ("b", say("Upload"))), 1.0), green, red)
    assert lines[1:] == ["ok    Log in: SCRAM-SHA-256", "FAIL  Upload: refused", "        Do: Look.", ""]
    assert "2 checks" in lines[0]


def test_events_of_another_program_break_nothing() -> None:
    ended = ApplyEnded(0, "", say("done"), NOTHING, 1.0)
    assert _shown(StepStarted("unknown {x}", 1.0), StepEnded("unknown {x}", 1.0, 2.0), ended)[0].startswith("done")


def test_the_ticker_ends_with_the_block() -> None:
    screen = _Screen()
    with Progress(screen, is_live=True) as progress:
        progress.show(STARTED)
        progress.show(StepStarted("i", 100.0))
        assert "now" in screen.lines()[-1]
    assert screen.lines()[-1] == ""


def test_folders_are_one_line() -> None:
    ids = ("folder:/a", "folder:/b", "file:/a/f", "folder:/c")
    started = ApplyStarted(1, 7, "a.example", tuple(StepTitle(each, say(each), NOTHING) for each in ids), 1.0)
    steps = [event for each in ids for event in (StepStarted(each, 1.0), StepEnded(each, 0.0, 1.0))]
    assert _shown(started, *steps) == [
        "done   0:00  Make 2 folders",
        "done   0:00  file:/a/f",
        "done   0:00  folder:/c",
        "",
    ]
