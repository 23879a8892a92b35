"""From a question of the answers to what a form shows for it, and back from what was typed to a value.

Nothing here knows Textual: the form draws a :class:`Spec`, the draft checks the value, so both stay testable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args, get_origin

from xmpp_wizard.core.answer_fields import Question, alternatives, model_in, questions
from xmpp_wizard.core.answer_template import choices, default
from xmpp_wizard.core.draft import Draft, Key
from xmpp_wizard.core.features import all_features
from xmpp_wizard.core.text import NOTHING, Text, say

Kind: TypeAlias = Literal["choice", "ticks", "number", "text", "list", "records"]
_UNIT = re.compile(r" \(([^()]*)\)\Z")
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
    title: str
    unit: str
    sentence: str
    options: tuple[Option, ...] = ()
    parts: tuple[str, ...] = ()
    """Of a list of records: the names of a record's parts, in the order in which they are typed."""
    is_optional: bool = False
    """Whether nothing may be said, so that the level, the preset or the domain decides."""

    @property
    def name(self) -> str:
        """The key as it is written in the answer file."""
        return ".".join(self.key)


@dataclass(frozen=True, slots=True)
class Group:
    """Questions below one heading; those in ``folded`` are shown when asked for."""

    key: Key
    title: str
    sentence: str
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
    title = question.field.title or question.key[-1]
    unit = _UNIT.search(title)
    kind = _kind(question)
    item = model_in(question.field.annotation)
    return Spec(
        key=question.key,
        kind=kind,
        title=_UNIT.sub("", title),
        unit=unit[1] if unit else "",
        sentence=question.field.description or "",
        options=_options(question, kind),
        parts=tuple(item.model_fields) if item else (),
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


def decided(spec: Spec, draft: Draft) -> Text:
    """Say who decides, and what, where nothing is said for ``spec``."""
    if spec.key[-1] == "enabled":
        preset = draft.value(("features", "preset"))
        feature = next(feature for feature in all_features() if feature.name == spec.key[1])
        state = say("on") if preset in feature.presets else say("off")
        return say("as the preset: {state}", state=state)
    found = default(questions()[spec.key])
    if found not in (None, "", ()):
        return say("empty: {value}", value=typed(spec, found))
    return say("empty: decided for you") if spec.is_optional else NOTHING


def typed(spec: Spec, value: object) -> str:
    """Return ``value`` as a person types it into a field."""
    if value is None:
        return ""
    if spec.kind == "records" and isinstance(value, Sequence):
        return ", ".join(" ".join(_record(item, spec.parts)) for item in value)
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)


def parsed(spec: Spec, text: str) -> object:
    """Return the value that was typed; one of another kind than is wanted is left to the check, which says so."""
    words = text.strip()
    if spec.kind == "list":
        return [word.strip() for word in re.split(r"[,\s]+", words) if word.strip()]
    if spec.kind == "records":
        rows = (row.split() for row in words.split(",") if row.strip())
        return [dict(zip(spec.parts, row, strict=False)) for row in rows]
    if not words:
        return None
    if spec.kind == "number":
        return int(words) if words.isascii() and words.isdigit() and len(words) < _LONGEST_NUMBER else words
    return words


_LONGEST_NUMBER = 19


def shown_value(spec: Spec, draft: Draft) -> str:
    """Return what holds for ``spec``, in words for lists and details."""
    value = draft.value(spec.key)
    for option in spec.options:
        if spec.kind == "choice" and option.value == value:
            return str(decided(spec, draft) if spec.key[-1] == "enabled" and value is None else option.label)
    words = typed(spec, value)
    if not words:
        return str(decided(spec, draft)).removeprefix("empty: ") or str(say("none"))
    return f"{words} {spec.unit}".strip()


def problem_for(spec: Spec, problems: Mapping[str, Text]) -> Text:
    """Return what is wrong with the answer to ``spec``, also where a part of it is meant."""
    for name, text in problems.items():
        if name == spec.name or name.startswith((f"{spec.name}.", f"{spec.name}[")):
            return text
    return NOTHING


