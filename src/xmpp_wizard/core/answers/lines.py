"""On which line of a TOML text each value is; no TOML library tells.

The text must be valid TOML (v1.0): that was checked before, so this only has to follow brackets, quotes and dots.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from xmpp_wizard.core.names import shown

Key: TypeAlias = tuple[str | int, ...]
"""Where a value is: names of tables and keys, and numbers (from 0) in lists."""

_TOKEN = re.compile(
    r'''(?P<string>"""(?:\\.|[^\\])*?"""(?:"{0,2})|\'\'\'.*?\'\'\'(?:'{0,2})|"(?:\\.|[^"\\\n])*"|'[^'\n]*')'''
    r"""|(?P<comment>\#[^\n]*)|(?P<newline>\n)|(?P<space>[ \t\r]+)|(?P<sign>[\[\]{}=,.])"""
    r"""|(?P<word>[^\s\[\]{}=,.\#"']+)""",
    re.DOTALL,
)


def lines(text: str) -> Mapping[Key, int]:
    """Return the line (from 1) of each table, key and list item of ``text``, by its key."""
    return _Reader(text).found


def parse_key(dotted: str) -> tuple[str, ...]:
    """Return the parts of a dotted TOML key such as ``network.listen`` or ``names."a.example"``.

    Raises:
        ValueError: it is no key.
    """
    node: object = tomllib.loads(f"{dotted} = 0")
    parts: list[str] = []
    while isinstance(node, dict) and len(node) == 1:
        name, node = next(iter(node.items()))
        parts.append(name)
    if node != 0 or "\n" in dotted or "=" in dotted:
        message = "not one key"
        raise ValueError(message)
    return tuple(parts)


def write_key(key: Key) -> str:
    """Return ``key`` as a person reads it, such as ``certificates.files[1].key_file``; long names are cut."""
    written = ""
    for part in key:
        if isinstance(part, int):
            written += f"[{part + 1}]"
        else:
            name = part if re.fullmatch(r"[A-Za-z0-9_-]{1,60}", part) else shown(part)
            written += f".{name}" if written else name
    return written


class _Reader:
    """Goes over the text once, one token after the other."""

    def __init__(self, text: str) -> None:
        self.found: dict[Key, int] = {(): 1}
        self._sizes: dict[Key, int] = {}
        self._pieces = self._scan(text)
        self._next()
        self._read()

    def _scan(self, text: str) -> Iterator[tuple[str, str, int]]:
        line = 1
        for match in _TOKEN.finditer(text):
            kind = match.lastgroup or ""
            if kind not in {"space", "comment"}:
                yield kind, match[0], line
            line += match[0].count("\n")
        yield "end", "", line

    def _next(self) -> None:
        self._kind, self._piece, self._line = next(self._pieces, ("end", "", 0))

    def _read(self) -> None:
        table: Key = ()
        while self._kind != "end":
            if self._piece == "[":
                table = self._header()
            elif self._kind == "newline":
                self._next()
            else:
                self._pair(table)

    def _header(self) -> Key:
        line = self._line
        self._next()
        is_list = self._piece == "["
        if is_list:
            self._next()
        *parents, name = self._names()
        key: Key = ()
        for parent in parents:
            self.found.setdefault((*key, parent), line)
            key = self._newest((*key, parent))
        key = (*key, name)
        self.found.setdefault(key, line)
        if is_list:
            self._sizes[key] = self._sizes.get(key, 0) + 1
        key = self._newest(key)
        self.found.setdefault(key, line)
        for _ in range(2 if is_list else 1):
            self._next()
        return key

    def _newest(self, key: Key) -> Key:
        """Return the last item of a list of tables; any other key stays as it is."""
        return (*key, self._sizes[key] - 1) if key in self._sizes else key

    def _names(self) -> list[str]:
        names = []
        while self._kind in {"word", "string"}:
            names.append(tomllib.loads(f"x = {self._piece}")["x"] if self._kind == "string" else self._piece)
            self._next()
            if self._piece == ".":
                self._next()
        return names

    def _pair(self, table: Key) -> None:
        line, key = self._line, table
        for name in self._names():
            key = (*key, name)
            self.found.setdefault(key, line)
        self._next()
        self._value(key)

    def _value(self, key: Key) -> None:
        if self._piece == "[":
            self._list(key)
        elif self._piece == "{":
            self._inline_table(key)
        else:
            # a number, a date or a text; 1.5 is two words with a dot between
            while self._kind in {"word", "string"} or self._piece == ".":
                self._next()

    def _list(self, key: Key) -> None:
        self._next()
        number = 0
        while self._piece != "]":
            if self._kind == "newline" or self._piece == ",":
                self._next()
                continue
            self.found.setdefault((*key, number), self._line)
            self._value((*key, number))
            number += 1
        self._next()

    def _inline_table(self, key: Key) -> None:
        self._next()
        while self._piece != "}":
            if self._kind == "newline" or self._piece == ",":
                self._next()
            else:
                self._pair(key)
        self._next()
