"""What is wrong with the answers, in plain words: where, which key, why, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from xmpp_wizard.core.answers.fields import field_at, is_secret, model_at, questions
from xmpp_wizard.core.answers.lines import Key, write_key
from xmpp_wizard.core.errors import AnswersError
from xmpp_wizard.core.names import shown
from xmpp_wizard.core.text import Text, reason, say


@dataclass(frozen=True, slots=True)
class Problem:
    """One wrong answer. ``key`` is empty where the file as a whole is meant."""

    where: str
    """``FILE:LINE``, the option, or the environment variable."""
    key: str
    text: Text

    @property
    def line(self) -> Text:
        """The problem as one line; there is nothing to translate in it but the sentence."""
        parts: tuple[tuple[str, str | Text], ...] = (("where", self.where), ("key", self.key), ("text", self.text))
        named = tuple((name, part) for name, part in parts if part)
        return Text(": ".join(f"{{{name}}}" for name, _ in named), named)

    def __str__(self) -> str:
        """Return the problem as one line, in English."""
        return str(self.line)


class WrongAnswersError(AnswersError):
    """One or more answers are wrong; the text has a line for each, ``problems`` has them one by one."""

    def __init__(self, problems: Sequence[Problem], hint: Text | None = None) -> None:
        """Keep the problems in the order given."""
        self.problems = tuple(problems)
        usual = say("Put it right and run the command again; `xmpp-wizard answers explain KEY` says what may be there.")
        lines = tuple((f"problem{number}", problem.line) for number, problem in enumerate(problems))
        super().__init__(Text("\n".join(f"{{{name}}}" for name, _ in lines), lines), hint or usual)


def problem_texts(error: ValidationError, data: Mapping[str, Any]) -> list[tuple[Key, Text]]:
    """Return key and sentence for each thing that the model found wrong in ``data``, each key once.

    Nobody reads more than a hundred: of a file that is something else altogether, the rest is only counted.
    """
    found: dict[Key, Text] = {}
    details = error.errors(include_url=False)
    for detail in details[:_MOST]:
        key = _key_in(data, detail)
        if key not in found:
            found[key] = _sentence(detail, key)
    texts = list(found.items())
    if len(details) > _MOST:
        texts.append(((), say("and {count} more", count=len(details) - _MOST)))
    return texts


_MOST = 100


def _key_in(data: object, detail: ErrorDetails) -> Key:
    """Return where the error is in the data: pydantic's own path has names of types in it, too."""
    key: Key = ()
    *parents, last = detail["loc"] or ("",)
    node: Any = data
    for part in parents:
        is_inside = isinstance(part, int) if isinstance(node, list) else isinstance(node, Mapping) and part in node
        if is_inside:
            node = node[part]
        elif isinstance(part, str) and field_at((*key, part)) is not None:
            node = {}
        else:
            continue
        key = (*key, part)
    is_there = isinstance(last, int) or isinstance(node, Mapping)
    return (*key, last) if last != "" and is_there else key


def _sentence(detail: ErrorDetails, key: Key) -> Text:
    """Return in plain words what pydantic's error says."""
    kind, context, given = detail["type"], detail.get("ctx", {}), written(detail["input"])
    if kind == "extra_forbidden":
        return unknown_key(key)
    if kind == "value_error":
        return reason(context["error"])
    if kind == "literal_error":
        return _not_a_choice(str(context["expected"]), detail["input"], given)
    for pattern, sentence in _SENTENCES:
        if re.fullmatch(pattern, kind):
            values = {name: str(value) for name, value in context.items() if name not in {"given", "purpose"}}
            return say(sentence.message, given=given, purpose=_purpose(key), **values)
    return say("{given} cannot be used here: {reason}", given=given, reason=detail["msg"])


