"""An answer in the words that people read: none, on, off, the name of a choice; no brackets and no quotation marks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from xmpp_wizard.core.answers.fields import Question, choice_text, literals
from xmpp_wizard.core.text import Text, say


def answer_words(question: Question, value: object) -> Text:
    """Return ``value``, an answer to ``question``, in words; where nothing is said, who decides, or that it is none."""
    if value is None or value in ((), [], ""):
        return question.left_out
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _listed([_single(question, item) for item in value])
    return _single(question, value)


def _single(question: Question, value: object) -> Text:
    if isinstance(value, bool):
        return say("on") if value else say("off")
    if value in literals(question.field.annotation):
        return choice_text(value)
    return say("{value}", value=" ".join(_parts(value)))


def _parts(value: Any) -> Iterator[str]:  # noqa: ANN401 whatever an answer may be
    """Return the words of ``value``; those of a record in the order in which they are typed."""
    if isinstance(value, BaseModel):
        value = value.model_dump(exclude_none=True)
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from _parts(item)
    else:
        yield str(value)


def _listed(items: Sequence[Text]) -> Text:
    """Return ``items`` with commas between them, each in its own language."""
    named = {f"item{number}": item for number, item in enumerate(items)}
    return Text(", ".join(f"{{{name}}}" for name in named), tuple(named.items()))
