"""Files for the person, in root's own folder: saved answers, reports, the emergency sheet."""

from __future__ import annotations

from pathlib import PurePosixPath

from xmpp_wizard.core.errors import AnswersError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import say

_ROOT = (0, 0)
_SHOWN = 200
_LONGEST_PATH = 4096


def own_folder(world: World, layout: Layout) -> PurePosixPath:
    """Return root's own folder; it is made where there is none, as below another root at first.

    Raises:
        DiskError: it cannot be made.
    """
    folder = layout.root / "root"
    if world.files.stat(str(folder)) is None:
        world.files.make_folder(str(folder), 0o700, _ROOT)
    return folder


def write_own_file(world: World, layout: Layout, name: str, text: str) -> str:
    """Write ``text`` to the file ``name`` in root's folder and return its path; nobody else can read it."""
    path = str(own_folder(world, layout) / name)
    world.files.write(path, text.encode(), 0o600, _ROOT)
    return path


def is_taken(world: World, path: str) -> bool:
    """Say whether there is a file at ``path`` already.

    Raises:
        AnswersError: the path cannot be one of a file that is to be written.
        DiskError: it cannot be looked at.
    """
    if not is_path(path) or path.endswith("/"):
        raise AnswersError(say("that is not the path of a file"), say("Write its whole path, such as /root/chat.toml"))
    folder = path.rpartition("/")[0] or "/"
    found = world.files.stat(folder)
    if found is None or not found.is_folder:
        raise AnswersError(say("there is no folder {folder}", folder=folder[:_SHOWN]), say("Is the path right?"))
    there = world.files.stat(path)
    if there is not None and there.is_folder:
        raise AnswersError(say("{path} is a folder", path=path[:_SHOWN]), say("Add the name of a file."))
    return there is not None


def save_at(world: World, path: str, text: str) -> None:
    """Write ``text`` to ``path``, readable for root only.

    Raises:
        DiskError: it cannot be written.
    """
    world.files.write(path, text.encode(), 0o600, _ROOT)


def is_path(typed: str) -> bool:
    """Say whether this can be the whole path of a file."""
    return typed.startswith("/") and typed.isprintable() and len(typed.encode(errors="replace")) < _LONGEST_PATH
