"""From a question of the answers to what a form shows for it, and back from what was typed to a value.

Nothing here knows Textual: the form draws a :class:`Spec`, the draft checks the value, so both stay testable.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args, get_origin

from xmpp_wizard.core.answers.fields import Question, alternatives, choice_text, model_in, questions, wants_list
from xmpp_wizard.core.answers.template import choices, default
from xmpp_wizard.core.draft import Key
from xmpp_wizard.core.text import Text, say

Kind: TypeAlias = Literal["choice", "ticks", "number", "text", "list", "records"]
_NEVER_ASKED = ("version",)


@dataclass(frozen=True, slots=True)
class Option:
    """One value that may be chosen, and its word."""

    value: object
    label: Text


@dataclass(frozen=True, slots=True)
class Spec:
    """How one question is asked."""

    key: Key
    kind: Kind
    title: Text
    unit: Text
    sentence: Text
    options: tuple[Option, ...] = ()
    parts: tuple[str, ...] = ()
    """Of a list of records: the names of a record's parts, in the order in which they are typed."""
    takes_rest: bool = False
    """Of a list of records: whether the last part is a list of all words that are left."""
    is_optional: bool = False
    """Whether nothing may be said."""

    @property
    def name(self) -> str:
        """The key as it is written in the answer file."""
        return ".".join(self.key)


@dataclass(frozen=True, slots=True)
class Group:
    """Questions below one heading; those in ``folded`` are shown when asked for."""

    key: Key
    title: Text
    sentence: Text
    plain: tuple[Spec, ...]
    folded: tuple[Spec, ...] = ()

    @property
    def specs(self) -> tuple[Spec, ...]:
        """All of them."""
        return (*self.plain, *self.folded)


def spec_for(question: Question) -> Spec:
    """Return how ``question`` is asked.

    Raises:
        ValueError: it is a group of questions.
    """
    if question.group:
        message = f"{question.name} is a group"
        raise ValueError(message)
    kind = _kind(question)
    item = model_in(question.field.annotation)
    return Spec(
        key=question.key,
        kind=kind,
        title=question.title,
        unit=question.unit,
        sentence=question.meaning,
        options=_options(question, kind),
        parts=tuple(item.model_fields) if item else (),
        takes_rest=item is not None and wants_list([*item.model_fields.values()][-1].annotation),
        is_optional=not question.field.is_required() and default(question) is None,
    )


def group_at(*keys: Key) -> tuple[Group, ...]:
    """Return the questions below each of ``keys``, one group for each model there; () are those of the top.

    A key may also be that of one question; those of one model are asked together.
    """
    groups: list[Group] = []
    for key in keys:
        for group in _single(key) if _is_question(key) else _groups(key):
            if groups and groups[-1].key == group.key:
                groups[-1] = replace(groups[-1], plain=(*groups[-1].plain, *group.plain))
            else:
                groups.append(group)
    return tuple(groups)


def _is_question(key: Key) -> bool:
    found = questions().get(key)
    return found is not None and found.group is None


def _single(key: Key) -> Iterator[Group]:
    whole = next((group for group in _groups(key[:-1]) if group.key == key[:-1]), None)
    if whole is not None:
        yield replace(whole, plain=(spec_at(key),), folded=())


def every_group() -> tuple[Group, ...]:
    """Return all questions, in the order of the answer file."""
    tops = [question.key for question in questions().values() if question.group and len(question.key) == 1]
    return group_at((), *tops)


def spec_at(key: Key) -> Spec:
    """Return how the question at ``key`` is asked."""
    return spec_for(questions()[key])


def _groups(key: Key) -> Iterator[Group]:
    own = [
        spec_for(question)
        for question in questions().values()
        if question.key[:-1] == key and not question.group and question.key[-1] not in _NEVER_ASKED
    ]
    if own:
        yield _folded_group(key, own)
    if key:
        for question in questions().values():
            if question.group and question.key[:-1] == key:
                yield from _groups(question.key)


def _folded_group(key: Key, specs: Sequence[Spec]) -> Group:
    """Fold away what most people never touch: names, ports, addresses, files; unless there is nothing else."""
    here = questions().get(key)
    title = here.title if here else say("Server")
    sentence = here.meaning if here else say("Its name and its people.")
    plain = [spec for spec in specs if spec.kind in ("choice", "ticks", "number") and not _is_port(spec)]
    if not plain or not key:
        return Group(key, title, sentence, tuple(specs))
    return Group(key, title, sentence, tuple(plain), tuple(spec for spec in specs if spec not in plain))


def _is_port(spec: Spec) -> bool:
    return spec.key[-1] == "port" or spec.name.endswith("_port")


def _kind(question: Question) -> Kind:
    kinds = alternatives(question.field.annotation)
    if any(get_origin(kind) in (tuple, list) for kind in kinds):
        if model_in(question.field.annotation):
            return "records"
        return "ticks" if _item_choices(question) else "list"
    if choices(question):
        return "choice"
    return "number" if int in kinds else "text"


def _item_choices(question: Question) -> tuple[object, ...]:
    for kind in alternatives(question.field.annotation):
        for item in get_args(kind):
            if get_origin(item) is Literal:
                return get_args(item)
    return ()


def _options(question: Question, kind: Kind) -> tuple[Option, ...]:
    if kind == "ticks":
        return tuple(Option(value, choice_text(value)) for value in _item_choices(question))
    if kind != "choice":
        return ()
    found = [Option(value, _label(value)) for value in choices(question)]
    is_optional = not question.field.is_required() and default(question) is None
    return (Option(None, question.left_out), *found) if is_optional else tuple(found)


def _label(value: object) -> Text:
    if isinstance(value, bool):
        return say("on") if value else say("off")
    return choice_text(value)
