"""Events become a picture: words, times, an estimate that is honest, and how it ended."""

from __future__ import annotations

from xmpp_wizard.core.events import (
    ApplyEnded,
    ApplyStarted,
    ProofEnded,
    ProofStarted,
    RollbackStarted,
    StepEnded,
    StepFailed,
    StepProgress,
    StepStarted,
    StepTitle,
)
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.applying.picture import ApplyPicture, clock, picture

STEPS = (
    StepTitle("image:prosody", say("Build the image of {name}", name="prosody"), NOTHING, 150.0),
    StepTitle("folder:/a", say("Folder {path}", path="/a"), NOTHING, 0.2),
    StepTitle("folder:/b", say("Folder {path}", path="/b"), NOTHING, 0.2),
    StepTitle("container:x", say("Start {name}", name="prosody"), NOTHING, 0.2),
)
STARTED = ApplyStarted(1, 5000, "a.example", STEPS, 100.0)


def words(found: ApplyPicture) -> list[str]:
    return [f"{line.word} {line.title}" for line in found.lines]


def test_steps_of_a_kind_are_one_line() -> None:
    found = picture([STARTED])
    assert words(found) == ["wait Build the image of prosody", "wait Make folders (2)", "wait Start prosody"]
    assert found.step == (1, 3)
    assert found.share(100.0) == 0.0
    assert str(found.estimate(100.0)) == "about 3 min"


def test_a_step_that_takes_longer_is_told() -> None:
    found = picture(
        [STARTED, StepStarted("image:prosody", 100.0), StepProgress("image:prosody", Text("Step 1\x1b"), 101.0)]
    )
    assert words(found)[0] == "now Build the image of prosody"
    assert str(found.estimate(130.0)) == "about 2 min"
    assert str(found.estimate(400.0)).startswith("slower than thought")
    assert 0.5 < found.share(200.0) < 1
    assert found.log[0].endswith("Step 1 ")


def test_a_group_is_done_with_its_last_step() -> None:
    found = picture([STARTED, StepStarted("folder:/a", 100.0), StepEnded("folder:/a", 1.0, 101.0)])
    assert words(found)[1] == "now Make folders (2)"
    found.take(StepStarted("folder:/b", 101.0))
    found.take(StepEnded("folder:/b", 2.0, 103.0))
    assert words(found)[1] == "done Make folders (2)"
    assert found.lines[1].seconds == 3.0


def test_the_proof_stays_readable() -> None:
    found = picture([STARTED, ProofStarted((("a", say("A")), ("b", say("B"))), 110.0)])
    found.take(ProofEnded("a", say("A"), is_green=True, text=say("fine"), seconds=1.0, at=111.0))
    assert words(found)[-1] == "now Prove it: 2 checks as a user"
    assert str(found.lines[-1].more) == "1 of 2 ok"
    found.take(ProofEnded("b", say("B"), is_green=False, text=say("not"), seconds=1.0, at=112.0))
    found.take(ApplyEnded(3, "proof", say("not all"), NOTHING, 113.0))
    assert words(found)[-1] == "FAIL Prove it: 2 checks as a user"
    assert [line.partition("  ")[2] for line in found.lines[-1].log] == ["ok    A: fine", "FAIL  B: not"]
    assert found.share(113.0) == 1.0


def test_a_failure_is_at_its_step() -> None:
    failed = StepFailed("container:x", "engine", say("port taken"), say("free it"), 105.0)
    found = picture([STARTED, StepStarted("container:x", 104.0), failed, RollbackStarted(1, 106.0)])
    assert words(found)[2] == "FAIL Start prosody"
    assert found.failed == failed
    found.take(ApplyEnded(6, "rolled-back", say("port taken"), NOTHING, 107.0))
    assert found.share(107.0) < 1, "what failed was not done"


def test_times_are_minutes_and_seconds() -> None:
    assert [clock(seconds) for seconds in (-1, 0, 61.9, 600)] == ["0:00", "0:00", "1:01", "10:00"]


def test_what_a_step_could_not_do_comes_later() -> None:
    found = picture([STARTED, StepStarted("container:x", 100.0)])
    found.take(StepEnded("container:x", 1.0, 101.0, Text("nobody answers")))
    assert words(found)[2] == "later Start prosody"
    assert str(found.lines[2].more) == "nobody answers"
    assert found.log[-1].endswith("nobody answers")
