"""Whatever :class:`Lock` is behind the engine behaves like this."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.fakes import FakeLock

from xmpp_wizard.core.errors import LockedError
from xmpp_wizard.core.ports import Lock
from xmpp_wizard.effects.lock import FileLock


@pytest.fixture(params=[FakeLock, FileLock])
def lock(request: pytest.FixtureRequest) -> Lock:
    made: Callable[[], Lock] = request.param
    return made()


def test_only_one_holds_it(lock: Lock, tmp_path: Path) -> None:
    path = f"{tmp_path}/state/lock"
    assert lock.holder(path) is None
    with lock.hold(path):
        holder = lock.holder(path)
        assert holder
        with pytest.raises(LockedError, match=f"process {holder}"), lock.hold(path):
            pytest.fail("held twice")
        assert lock.holder(path) == holder
    assert lock.holder(path) is None
    with lock.hold(path):
        pass


def test_it_is_free_again_after_an_error(lock: Lock, tmp_path: Path) -> None:
    path = f"{tmp_path}/lock"
    with pytest.raises(KeyError), lock.hold(path):
        raise KeyError
    assert lock.holder(path) is None


def test_other_paths_are_other_locks(lock: Lock, tmp_path: Path) -> None:
    with lock.hold(f"{tmp_path}/a/lock"), lock.hold(f"{tmp_path}/b/lock"):
        assert lock.holder(f"{tmp_path}/a/lock") is not None


def test_who_is_patient_gets_it(tmp_path: Path) -> None:
    path, first, second = f"{tmp_path}/lock", FileLock(), FileLock()
    with first.hold(path):
        began = time.monotonic()
        with pytest.raises(LockedError), second.hold(path, 0.5):
            pytest.fail("held twice")
        assert 0.5 <= time.monotonic() - began < 3
    held = first.hold(path)
    held.__enter__()
    threading.Timer(0.5, lambda: held.__exit__(None, None, None)).start()
    with second.hold(path, 10):
        assert second.holder(path)
