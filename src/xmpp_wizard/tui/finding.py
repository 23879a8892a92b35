"""Finding settings by words: of their label, their explanation or their key, in English and the person's language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xmpp_wizard.core.text import Text
from xmpp_wizard.tui.fields import Group, Spec, every_group


@dataclass(frozen=True, slots=True)
class Found:
    """A setting that a search found, and the group that asks it."""

    spec: Spec
    group: Group


def find(words: str, translated: Callable[[Text], str] = str) -> tuple[Found, ...]:
    """Return the settings in which each of ``words`` is; those with most of them in the label first."""
    wanted = words.casefold().split()
    ranked: list[tuple[int, int, Found]] = []
    for group in every_group():
        for spec in group.specs:
            label = _both(spec.title, translated)
            rest = f"{_both(group.title, translated)} {_both(spec.sentence, translated)} {spec.name}"
            if all(word in label or word in rest for word in wanted):
                rank = sum(word not in label for word in wanted)
                ranked.append((rank, len(ranked), Found(spec, group)))
    return tuple(found for _, _, found in sorted(ranked, key=lambda item: item[:2]))


def _both(text: Text, translated: Callable[[Text], str]) -> str:
    return f"{text} {translated(text)}".casefold()
