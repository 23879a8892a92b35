"""Values as JSON on stdout, for scripts."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from xmpp_wizard.cli.terminal import told
from xmpp_wizard.core.text import Text


def print_json(value: object) -> None:
    """Print any value of ours on one line; sentences as English text, times in ISO 8601."""
    print(to_json_text(value), flush=True)


def to_json_text(value: object) -> str:
    """Return the value as one line of JSON."""
    return TypeAdapter(Any).dump_json(_plain(value)).decode()


def _plain(value: object) -> Any:  # noqa: ANN401 that is what JSON is made of
    if isinstance(value, Text):
        return told(value)
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    fields = getattr(type(value), "__dataclass_fields__", None)
    return {name: _plain(getattr(value, name)) for name in fields} if fields else value
