"""Work in the background: attached to, left by Ctrl-C, cut off, and asked to stop."""

from __future__ import annotations

from typing import Any

import pytest
from tests.cli.conftest import ANSWERS, Cli

from xmpp_wizard.cli import attach as attaching
from xmpp_wizard.core.events import ApplyEnded, ApplyStarted, StepEnded, StepStarted, StepTitle, to_json
from xmpp_wizard.core.text import NOTHING, say
from xmpp_wizard.engine.memory import journal

LOCK = "/var/lib/xmpp-wizard/lock"
JOURNAL = "/var/lib/xmpp-wizard/journal/99999999999999-x.jsonl"
YES = ("--yes", "--no-proof")


def _is_running(cli: Cli) -> bool:
    item = cli.fakes.containers.containers.get("xmpp-wizard-prosody")
    return item is not None and item.is_running


def test_detached_it_does_not_wait(cli: Cli) -> None:
    cli.fakes.files.put(ANSWERS, 'domain = "a.example"\n')
    assert cli.run("apply", "--answers", ANSWERS, *YES, "--detach") == 0
    assert "sudo xmpp-wizard apply --attach" in cli.err
    assert "name@a.example" not in cli.out
    assert cli.run("apply", "--attach") == 0
    assert "this is how the last one went" in cli.err
    assert "a.example is set up (generation 1)" in cli.err
    assert "name@a.example" in cli.out, "whoever lost the line is told how to begin"
    cli.run("apply", *YES, "--set", "security.level=strict")
    cli.run("apply", "--attach")
    assert "name@a.example" not in cli.out


def test_attaching_where_nothing_ever_was(cli: Cli) -> None:
    assert cli.run("apply", "--attach") == 5


def _going_on(cli: Cli, *events: Any) -> None:  # noqa: ANN401 events
    cli.fakes.lock.held[LOCK] = 4242
    cli.fakes.background.alive = {4242}
    started = ApplyStarted(2, 4242, "a.example", (StepTitle("x", say("Build it"), NOTHING),), 1.0)
    cli.fakes.files.put(JOURNAL, "".join(f"{to_json(event)}\n" for event in (started, *events)))


def test_an_apply_that_goes_on_is_attached_to(cli: Cli) -> None:
    cli.set_up()
    end = ApplyEnded(0, "", say("a.example is set up"), NOTHING, 3.0)
    _going_on(cli, StepStarted("x", 1.0), StepEnded("x", 2.0, 3.0), end)
    assert cli.run("apply") == 0
    assert "An apply is going on (process 4242)" in cli.err
    assert "done   0:02  Build it" in cli.err


def test_one_s_own_answers_are_not_lost_behind_another_apply(cli: Cli) -> None:
    cli.set_up()
    _going_on(cli, ApplyEnded(0, "", say("done"), NOTHING, 3.0))
    assert cli.run("apply", "--answers", ANSWERS, "--yes") == 5
    assert "yours was not started" in cli.err


def test_an_apply_that_was_cut_off_is_told_and_goes_on(cli: Cli) -> None:
    cli.set_up()
    text = b'{"number":2,"at":1.0,"user":"root","cause":"apply","domains":["a.example"],"state":"started"}'
    cli.fakes.files.put("/var/lib/xmpp-wizard/generations/2/generation.json", text)
    assert cli.run("apply", *YES) == 0
    assert "An earlier run was cut off" in cli.err
    assert cli.run("apply") == 0
    assert "Nothing to do" in cli.err


class _Interrupted:
    """Follows for a while, then Ctrl-C comes; each time it is asked for."""

    def __init__(self, times: int) -> None:
        self.times = times

    def __call__(self, *arguments: Any) -> Any:  # noqa: ANN401 as journal.follow
        if self.times:
            self.times -= 1
            raise KeyboardInterrupt
        return journal.follow(*arguments)


def test_ctrl_c_leaves_the_work_alone(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.fakes.files.put(ANSWERS, 'domain = "a.example"\n')
    monkeypatch.setattr(attaching, "follow", _Interrupted(1))
    assert cli.run("apply", "--answers", ANSWERS, *YES) == 130
    assert "The work goes on in the background" in cli.err
    assert "sudo xmpp-wizard apply --attach" in cli.err
    assert _is_running(cli)


def test_ctrl_c_on_a_terminal_asks_whether_to_stop(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.set_up()
    _going_on(cli, ApplyEnded(5, "stopped", say("stopped as you wished"), NOTHING, 3.0))
    cli.type("y\n")
    monkeypatch.setattr(attaching, "follow", _Interrupted(1))
    assert cli.run("apply") == 5
    assert "Stop the work after the step it is at? [y/N]" in cli.err
    assert cli.fakes.files.nodes[JOURNAL.replace(".jsonl", ".stop")].content == b"stop"


def test_the_default_after_ctrl_c_is_not_to_stop(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.set_up()
    _going_on(cli)
    cli.type("\n")
    monkeypatch.setattr(attaching, "follow", _Interrupted(9))
    assert cli.run("apply") == 130
    assert JOURNAL.replace(".jsonl", ".stop") not in cli.fakes.files.nodes


def test_a_killed_worker_is_told(cli: Cli) -> None:
    cli.set_up()
    _going_on(cli, StepStarted("x", 1.0))
    cli.fakes.background.alive = set()
    assert cli.run("apply", "--attach") == 3
    assert "the work was cut off before its end" in cli.err
