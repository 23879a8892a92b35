"""Values are written into a TOML text; what a person wrote there, comments too, stays."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import Any

from xmpp_wizard.core.answers.sources import TAKEN_BACK, Override


def with_value(text: str, key: tuple[str, ...], value: object) -> str:
    """Return ``text`` with ``value`` at ``key``; missing tables are made, a comment behind an old value stays.

    ``value`` is what TOML has: texts, numbers, truth values, dates, lists, and mappings of these.

    Raises:
        ValueError: a value that is no table is in the way.
    """
    import tomlkit  # noqa: PLC0415 reading answers does not need it, and it takes long to load

    wanted = tomllib.loads(text)
    _put(wanted, key, value)
    # tomlkit 0.15 puts a new table in the midst of dotted keys, where it swallows those behind it
    dotted = tomlkit.item({key[-1]: value}).as_string().strip()
    prefix = ".".join(tomlkit.key(part).as_string() for part in key[:-1])
    head, rest = _after_comments(text)
    ways = (_edited(text, key, value), f"{head}{prefix}.{dotted}\n{rest}")
    return next((way for way in ways if _says(way, wanted)), tomlkit.dumps(wanted))


def without_value(text: str, key: tuple[str, ...]) -> str:
    """Return ``text`` without the value at ``key``, all else as it was; nothing changes where none is said."""
    import tomlkit  # noqa: PLC0415 see with_value
    from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415 see with_value

    wanted = tomllib.loads(text)
    if not _take_out(wanted, key):
        return text
    try:
        document = tomlkit.parse(text)
        _take_out(document, key)
        way = tomlkit.dumps(document)
    except TOMLKitError:
        way = ""
    return way if _says(way, wanted) else tomlkit.dumps(wanted)


def _take_out(node: Any, key: tuple[str, ...]) -> bool:  # noqa: ANN401 plain or tomlkit's
    """Remove the value and say whether there was one; a group that gets empty stays, with its comments."""
    for part in key[:-1]:
        if not isinstance(node, dict) or part not in node:
            return False
        node = node[part]
    if not isinstance(node, dict) or key[-1] not in node:
        return False
    del node[key[-1]]
    return True


def _edited(text: str, key: tuple[str, ...], value: object) -> str:
    """Return what tomlkit makes of it; nothing where it cannot read what Python can."""
    import tomlkit  # noqa: PLC0415 see with_value
    from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415 see with_value

    try:
        document = tomlkit.parse(text)
        _put(document, key, value)
        return tomlkit.dumps(document)
    except TOMLKitError:
        return ""


def _put(node: Any, key: tuple[str, ...], value: object) -> None:  # noqa: ANN401 plain or tomlkit's
    """Set ``value`` in nested tables, making those that are missing."""
    for depth, part in enumerate(key[:-1]):
        node = node.setdefault(part, {})
        if not isinstance(node, dict):
            message = f"{'.'.join(key[: depth + 1])} is no group of answers"
            raise ValueError(message)  # noqa: TRY004 the text is wrong, not the caller
    node[key[-1]] = value


def _after_comments(text: str) -> tuple[str, str]:
    """Return the comment that the text begins with, and all after it."""
    lines = text.splitlines(keepends=True)
    count = next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "".join(lines[:count]), "".join(lines[count:])


def _says(text: str, wanted: object) -> bool:
    try:
        return tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        return False


def effective_text(text: str, overrides: Sequence[Override]) -> str:
    """Return the answer file that says by itself what ``text`` and ``overrides`` say together."""
    for override in overrides:
        if override.value == TAKEN_BACK:
            text = without_value(text, override.key)
        else:
            text = with_value(text, override.key, override.value)
    return text
