"""Answers from outside the file: environment variables, and ``--set`` on the command line."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xmpp_wizard.core.answers.fields import PREFIX, field_at, wants_list, wants_text
from xmpp_wizard.core.answers.lines import parse_key
from xmpp_wizard.core.errors import UsageError
from xmpp_wizard.core.text import say


@dataclass(frozen=True, slots=True)
class Override:
    """One answer that goes before the file's; ``where`` names the variable or the option, never the value."""

    key: tuple[str, ...]
    value: Any
    where: str


def from_environment(environment: Mapping[str, str]) -> list[Override]:
    """Return the answers in ``XMPP_WIZARD__…`` variables, sorted by name; an empty variable says nothing."""
    found = []
    for name, text in sorted(environment.items()):
        if name.startswith(PREFIX) and text.strip():
            key = tuple(part.lower() for part in name.removeprefix(PREFIX).split("__"))
            found.append(Override(key, parse_value(key, text), name))
    return found


def from_options(sets: Sequence[str]) -> list[Override]:
    """Return the answers of ``--set key=value`` options, in their order.

    Raises:
        UsageError: one of them is not of that form.
    """
    found = []
    for option in sets:
        dotted, equals, text = option.partition("=")
        try:
            key = parse_key(dotted.strip())
        except ValueError:
            key = ()
        if not (equals and key):
            raise UsageError(
                say("--set {option}: a key, an equals sign and a value are wanted", option=dotted or option),
                say("Such as: --set features.group_chat.history_days=30"),
            )
        found.append(Override(key, parse_value(key, text), f"--set {dotted.strip()}"))
    return found


def parse_value(key: tuple[str, ...], text: str) -> Any:  # noqa: ANN401 any TOML value
    """Return ``text`` as a TOML value; where that fails or the answer is a text anyway, as the text itself.

    Where the answer is a list, words with commas between them are one, too: ``alice,bob`` or ``[alice, bob]``,
    which is what a shell leaves of ``["alice", "bob"]``.
    """
    field = field_at(key)
    annotation = field.annotation if field else None
    value = _toml_value(text)
    if wants_list(annotation) and not isinstance(value, list):
        plain = text.strip().removeprefix("[").removesuffix("]")
        return [_toml_text(word) for word in plain.split(",") if word.strip()]
    if value is None or (wants_text(annotation) and not isinstance(value, str)):
        return text
    return value


def _toml_value(text: str) -> Any:  # noqa: ANN401 any TOML value
    """Return the TOML value that ``text`` is, or None if it is none."""
    try:
        data = tomllib.loads(f"value = {text.strip()}")
    except (ValueError, RecursionError):
        return None
    return data["value"] if len(data) == 1 else None


def _toml_text(word: str) -> str:
    value = _toml_value(word)
    return value if isinstance(value, str) else word.strip()
