"""One run at a time: flock(2) on a file that says who holds it; it dies with the process, and no fork inherits it."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from xmpp_wizard.core.errors import DiskError, LockedError
from xmpp_wizard.core.moments import minute
from xmpp_wizard.core.text import say

_PATIENCE_SECONDS = 0.2
"""Somebody who only asks for the holder takes the lock, shared, for an instant."""


class FileLock:
    """:class:`~xmpp_wizard.core.ports.Lock` on the real disk."""

    @contextmanager
    def hold(self, path: str, patience_seconds: float = 0) -> Iterator[None]:
        """Hold the lock; its folder is made (0700) where it is not there."""
        handle = _open(path, create=True)
        _HELD.add(handle)
        try:
            if not _take(handle, fcntl.LOCK_EX, max(patience_seconds, _PATIENCE_SECONDS)):
                pid, since = _read(handle)
                raise LockedError(
                    say("another run works on this server (process {pid}, since {since})", pid=pid, since=since),
                    say("Wait until it is done; xmpp-wizard status shows how far it is."),
                )
            os.ftruncate(handle, 0)
            now = datetime.now(UTC).isoformat(timespec="seconds")
            os.pwrite(handle, f"{os.getpid()} {now}\n".encode(), 0)
            try:
                yield
            finally:
                os.ftruncate(handle, 0)
        finally:
            if handle in _HELD:
                _HELD.discard(handle)
                os.close(handle)

    def holder(self, path: str) -> int | None:
        """Return the pid of the process that holds it; 0 if that is in the first instant of doing so."""
        if not os.path.exists(path):  # noqa: PTH110
            return None
        handle = _open(path, create=False)
        try:
            if _take(handle, fcntl.LOCK_SH, 0):
                return None
            return _read(handle)[0]
        finally:
            os.close(handle)


_HELD: set[int] = set()


def _leave_to_the_parent() -> None:
    """Close the parent's locks in a new child, which else would go on holding them after the parent's end."""
    for handle in list(_HELD):
        with suppress(OSError):
            os.close(handle)
    _HELD.clear()


os.register_at_fork(after_in_child=_leave_to_the_parent)


def _open(path: str, *, create: bool) -> int:
    flags = os.O_CREAT | os.O_RDWR if create else os.O_RDONLY
    try:
        if create:
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)  # noqa: PTH103, PTH120
        return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DiskError(
            say("cannot open the lock {path}: {reason}", path=path, reason=error.strerror),
            say("Run it as root: put sudo before the command.")
            if isinstance(error, PermissionError)
            else say("Is the disk full or read-only?"),
        ) from error


def _take(handle: int, kind: int, patience_seconds: float) -> bool:
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.01)
        else:
            return True


def _read(handle: int) -> tuple[int, str]:
    words = os.pread(handle, 100, 0).decode(errors="replace").split()
    try:
        pid, since = words
        return int(pid), minute(datetime.fromisoformat(since).timestamp())
    except ValueError:
        return 0, "just now"
