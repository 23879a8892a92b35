"""Opening a folder before something is changed in it, so that nobody can put another one in its place."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

_PLACE = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
_ROOT = 0
_MOST_LINKS = 40
"""As many as the kernel follows."""


@contextmanager
def opened(path: str) -> Iterator[int]:
    """Give a handle for the folder ``path``, good as ``dir_fd``.

    Links on the way are followed only if they are root's or our own: what belongs to another user (a web server's
    folder) may at any moment lead elsewhere.

    Raises:
        OSError: there is no such folder, or somebody else's link is on the way (``ELOOP``, with its path).
    """
    with ExitStack() as stack:

        def step(name: str, folder: int | None = None) -> int:
            handle = os.open(name, _PLACE, dir_fd=folder)
            stack.callback(os.close, handle)
            return handle

        here = step("/" if path.startswith("/") else ".")
        left, links = path.split("/")[::-1], 0
        while left:
            name = left.pop() or "."
            there = step(name, here)
            if not stat.S_ISLNK(os.fstat(there).st_mode):
                here = there
                continue
            links += 1
            if os.fstat(there).st_uid not in (_ROOT, os.geteuid()) or links > _MOST_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), os.path.join(_path_of(here), name))  # noqa: PTH118
            target = os.readlink("", dir_fd=there)
            left += target.split("/")[::-1]
            here = step("/") if target.startswith("/") else here
        if not stat.S_ISDIR(os.fstat(here).st_mode):
            raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        yield here


def _path_of(handle: int) -> str:
    return os.readlink(f"/proc/self/fd/{handle}")  # noqa: PTH115 plain calls of the system, as above
