"""Reads the YAML of an exported compose file: nested mappings and lists by indentation, values as JSON or plain."""

from __future__ import annotations

import json
from typing import Any


def read(text: str) -> Any:  # noqa: ANN401 whatever the file holds
    """Return mappings, lists and values."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return _block([(len(line) - len(line.lstrip()), line.strip()) for line in lines])


def _block(lines: list[tuple[int, str]]) -> Any:  # noqa: ANN401 see read
    if not lines:
        return None
    indent = lines[0][0]
    starts = [number for number, line in enumerate(lines) if line[0] == indent]
    parts = [lines[start:end] for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)]
    if lines[0][1].startswith("- "):
        return [_item(part) for part in parts]
    return dict(_entry(part) for part in parts)


def _item(part: list[tuple[int, str]]) -> Any:  # noqa: ANN401 see read
    indent, text = part[0]
    first = text.removeprefix("- ")
    if len(part) == 1 and (first.startswith('"') or ": " not in first):
        return _value(first)
    return _block([(indent + 2, first), *part[1:]])


def _entry(part: list[tuple[int, str]]) -> tuple[str, Any]:
    key, _, value = part[0][1].partition(":")
    return str(_value(key)), _value(value.strip()) if value.strip() else _block(part[1:])


def _value(text: str) -> Any:  # noqa: ANN401 see read
    try:
        return json.loads(text)
    except ValueError:
        return text
