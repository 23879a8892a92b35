"""The answer file to start from, and its JSON Schema: both are made from the model alone."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from xmpp_wizard.core.answers.fields import Question, alternatives, questions
from xmpp_wizard.core.answers.model import answers_model
from xmpp_wizard.core.features import all_features
from xmpp_wizard.core.kit.feature import PRESETS
from xmpp_wizard.core.names import is_at_home

SCHEMA_NAME = "answers.schema.json"
_WIDTH = 100
_ASKED_FIRST = ("version", "domain")


def template(domain: str = "example.org") -> str:
    """Return a whole answer file in TOML: only ``domain`` is said, and public certificates for a name that has DNS.

    All else is there as a comment.

    Each commented line has the default, or an example, called one, where the default is none.
    """
    listed = questions().values()
    top = [question for question in listed if len(question.key) == 1 and not question.group]
    parts = [_INTRODUCTION, *(_entry(question, domain) for question in top)]
    for group in (question for question in listed if question.group):
        below = [q for q in listed if q.key[:-1] == group.key and not q.group]
        parts.append(f"{_heading(group)}\n[{group.name}]")
        parts += [_entry(question, domain) for question in below]
    return "\n\n".join(parts) + "\n"


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the answer file, for editors."""
    found = answers_model().model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **found,
        "title": "Answers for xmpp-wizard",
        "description": str(answers_model().__doc__),
    }


def toml_value(value: object) -> str:
    """Return a value as it is written in TOML, on one line; mappings become inline tables."""
    match value:
        case dict():
            return "{ " + ", ".join(f"{name} = {toml_value(item)}" for name, item in value.items()) + " }"
        case list() | tuple():
            return "[" + ", ".join(map(toml_value, value)) + "]"
        case BaseModel():
            return toml_value(value.model_dump(exclude_none=True))
        case _:
            # JSON's texts, numbers and truth values are TOML's, too; DEL alone is not
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def choices(question: Question) -> tuple[object, ...]:
    """Return the values that may be chosen from, none where any value of a kind may be given."""
    found: list[object] = []
    for kind in alternatives(question.field.annotation):
        if kind is bool:
            found += [True, False]
        elif getattr(kind, "__args__", ()) and not isinstance(kind, type):
            found += [value for value in kind.__args__ if not isinstance(value, type) and isinstance(value, str | int)]
    return tuple(found)


def default(question: Question) -> object:
    """Return what holds where nothing is said; None where the preset, the level or the domain decides."""
    return None if question.field.is_required() else question.field.get_default(call_default_factory=True)


_INTRODUCTION = f"""\
#:schema ./{SCHEMA_NAME}
# The answers for one server. Only the domain is needed: all else has a default, which stands here
# behind a #, or an example where the default is none; to say something, remove that # and change it.
# Check with: xmpp-wizard answers check FILE. More on a key: xmpp-wizard answers explain KEY.
# Editors show help if they find the schema: xmpp-wizard answers schema > {SCHEMA_NAME}
# A secret is never a value here; keys that end in _file name the file that holds one."""


def _heading(group: Question) -> str:
    return "\n".join(_comment(group.field.title or group.key[-1], group.field.description, *_presets(group)))


def _presets(group: Question) -> Iterator[str]:
    feature = next((f for f in all_features() if group.key == ("features", f.name)), None)
    if feature is None or "enabled" not in feature.settings.model_fields:
        return
    on = [preset for preset in PRESETS if preset in feature.presets]
    yield f"On in these presets: {', '.join(on)}." if on else "On in no preset."


def _entry(question: Question, domain: str) -> str:
    lines = _comment(question.field.title or question.key[-1], question.field.description)
    found = choices(question)
    if len(found) > 1 and found != (True, False):
        lines += _comment("", f"One of: {', '.join(map(toml_value, found))}.")
    lines.append(_assignment(question, domain, found))
    return "\n".join(lines)


def _assignment(question: Question, domain: str, found: tuple[object, ...]) -> str:
    name, value = question.key[-1], default(question)
    if question.key in {(first,) for first in _ASKED_FIRST}:
        return f"{name} = {toml_value(domain if value is None else value)}"
    if question.key == ("certificates", "source") and not is_at_home(domain):
        return f'{name} = "acme"'
    if value is None or value == ():
        examples = question.field.examples or found or ([some_value(question)] if value is None else [])
        if examples:
            return f"#{name} = {toml_value(examples[0])}  # an example"
    return f"#{name} = {toml_value(value)}"


def some_value(question: Question) -> object:
    """Return a value that may be given, where the default is none and the model has no example."""
    if int in alternatives(question.field.annotation):
        return 30
    if "file" in f"{question.field.description}".lower().split():
        return "/root/file.pem"
    return f"{question.key[-2]}.example.org".replace("_", "-")


def _comment(title: str, *sentences: str | None) -> list[str]:
    text = " ".join(part for part in (f"{title}." if title else "", *sentences) if part)
    return textwrap.wrap(text, _WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)
