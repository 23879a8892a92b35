"""Whatever :class:`Background` is behind the engine behaves like this."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.fakes import FakeBackground

from xmpp_wizard.core.ports import Background
from xmpp_wizard.effects.background import ForkedBackground


@pytest.fixture(params=[FakeBackground, ForkedBackground])
def background(request: pytest.FixtureRequest) -> Background:
    made: Callable[[], Background] = request.param
    return made()


def test_the_work_is_done_and_then_its_process_is_gone(background: Background, tmp_path: Path) -> None:
    file = tmp_path / "done"

    def work() -> int:
        file.write_text("yes")
        return 0

    pid = background.start(work)
    assert pid > 1
    deadline = time.monotonic() + 10
    while background.is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not background.is_alive(pid)
    assert file.read_text() == "yes"


def test_whoever_asks_is_alive(background: Background) -> None:
    assert background.own_pid() > 1
    assert background.is_alive(background.own_pid())


def test_nobody_is_alive_under_a_number_never_used(background: Background) -> None:
    assert not background.is_alive(2**22 + 1)


def test_work_that_is_stopped_tidies_up(tmp_path: Path) -> None:
    background = ForkedBackground()
    begun, tidied, over = (tmp_path / name for name in ("begun", "tidied", "over"))

    def work() -> int:
        try:
            begun.touch()
            time.sleep(60)
            over.touch()
        finally:
            tidied.touch()
        return 0

    pid = background.start(work)
    deadline = time.monotonic() + 10
    while not begun.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    background.stop(pid)
    while background.is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert tidied.exists()
    assert not over.exists()
    background.stop(pid)
