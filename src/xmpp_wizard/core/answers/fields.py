"""The questions that the answers' model asks, by their key: one list for errors, explanations, forms and templates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from xmpp_wizard.core.answers.model import answers_model
from xmpp_wizard.core.model import LeftOut
from xmpp_wizard.core.text import NOTHING, Text, say, say_as

PREFIX = "XMPP_WIZARD__"
_UNIT = re.compile(r" \(([^()]*)\)\Z")
SECRET_NAMES = ("password", "passwd", "passphrase", "secret", "token", "private_key", "api_key", "credentials")


@dataclass(frozen=True, slots=True)
class Question:
    """One field of the model; ``group`` is the model below it, if it is a group of questions."""

    key: tuple[str, ...]
    field: FieldInfo
    group: type[BaseModel] | None

    @property
    def name(self) -> str:
        """The key as it is written: ``features.group_chat.history_days``."""
        return ".".join(self.key)

    @property
    def variable(self) -> str:
        """The environment variable that answers it."""
        return PREFIX + "__".join(self.key).upper()

    @property
    def title(self) -> Text:
        """What it is called, without its unit."""
        return Text(_UNIT.sub("", self.field.title or self.key[-1]))

    @property
    def unit(self) -> Text:
        """The unit that its title names, such as ``days``."""
        found = _UNIT.search(self.field.title or "")
        return Text(found[1]) if found else NOTHING

    @property
    def whole_title(self) -> Text:
        """What it is called, with its unit."""
        return say("{title} ({unit})", title=self.title, unit=self.unit) if self.unit else self.title

    @property
    def left_out(self) -> Text:
        """Who decides where nothing is said, or that there is then nothing."""
        return next((mark.who for mark in self.field.metadata if isinstance(mark, LeftOut)), say("none"))

    @property
    def meaning(self) -> Text:
        """What it is for, in a sentence."""
        purpose = self.group.__doc__ if self.group else ""
        return Text(self.field.description or purpose or "")


@cache
def questions() -> Mapping[tuple[str, ...], Question]:
    """Return every question and every group of questions by key, in the order of the model."""
    return {question.key: question for question in _walk(answers_model(), ())}


def model_at(key: tuple[str | int, ...]) -> type[BaseModel] | None:
    """Return the model of the group at ``key``, or None where the answers have no group there."""
    model: type[BaseModel] | None = answers_model()
    for part in key:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part) if model else None
        model = model_in(field.annotation) if field else None
    return model


def field_at(key: tuple[str | int, ...]) -> FieldInfo | None:
    """Return the field at ``key``; that of the list, where ``key`` leads to an item of one."""
    names = [part for part in key if isinstance(part, str)]
    model = model_at(tuple(names[:-1])) if names else None
    return model.model_fields.get(names[-1]) if model else None


def model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 any type
    """Return the model that is, or is an item of, or may be, ``annotation``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (model_in(part) for part in get_args(annotation))
    return next((model for model in found if model), None)


def alternatives(annotation: Any) -> tuple[Any, ...]:  # noqa: ANN401 any type
    """Return the types that a value may have, without None and without what is only a check."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return alternatives(get_args(annotation)[0])
    if origin in {Union, UnionType}:
        return tuple(kind for part in get_args(annotation) for kind in alternatives(part))
    return () if annotation is type(None) else (annotation,)


def wants_text(annotation: Any) -> bool:  # noqa: ANN401 any type
    """Say whether a value can only be a text."""
    kinds = alternatives(annotation)
    return bool(kinds) and all(
        kind is str or (get_origin(kind) is Literal and all(isinstance(value, str) for value in get_args(kind)))
        for kind in kinds
    )


def wants_list(annotation: Any) -> bool:  # noqa: ANN401 any type
    """Say whether a value can only be a list."""
    kinds = alternatives(annotation)
    return bool(kinds) and all(get_origin(kind) in {tuple, list, frozenset, set} for kind in kinds)


def choice_text(value: object) -> Text:
    """Return the word for a value that may be chosen; its context is that, as "open" is also something to do."""
    return say_as("choice", str(value).replace("_", " "))


def messages() -> Iterator[str]:
    """Return every message that the model itself says, for catalogues: titles, units, meanings and choices."""
    asked = [*questions().values()]
    for question in questions().values():
        item = None if question.group else model_in(question.field.annotation)
        asked += _walk(item, question.key) if item else ()
    for question in asked:
        yield from (text.message for text in (question.title, question.unit, question.meaning) if text)
        yield from (choice_text(value).message for value in literals(question.field.annotation))


def literals(annotation: Any) -> Iterator[object]:  # noqa: ANN401 any type
    """Return the words of which an answer, or each item of it, may be one."""
    for kind in alternatives(annotation):
        if get_origin(kind) is Literal:
            yield from (value for value in get_args(kind) if isinstance(value, str))
        else:
            yield from (value for part in get_args(kind) for value in literals(part))


def is_secret(name: str) -> bool:
    """Say whether a key asks for a secret itself; ``…_file`` only says where one is."""
    return name.lower().endswith(SECRET_NAMES)


def _walk(model: type[BaseModel], key: tuple[str, ...]) -> Iterator[Question]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        group = kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None
        yield Question((*key, name), field, group)
        if group:
            yield from _walk(group, (*key, name))
