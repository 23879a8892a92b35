"""The host's files: every write is whole or not at all, and never goes through a link planted on its way."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256

from xmpp_wizard.core.errors import DiskError
from xmpp_wizard.core.observed import ObservedFile
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.effects.folder import opened

_BLOCK_BYTES = 512
"""The unit of ``st_blocks``, whatever the disk's own is."""
_SUFFIX = ".xmpp-wizard-new"
"""Ends the hidden name that a file has until it is whole; a cut-off write leaves one, the next one replaces it."""


class DiskFiles:
    """:class:`~xmpp_wizard.core.ports.Files` on the real disk."""

    def read(self, path: str, most: int = -1) -> bytes | None:
        """Return the content; None also where a link leads nowhere."""
        with _translated(say("cannot read {path}: {reason}", path=path), path):
            try:
                # looked at before it is opened: opening a pipe waits, and opening a device may do something
                kind = os.stat(path).st_mode  # noqa: PTH116 plain calls of the system, here and below
                if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
                    raise DiskError(say("cannot read {path}: it is no plain file", path=path), _NOT_PLAIN)
                with open(path, "rb") as file:  # noqa: PTH123
                    return file.read(most)
            except (FileNotFoundError, NotADirectoryError):
                return None

    def stat(self, path: str) -> ObservedFile | None:
        """Return mode, owner and hash of what ``path`` leads to."""
        with _translated(say("cannot read {path}: {reason}", path=path), path):
            try:
                found = os.stat(path)  # noqa: PTH116
            except (FileNotFoundError, NotADirectoryError):
                return None
        content = None if stat.S_ISDIR(found.st_mode) else self.read(path)
        return ObservedFile(
            sha256="" if content is None else sha256(content).hexdigest(),
            mode=stat.S_IMODE(found.st_mode),
            owner=(found.st_uid, found.st_gid),
            is_folder=stat.S_ISDIR(found.st_mode),
        )

    def names(self, folder: str) -> Sequence[str]:
        """Return what is in ``folder``, but leftovers of a write that was cut off."""
        with _translated(say("cannot read the folder {path}: {reason}", path=folder), folder):
            try:
                return sorted(name for name in os.listdir(folder) if not name.endswith(_SUFFIX))  # noqa: PTH208
            except FileNotFoundError:
                return []

    def write(self, path: str, content: bytes, mode: int, owner: tuple[int, int]) -> None:
        """Write beside ``path``, give it mode and owner, make it last, then let it take the place of ``path``."""
        what = say("cannot write {path}: {reason}", path=path)
        with _translated(what, path), _place(path) as (folder, name), _new_name(folder, name) as new:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            handle = os.open(new, flags, 0o600, dir_fd=folder)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                _give(handle, mode, owner)
                os.fsync(handle)

    def copy(self, source: str, path: str, mode: int, owner: tuple[int, int]) -> None:
        """Copy piece by piece; a link that somebody put in the place of ``source`` is not followed."""
        what = say("cannot write {path}: {reason}", path=path)
        with _translated(what, path), _place(source) as (from_folder, from_name), _place(path) as (folder, name):
            if os.path.lexists(path):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
            source_handle = os.open(from_name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=from_folder)
            with os.fdopen(source_handle, "rb") as content, _new_name(folder, name) as new:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
                handle = os.open(new, flags, 0o600, dir_fd=folder)
                with os.fdopen(handle, "wb") as file:
                    shutil.copyfileobj(content, file)
                    file.flush()
                    _give(handle, mode, owner)
                    os.fsync(handle)

    def append(self, path: str, line: str) -> None:
        """Add the line in one call, so that a reader sees it whole."""
        with _translated(say("cannot write {path}: {reason}", path=path), path), _place(path) as (folder, name):
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
            handle = os.open(name, flags, 0o600, dir_fd=folder)
            try:
                rest = line.encode() + b"\n"
                while rest:
                    rest = rest[os.write(handle, rest) :]
            finally:
                os.close(handle)

    def make_folder(self, path: str, mode: int, owner: tuple[int, int]) -> None:
        """Make the folder or correct it; a link to a folder is followed: an admin may have moved it to another disk."""
        with _translated(say("cannot make the folder {path}: {reason}", path=path), path):
            parent = os.path.dirname(path)  # noqa: PTH120
            if not os.path.isdir(parent):  # noqa: PTH112
                self.make_folder(parent, 0o755, (os.geteuid(), os.getegid()))
            with _place(path) as (folder, name), suppress(FileExistsError):
                os.mkdir(name, 0o700, dir_fd=folder)
                _sync(folder)
            with opened(path) as found:
                handle = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=found)
                try:
                    _give(handle, mode, owner)
                finally:
                    os.close(handle)

    def remove(self, path: str) -> None:
        """Remove what is at ``path``; of a link the link itself."""
        what = say("cannot remove {path}: {reason}", path=path)
        with _translated(what, path), suppress(FileNotFoundError, NotADirectoryError), _place(path) as (folder, name):
            if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                shutil.rmtree(name, dir_fd=folder)
            else:
                os.unlink(name, dir_fd=folder)
            _sync(folder)

    def link(self, path: str, target: str) -> None:
        """Make the link beside ``path`` and let it take its place."""
        what = say("cannot make the link {path}: {reason}", path=path)
        with _translated(what, path), _place(path) as (folder, name), _new_name(folder, name) as new:
            os.symlink(target, new, dir_fd=folder)

    def link_target(self, path: str) -> str | None:
        """Return where the link leads, as it is written in it."""
        with _translated(say("cannot read {path}: {reason}", path=path), path):
            try:
                return os.readlink(path)  # noqa: PTH115
            except (FileNotFoundError, NotADirectoryError):
                return None
            except OSError as error:
                if error.errno == errno.EINVAL:
                    return None
                raise

    def free_bytes(self, path: str) -> int:
        """Return what root may still write there."""
        while not os.path.exists(path):  # noqa: PTH110
            path = os.path.dirname(path) or "/"  # noqa: PTH120
        with _translated(say("cannot look at the disk of {path}: {reason}", path=path), path):
            found = os.statvfs(path)
            return found.f_bfree * found.f_frsize

    def used_bytes(self, folder: str) -> int:
        """Add up what the disk gives them: a file of one letter takes a whole block."""
        total = 0
        for path, _, names in os.walk(folder):
            for name in names:
                # it may be gone by now: the server goes on working
                with suppress(FileNotFoundError):
                    total += os.lstat(os.path.join(path, name)).st_blocks * _BLOCK_BYTES  # noqa: PTH118
        return total


