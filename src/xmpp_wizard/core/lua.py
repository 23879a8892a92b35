"""The only way a value gets into a Lua file.

Strings are written with every byte outside printable ASCII, quotes and backslashes escaped
(Lua 5.4 manual 3.1), so that no value can end its string.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from re import compile as pattern
from typing import TypeAlias

_LINE = 96
_NAME = pattern(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_KEYWORDS = frozenset(
    [
        "and",
        "break",
        "do",
        "else",
        "elseif",
        "end",
        "false",
        "for",
        "function",
        "goto",
        "if",
        "in",
        "local",
        "nil",
        "not",
        "or",
        "repeat",
        "return",
        "then",
        "true",
        "until",
        "while",
    ]
)


@dataclass(frozen=True, slots=True)
class FileLine:
    """Prosody's ``FileLine(path)``: the first line of a file, read when the configuration is loaded (Prosody 13)."""

    path: str


LuaValue: TypeAlias = "str | bool | int | float | FileLine | Sequence[LuaValue] | Mapping[str, LuaValue]"


def to_lua(value: LuaValue, depth: int = 0) -> str:  # noqa: PLR0911 a line for each kind of value
    """Return ``value`` as a Lua expression; lists and mappings become tables.

    Raises:
        TypeError: for a value that has no Lua form (None, NaN, bytes …).
    """
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float() if isfinite(value):
            return repr(value)
        case str():
            return _quoted(value)
        case FileLine(path):
            return f"FileLine({_quoted(path)})"
        case Mapping():
            return _table([f"{_key(key)} = {to_lua(item, depth + 1)}" for key, item in value.items()], depth)
        case Sequence() if not isinstance(value, bytes | bytearray | memoryview):
            return _table([to_lua(item, depth + 1) for item in value], depth)
        case _:
            message = f"no Lua form for {type(value).__name__}"
            raise TypeError(message)


def _table(rows: list[str], depth: int) -> str:
    """Return a table on one line if it is short, else one row a line."""
    if not rows:
        return "{}"
    flat = "{ " + "; ".join(rows) + " }"
    if len(flat) <= _LINE and "\n" not in flat:
        return flat
    indent = "\t" * (depth + 1)
    return "{\n" + "".join(f"{indent}{row};\n" for row in rows) + "\t" * depth + "}"


def _key(name: str) -> str:
    if _NAME.match(name) and name not in _KEYWORDS:
        return name
    return f"[{_quoted(name)}]"


def _quoted(text: str) -> str:
    return '"' + "".join(map(_escaped, text.encode("utf-8", "surrogateescape"))) + '"'


def _escaped(byte: int) -> str:
    sign = chr(byte)
    if sign in '"\\':
        return "\\" + sign
    if sign.isascii() and sign.isprintable():
        return sign
    return f"\\{byte:03d}"
