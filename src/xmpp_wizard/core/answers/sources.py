"""Answers from outside the file: environment variables, and ``--set`` on the command line."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Annotated, Any, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from xmpp_wizard.core.answers.fields import PREFIX, field_at, wants_list, wants_text
from xmpp_wizard.core.answers.lines import parse_key
from xmpp_wizard.core.errors import UsageError
from xmpp_wizard.core.text import say


@dataclass(frozen=True, slots=True)
class TakenBack:
    """In place of a value: nothing is to be said there, so that the default holds."""


TAKEN_BACK = TakenBack()


@dataclass(frozen=True, slots=True)
class Override:
    """One answer that goes before the file's; ``where`` names the variable or the option, never the value.

    ``value`` is what TOML has, or :data:`TAKEN_BACK`.
    """

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
    """Return the answers of ``--set key=value`` options, in their order; ``key=`` takes an answer back.

    Raises:
        UsageError: one of them is not of that form, or two contradict each other.
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
        value = TAKEN_BACK if not text.strip() and _can_be_left_out(key) else parse_value(key, text)
        found.append(Override(key, value, f"--set {dotted.strip()}"))
    _check_agreement(found)
    return found


def _can_be_left_out(key: tuple[str, ...]) -> bool:
    """Say whether nothing behind the equals sign leaves the answer out; else it is an empty text or list."""
    field = field_at(key)
    if field is None:
        return False
    if type(None) in get_args(field.annotation):
        return True
    return not wants_list(field.annotation) and not _takes_empty_text(field)


def _takes_empty_text(field: FieldInfo) -> bool:
    kind: Any = Annotated[field.annotation, field]
    try:
        TypeAdapter(kind).validate_python("", strict=True)
    except ValidationError:
        return False
    return True


def _check_agreement(found: Sequence[Override]) -> None:
    """Refuse two options of which one takes back what the other says; of two values the last one counts."""
    for one, other in combinations(found, 2):
        shorter, longer = sorted((one, other), key=lambda override: len(override.key))
        is_inside = longer.key[: len(shorter.key)] == shorter.key
        if is_inside and (one.value == TAKEN_BACK) != (other.value == TAKEN_BACK):
            raise UsageError(
                say("{first} and {second} contradict each other", first=one.where, second=other.where),
                say("Give each answer once; --set {key}= takes one back.", key=".".join(shorter.key)),
            )


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