@contextmanager
def _place(path: str) -> Iterator[tuple[int, str]]:
    """Give the folder of ``path``, opened, and the name in it."""
    folder, name = os.path.split(path)
    with opened(folder) as handle:
        yield handle, name


@contextmanager
def _new_name(folder: int, name: str) -> Iterator[str]:
    """Give a hidden name beside ``name``; what the block makes there takes its place, and lasts, or is removed."""
    new = f".{name}{_SUFFIX}"
    # what a cut-off write left
    _unlink(folder, new)
    try:
        yield new
        os.rename(new, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        _unlink(folder, new)
        raise
    _sync(folder)


def _unlink(folder: int, name: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)


def _give(handle: int, mode: int, owner: tuple[int, int]) -> None:
    """Set the owner first: changing it later would take set-id bits away again."""
    found = os.fstat(handle)
    if (found.st_uid, found.st_gid) != owner:
        os.fchown(handle, *owner)
    if stat.S_IMODE(os.fstat(handle).st_mode) != mode:
        os.fchmod(handle, mode)


def _sync(folder: int) -> None:
    """Make the names in a folder last through a power cut."""
    handle = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _translated(what: Text, path: str) -> Iterator[None]:
    """Turn errors of the system into ours; ``what`` still lacks its ``reason``."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        hint = _HINTS.get(error.errno or 0, NOTHING)
        # of a link in the way the error itself knows which part of the path it is
        guilty = error.filename if error.errno == errno.ELOOP and error.filename else path
        raise DiskError(Text(what.message, (*what.values, ("reason", reason))), _about(hint, guilty)) from error


def _about(hint: Text, path: str) -> Text:
    return Text(hint.message, (("path", path),)) if hint else hint


_NOT_PLAIN = say("A pipe or a device may never end. Save what it gives to a file, and name that one.")
_FULL = say("Make room on that disk (df -h shows them all, docker system df what Docker takes), then run it again.")
_FORBIDDEN = say("Run it as root: put sudo before the command.")
_TAKEN = say("Something else has that name. Look at it (ls -ld {path}) and move it away.", path="")
_HINTS = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EROFS: say("That disk is read-only. After a fault the kernel makes it so: look at dmesg, then repair it."),
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.EIO: say("The disk fails: look at dmesg, and save what is on it."),
    errno.ELOOP: say("Somebody put a link there. Look at it (ls -l {path}) and remove it.", path=""),
    errno.EISDIR: _TAKEN,
    errno.ENOTDIR: _TAKEN,
    errno.ENOTEMPTY: _TAKEN,
    errno.EEXIST: _TAKEN,
    errno.ENOENT: say("Its folder is not there."),
}
