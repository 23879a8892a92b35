"""Values are written into a TOML text; what a person wrote there, comments too, stays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xmpp_wizard.core.answer_sources import Override


def with_value(text: str, key: tuple[str, ...], value: object) -> str:
    """Return ``text`` with ``value`` at ``key``; missing tables are made, a comment behind an old value stays.

    ``value`` is what TOML has: texts, numbers, truth values, dates, lists, and mappings of these.

    Raises:
        ValueError: a value that is no table is in the way.
    """
    import tomlkit  # noqa: PLC0415 reading answers does not need it, and it takes long to load

    document = tomlkit.parse(text)
    node: Any = document
    for depth, part in enumerate(key[:-1]):
        if part not in node:
            # a table that only holds tables needs no heading of its own
            node[part] = tomlkit.table(is_super_table=depth < len(key) - 2)
        node = node[part]
        if not isinstance(node, dict):
            message = f"{'.'.join(key[: depth + 1])} is no group of answers"
            raise ValueError(message)  # noqa: TRY004 the text is wrong, not the caller
    node[key[-1]] = value
    return tomlkit.dumps(document)


def effective_text(text: str, overrides: Sequence[Override]) -> str:
    """Return the answer file that says by itself what ``text`` and ``overrides`` say together."""
    for override in overrides:
        text = with_value(text, override.key, override.value)
    return text
