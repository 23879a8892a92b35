"""Finding settings by words: of their label, their explanation or their key, in English and the person's language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

from xmpp_wizard.core.text import Text
from xmpp_wizard.tui.forms.fields import Group, Spec, every_group

_SAME = (
    ("history", "archive", "archiv", "mam", "logs"),
    ("group", "muc", "conference", "konferenz", "chatroom"),
    ("certificate", "ssl", "tls", "https", "zertifikat"),
    ("storage", "database", "sql", "datenbank"),
    ("files", "upload", "attachment", "anhang"),
    ("federation", "s2s", "other servers"),
    ("invitation", "register", "sign up", "registrieren"),
    ("direct tls", "xmpps"),
)
"""Other words that people use for the same thing: one of them finds what has another."""


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
            if all(any(same in label or same in rest for same in _others(word)) for word in wanted):
                rank = sum(word not in label for word in wanted)
                ranked.append((rank, len(ranked), Found(spec, group)))
    return tuple(found for _, _, found in sorted(ranked, key=lambda item: item[:2]))


def _others(word: str) -> tuple[str, ...]:
    """Return the word and those for the same; a plural is as good."""
    groups = (group for group in _SAME if any(word in (same, f"{same}s", f"{same}e") for same in group))
    return (word, *chain.from_iterable(groups))


def _both(text: Text, translated: Callable[[Text], str]) -> str:
    return f"{text} {translated(text)}".casefold()
