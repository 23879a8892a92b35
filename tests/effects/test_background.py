"""The real thing: another session, no terminal, no way back into the parent's code."""

from __future__ import annotations

import os
import time
from pathlib import Path

from xmpp_wizard.effects.background import ForkedBackground


def finish(pid: int) -> None:
    deadline = time.monotonic() + 10
    while ForkedBackground().is_alive(pid):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_it_has_a_session_of_its_own_and_no_terminal(tmp_path: Path) -> None:
    file = tmp_path / "seen"

    def work() -> int:
        streams = [str(Path(f"/proc/self/fd/{handle}").readlink()) for handle in (0, 1, 2)]
        file.write_text(f"{os.getpid()} {os.getsid(0)} {' '.join(streams)}")
        return 0

    pid = ForkedBackground().start(work)
    finish(pid)
    own, session, *streams = file.read_text().split()
    assert int(own) == pid
    assert int(session) not in {os.getsid(0), pid}
    assert streams == [os.devnull] * 3


def test_it_goes_on_while_the_parent_does(tmp_path: Path) -> None:
    gate = tmp_path / "gate"

    def work() -> int:
        while not gate.exists():
            time.sleep(0.01)
        return 0

    pid = ForkedBackground().start(work)
    assert ForkedBackground().is_alive(pid)
    gate.touch()
    finish(pid)


def test_an_error_in_it_never_comes_back_here() -> None:
    def work() -> int:
        raise KeyError

    finish(ForkedBackground().start(work))


def test_a_zombie_is_not_alive() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    deadline = time.monotonic() + 10
    while ForkedBackground().is_alive(child):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.waitpid(child, 0)
