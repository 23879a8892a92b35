"""Applies that lose what they need: the engine, the disk, their own process; what they say, and how it goes on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.engine.conftest import end, run, wish
from tests.fakes import Fakes

from xmpp_wizard.core.errors import EffectError, EngineError, HealthError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.memory import generations, journal
from xmpp_wizard.engine.setup import prepare

STRICT: dict[str, Any] = {"security": {"level": "strict"}}


def test_a_first_set_up_that_cannot_even_be_taken_back_is_finished_by_the_next_run(
    fakes: Fakes, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_engine_at_the_health_gate(fakes, monkeypatch)
    assert end(run(fakes, layout, wish())).exit_status == 3
    fakes.containers.fail_at.clear()
    monkeypatch.undo()
    assert end(run(fakes, layout, wish())).exit_status == 0
    assert generations.last_good(fakes.world(), layout) is not None
    assert not prepare(fakes.world(), layout, wish()).plan


def test_a_change_that_cannot_even_be_taken_back_is_finished_by_the_next_run(
    fakes: Fakes, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(fakes, layout, wish())
    lose_engine_at_the_health_gate(fakes, monkeypatch)
    assert end(run(fakes, layout, wish(**STRICT))).exit_status == 3
    fakes.containers.fail_at.clear()
    monkeypatch.undo()
    assert end(run(fakes, layout, wish(**STRICT))).exit_status == 0
    good = generations.last_good(fakes.world(), layout)
    assert good is not None
    assert good.number > 1
    assert not prepare(fakes.world(), layout, wish(**STRICT)).plan


def lose_engine_at_the_health_gate(fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the engine be gone from the moment on in which the new server is looked at."""

    def silence(*_: Any, **__: Any) -> Any:  # noqa: ANN401
        gone = EngineError(say("the container engine is not running"))
        fakes.containers.fail_at.update(observe=gone, remove=gone)
        raise HealthError(say("silence"))

    monkeypatch.setattr(fakes.probe, "stream", silence)


def test_the_log_of_a_server_that_does_not_start_is_told(fakes: Fakes, layout: Layout) -> None:
    fakes.probe.fail_at["stream"] = HealthError(say("silence"))
    banner = [
        "",
        "*****",
        "Error: mine.cfg.lua:2: '}' expected",
        "",
        "More help can be found",
        "Good luck!",
        "*****",
        "",
    ]
    fakes.containers.log_lines["xmpp-wizard-prosody"] = banner * 3
    hint = str(end(run(fakes, layout, wish())).hint)
    assert hint.splitlines()[-3:] == [
        "  Error: mine.cfg.lua:2: '}' expected",
        "  More help can be found",
        "  Good luck!",
    ]


def test_of_a_log_only_what_is_wrong_is_told(fakes: Fakes, layout: Layout) -> None:
    fakes.probe.fail_at["stream"] = HealthError(say("silence"))
    fakes.containers.log_lines["xmpp-wizard-prosody"] = [
        "2026-01-01T12:00:00 startup                   info\tHello and welcome to Prosody",
        "2026-01-01T12:00:01 portmanager               error\tFailed to open port 5222: already in use",
        "2026-01-01T12:00:02 mod_posix                 info\tProsody is about to detach from the console",
    ]
    hint = str(end(run(fakes, layout, wish())).hint)
    assert hint.splitlines()[-1] == "  portmanager: Failed to open port 5222: already in use"
    assert "Hello" not in hint


@pytest.mark.parametrize(("free", "reason"), [(1 << 30, "before its end"), (0, "before its end: the disk is full")])
def test_work_that_is_gone_without_a_word_is_told(fakes: Fakes, layout: Layout, free: int, reason: str) -> None:
    run(fakes, layout, wish())
    last = journal.latest(fakes.world(), layout)
    assert last is not None
    node = fakes.files.nodes[last.path]
    # the last line is cut off
    fakes.files.nodes[last.path] = replace(node, content=node.content[:-20])
    fakes.files.free = free
    with pytest.raises(EffectError, match=f"{reason}$"):
        list(journal.follow(fakes.world(), last))
