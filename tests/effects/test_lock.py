"""The lock between real processes: it dies with its holder, and a fork has no part in it."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from xmpp_wizard.core.errors import DiskError, LockedError
from xmpp_wizard.effects.lock import FileLock


def hold_in_a_child(path: str) -> int:
    """Return the pid of a child that holds the lock until it is killed."""
    receiver, sender = os.pipe()
    child = os.fork()
    if child == 0:
        with FileLock().hold(path):
            os.write(sender, b"held")
            signal.pause()
        os._exit(0)
    os.close(sender)
    assert os.read(receiver, 4) == b"held"
    os.close(receiver)
    return child


def test_it_dies_with_its_holder(tmp_path: Path) -> None:
    path = f"{tmp_path}/lock"
    child = hold_in_a_child(path)
    try:
        assert FileLock().holder(path) == child
        with (
            pytest.raises(LockedError, match=rf"process {child}, since 20\d\d-\d\d-\d\d \d\d:\d\d UTC"),
            FileLock().hold(path),
        ):
            pytest.fail("held twice")
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert FileLock().holder(path) is None
    with FileLock().hold(path):
        assert FileLock().holder(path) == os.getpid()


def test_a_child_does_not_go_on_holding_what_its_parent_held(tmp_path: Path) -> None:
    path = f"{tmp_path}/lock"
    with FileLock().hold(path):
        child = os.fork()
        if child == 0:
            signal.pause()
            os._exit(0)
    try:
        with FileLock().hold(path):
            pass
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_a_planted_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to("victim")
    with pytest.raises(DiskError), FileLock().hold(f"{tmp_path}/lock"):
        pytest.fail("held through a link")
    assert not (tmp_path / "victim").exists()