@dataclass(frozen=True, slots=True)
class Found:
    """A setting that a search found, and the group that asks it."""

    spec: Spec
    group: Group


def find(words: str) -> tuple[Found, ...]:
    """Return the settings in which each of ``words`` is, in label, explanation or key; best ones first."""
    wanted = words.lower().split()
    ranked: list[tuple[int, int, Found]] = []
    for group in every_group():
        for spec in group.specs:
            label, rest = f"{spec.title} {group.title}".lower(), f"{spec.sentence} {spec.name}".lower()
            if all(word in label or word in rest for word in wanted):
                rank = sum(word not in spec.title.lower() for word in wanted)
                ranked.append((rank, len(ranked), Found(spec, group)))
    return tuple(found for _, _, found in sorted(ranked, key=lambda item: item[:2]))


def every_group() -> tuple[Group, ...]:
    """Return all questions, in the order of the answer file."""
    tops = [question.key for question in questions().values() if question.group and len(question.key) == 1]
    return group_at((), *tops)


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
    title = (here.field.title if here else "") or str(say("Server"))
    sentence = (here.field.description if here else "") or _purpose(key)
    plain = [spec for spec in specs if spec.kind in ("choice", "ticks", "number") and not spec.name.endswith("_port")]
    if not plain or not key:
        return Group(key, title, sentence, tuple(specs))
    return Group(key, title, sentence, tuple(plain), tuple(spec for spec in specs if spec not in plain))


def _purpose(key: Key) -> str:
    here = questions().get(key)
    model = here.group if here else None
    return (model.__doc__ or "") if model else str(say("Its name and its people."))


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
        return tuple(Option(value, say("{name}", name=value)) for value in _item_choices(question))
    if kind != "choice":
        return ()
    found = [Option(value, _label(value)) for value in choices(question)]
    is_optional = not question.field.is_required() and default(question) is None
    who = say("the preset decides") if question.key[-1] == "enabled" else say("the level decides")
    return (Option(None, who), *found) if is_optional else tuple(found)


def _label(value: object) -> Text:
    if isinstance(value, bool):
        return say("on") if value else say("off")
    return say("{name}", name=value)


def _record(item: object, parts: Sequence[str]) -> Iterator[str]:
    for part in parts:
        value = item.get(part, "") if isinstance(item, Mapping) else getattr(item, part)
        yield str(value)


def differences(old: str, new: str) -> tuple[Text, ...]:
    """Return in words what is different between two answer files."""
    before, after = Draft(old), Draft(new)
    found = []
    for group in every_group():
        for spec in group.specs:
            was, now = before.value(spec.key), after.value(spec.key)
            if was != now:
                name = group.title if spec.key[-1] == "enabled" else spec.title
                values = {"was": shown_value(spec, before), "now": shown_value(spec, after)}
                found.append(say("{name}: {was} -> {now}", name=name, **values))
    return tuple(found)


def spec_at(key: Key) -> Spec:
    """Return how the question at ``key`` is asked."""
    return spec_for(questions()[key])


def is_switchable(name: str) -> bool:
    """Say whether there is a feature of that name that can be switched on and off."""
    return any(feature.name == name and "enabled" in feature.settings.model_fields for feature in all_features())


def is_on(name: str, draft: Draft) -> bool:
    """Say whether a feature is on, by its own answer or else by the preset."""
    if not is_switchable(name):
        return True
    said = draft.value(("features", name, "enabled"))
    feature = next(feature for feature in all_features() if feature.name == name)
    return draft.value(("features", "preset")) in feature.presets if said is None else bool(said)


def features_on(draft: Draft) -> tuple[int, int]:
    """Return how many features are on, and how many there are."""
    states = [is_on(feature.name, draft) for feature in all_features()]
    return sum(states), len(states)
