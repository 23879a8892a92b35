"""A disk in memory."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from tests.fakes.recorder import Recorder

from xmpp_wizard.core.errors import (
    DiskError,
)
from xmpp_wizard.core.observed import ObservedFile
from xmpp_wizard.core.text import say

_BLOCK = 4096


@dataclass(frozen=True)
class Node:
    """A file (``content``), a folder, or a symbolic link (``target``)."""

    content: bytes = b""
    mode: int = 0o644
    owner: tuple[int, int] = (0, 0)
    is_folder: bool = False
    target: str = ""


@dataclass
class FakeFiles(Recorder):
    """A disk of its own; only the root folder is there at first."""

    nodes: dict[str, Node] = field(default_factory=lambda: {"/": Node(mode=0o755, is_folder=True)})
    free: int = 50 * 1024**3

    def put(self, path: str, content: bytes | str, mode: int = 0o644, owner: tuple[int, int] = (0, 0)) -> None:
        """Lay a file down as somebody else would: with its folders, and without a trace in ``calls``."""
        data = content.encode() if isinstance(content, str) else content
        self._make_parents(path)
        self.nodes[self._real(path)] = Node(data, mode, owner)

    def read(self, path: str, most: int = -1) -> bytes | None:
        self.hit("read", path)
        node = self.nodes.get(self._real(path))
        if node is None:
            return None
        if node.is_folder:
            raise DiskError(say("cannot read {path}: it is a folder", path=path))
        return node.content if most < 0 else node.content[:most]

    def stat(self, path: str) -> ObservedFile | None:
        node = self.nodes.get(self._real(path))
        if node is None:
            return None
        digest = "" if node.is_folder else sha256(node.content).hexdigest()
        return ObservedFile(digest, node.mode, node.owner, node.is_folder)

    def names(self, folder: str) -> Sequence[str]:
        real = self._real(folder)
        return sorted(posixpath.basename(path) for path in self.nodes if path != "/" and self._parent(path) == real)

    def write(self, path: str, content: bytes, mode: int, owner: tuple[int, int]) -> None:
        self.hit("write", path)
        real = self._place(path)
        if real in self.nodes and self.nodes[real].is_folder:
            raise DiskError(say("cannot write {path}: it is a folder", path=path))
        self.nodes[real] = Node(content, mode, owner)

    def copy(self, source: str, path: str, mode: int, owner: tuple[int, int]) -> None:
        self.hit("copy", f"{source} {path}")
        node = self.nodes.get(self._real(source, follow_last=False))
        real = self._place(path)
        if node is None or node.is_folder or node.target or real in self.nodes:
            raise DiskError(say("cannot write {path}", path=path))
        self.nodes[real] = Node(node.content, mode, owner)

    def append(self, path: str, line: str) -> None:
        self.hit("append", path)
        real = self._place(path)
        old = self.nodes.get(real, Node(mode=0o600))
        if old.target:
            raise DiskError(say("cannot write {path}: it is a link", path=path))
        self.nodes[real] = replace(old, content=old.content + line.encode() + b"\n")

    def make_folder(self, path: str, mode: int, owner: tuple[int, int]) -> None:
        self.hit("make_folder", path)
        self._make_parents(path)
        real = self._real(path)
        if real in self.nodes and not self.nodes[real].is_folder:
            raise DiskError(say("cannot make the folder {path}: it is a file", path=path))
        self.nodes[real] = Node(mode=mode, owner=owner, is_folder=True)

    def remove(self, path: str) -> None:
        self.hit("remove", path)
        real = self._real(path, follow_last=False)
        for known in [known for known in self.nodes if known == real or known.startswith(real + "/")]:
            del self.nodes[known]

    def link(self, path: str, target: str) -> None:
        self.hit("link", path)
        real = self._place(path)
        if real in self.nodes and self.nodes[real].is_folder:
            raise DiskError(say("cannot make the link {path}: there is a folder", path=path))
        self.nodes[real] = Node(target=target)

    def link_target(self, path: str) -> str | None:
        node = self.nodes.get(self._real(path, follow_last=False))
        return node.target if node is not None and node.target else None

    def free_bytes(self, path: str) -> int:
        self.hit("free_bytes", path)
        return self.free

    def used_bytes(self, folder: str) -> int:
        self.hit("used_bytes", folder)
        real = self._real(folder)
        return sum(
            -(-len(node.content) // _BLOCK) * _BLOCK for path, node in self.nodes.items() if path.startswith(real + "/")
        )

    def _place(self, path: str) -> str:
        """Return where a new ``path`` goes; its folder must be there."""
        real = self._real(path, follow_last=False)
        if not self.nodes.get(self._parent(real), Node()).is_folder:
            raise DiskError(say("cannot write {path}: there is no such folder", path=path))
        return real

    def _make_parents(self, path: str) -> None:
        parent = self._parent(path)
        if self._real(parent) not in self.nodes:
            self._make_parents(parent)
            self.nodes[self._real(parent)] = Node(mode=0o755, is_folder=True)

    def _real(self, path: str, *, follow_last: bool = True) -> str:
        """Return ``path`` with its links resolved."""
        found = "/"
        parts = [part for part in path.split("/") if part]
        for index, part in enumerate(parts):
            found = posixpath.normpath(posixpath.join(found, part))
            node = self.nodes.get(found)
            if node is not None and node.target and (follow_last or index < len(parts) - 1):
                found = self._real(posixpath.join(self._parent(found), node.target))
        return found

    @staticmethod
    def _parent(path: str) -> str:
        return posixpath.dirname(path) or "/"