_SENTENCES = (
    ("missing", say("is missing. {purpose}")),
    ("int_.*", say("must be a whole number without quotes, such as 30, not {given}")),
    ("float_.*|decimal_.*", say("must be a number without quotes, such as 1.5, not {given}")),
    ("bool_.*", say("must be true or false, without quotes, not {given}")),
    ("string_type|string_unicode", say("must be a text in quotes, not {given}")),
    ("greater_than_equal", say("must be at least {ge}, not {given}")),
    ("greater_than", say("must be more than {gt}, not {given}")),
    ("less_than_equal", say("must be at most {le}, not {given}")),
    ("less_than", say("must be less than {lt}, not {given}")),
    ("multiple_of", say("must be a multiple of {multiple_of}, not {given}")),
    ("string_too_short", say("is too short: at least {min_length} signs are needed")),
    ("string_too_long", say("is too long: it may have {max_length} signs")),
    ("too_short", say("has too few items: at least {min_length} are needed")),
    ("too_long", say("has too many items: {max_length} are allowed")),
    ("string_pattern_mismatch", say("{given} does not have the form that is wanted here. {purpose}")),
    ("(tuple|list|set|frozen_set)_type", say('must be a list in square brackets, such as ["one", "two"], not {given}')),
    ("model_type|model_attributes_type|dict_type|mapping_type", say("is a group of answers below its own [heading]")),
)
"""Kinds of pydantic's errors and what they are called here."""


def unknown_key(key: Key) -> Text:
    """Return the sentence for a key that the answers do not have, with the most likely one that was meant."""
    from difflib import get_close_matches  # noqa: PLC0415 only errors need it

    name, parent = str(key[-1])[:60], key[:-1]
    model = model_at(parent)
    siblings = list(model.model_fields) if model else []
    if is_secret(name):
        reference = write_key((*parent, f"{name}_file"))
        if f"{name}_file" in siblings:
            advice = say("a secret is never a value here: put it into a file and write {key} = its path", key=reference)
        else:
            advice = say("there is no such answer, and a secret is never a value here; the program makes its own")
        return advice
    likely = [write_key((*parent, near)) for near in get_close_matches(name, siblings, n=1)]
    known = {question.name: question.key[-1] for question in questions().values()}
    # elsewhere in the file only what can hardly be meant otherwise
    near_names = get_close_matches(name, set(known.values()), n=1, cutoff=0.75)
    likely += [full for full, last in known.items() if last == name]
    likely += get_close_matches(write_key(key), known, n=1, cutoff=0.75)
    likely += [full for full, last in known.items() if last in near_names]
    # nobody means the group in which they wrote it
    meant = next((full for full in likely if not write_key(key).startswith(f"{full}.")), None)
    return (
        say("there is no such answer; did you mean {likely}?", likely=meant)
        if meant
        else say("there is no such answer")
    )


def written(value: object) -> str | Text:
    """Return a value as it may be shown in a message."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return shown(value)
        case int() if abs(value) >= 10**20:
            return say("a very long number")
        case Mapping():
            return say("a group of answers")
        case list() | tuple():
            return say("a list")
        case _:
            return str(value)


def _not_a_choice(expected: str, value: object, given: str | Text) -> Text:
    from difflib import get_close_matches  # noqa: PLC0415 only errors need it

    choices = re.findall(r"'([^']*)'", expected)
    if not choices:
        return say("must be {expected}, not {given}", expected=expected, given=given)
    near = get_close_matches(value.lower(), choices, n=1) if isinstance(value, str) else []
    quoted = ", ".join(f'"{choice}"' for choice in choices)
    if len(choices) == 1:
        return say("must be {choice}, not {given}", choice=quoted, given=given)
    if near:
        return say(
            'must be one of {choices}, not {given}; did you mean "{near}"?', choices=quoted, given=given, near=near[0]
        )
    return say("must be one of {choices}, not {given}", choices=quoted, given=given)


def _purpose(key: Key) -> Text:
    field = field_at(key)
    description = Text((field.description if field else "") or "")
    examples = field.examples if field else None
    if not examples or not isinstance(examples[0], str):
        return description
    example = say('Write: {key} = "{value}"', key=key[-1], value=examples[0])
    return say("{description} {example}", description=description, example=example) if description else example
