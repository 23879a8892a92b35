"""From what holds for a question to words for people, and back from what they typed to a value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from xmpp_wizard.core.answers.fields import questions
from xmpp_wizard.core.answers.template import default
from xmpp_wizard.core.answers.words import answer_words
from xmpp_wizard.core.draft import Draft
from xmpp_wizard.core.features import all_features
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.tui.forms.fields import Spec, every_group

_LONGEST_NUMBER = 19
_LISTS = ("list", "ticks", "records")


def decided(spec: Spec, draft: Draft) -> Text:
    """Say who decides, and what, where nothing is said for ``spec``."""
    if spec.key[-1] == "enabled":
        preset = draft.value(("features", "preset"))
        feature = next(feature for feature in all_features() if feature.name == spec.key[1])
        state = say("on") if preset in feature.presets else say("off")
        return say("as the preset: {state}", state=state)
    found = default(questions()[spec.key])
    if found not in (None, "", ()):
        # a list that is emptied has nothing in it, and not what it has where nothing is said
        return say("empty: {value}", value=say("none") if spec.kind in _LISTS else typed(spec, found))
    return say("empty: {value}", value=questions()[spec.key].left_out) if spec.is_optional else NOTHING


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
        return [_record_of(row, spec) for row in rows]
    if not words:
        return None
    if spec.kind == "number":
        return int(words) if words.isascii() and words.isdigit() and len(words) < _LONGEST_NUMBER else words
    return words


def shown_value(spec: Spec, draft: Draft) -> Text:
    """Return what holds for ``spec``, in words for lists and details."""
    value, question = draft.value(spec.key), questions()[spec.key]
    if value is None and spec.key[-1] == "enabled":
        return decided(spec, draft)
    if value in (None, ""):
        value = default(question)
    words = answer_words(question, value)
    return say("{value} {unit}", value=words, unit=spec.unit) if spec.unit and value is not None else words


def problem_for(spec: Spec, problems: Mapping[str, Text]) -> Text:
    """Return what is wrong with the answer to ``spec``, also where a part of it is meant."""
    for name, text in problems.items():
        if name == spec.name or name.startswith((f"{spec.name}.", f"{spec.name}[")):
            return text
    return NOTHING


def differences(old: str, new: str) -> tuple[Text, ...]:
    """Return in words what is different between two answer files."""
    before, after = Draft(old), Draft(new)
    found = []
    for group in every_group():
        for spec in group.specs:
            was, now = before.value(spec.key), after.value(spec.key)
            if was != now:
                name = group.title if spec.key[-1] == "enabled" else spec.title
                was_shown, now_shown = shown_value(spec, before), shown_value(spec, after)
                found.append(say("{name}: {was} -> {now}", name=name, was=was_shown, now=now_shown))
    return tuple(found)


def _record(item: object, parts: Sequence[str]) -> Iterator[str]:
    for part in parts:
        value = item.get(part, "") if isinstance(item, Mapping) else getattr(item, part)
        yield " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _record_of(words: Sequence[str], spec: Spec) -> dict[str, object]:
    single = spec.parts[:-1] if spec.takes_rest else spec.parts
    record: dict[str, object] = dict(zip(single, words, strict=False))
    return {**record, spec.parts[-1]: [*words[len(single) :]]} if spec.takes_rest else record
