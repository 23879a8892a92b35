"""An answer file with changes that are not written yet: what forms collect, checked as a whole file is.

A change to None takes the answer out, so that the level, the preset or the default decides again.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from xmpp_wizard.core.answers.fields import questions
from xmpp_wizard.core.answers.file import load
from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.answers.problems import WrongAnswersError
from xmpp_wizard.core.answers.template import default
from xmpp_wizard.core.answers.writing import with_value, without_value
from xmpp_wizard.core.errors import AnswersError
from xmpp_wizard.core.text import Text
from xmpp_wizard.core.wanted.desired import desired

Key = tuple[str, ...]
WHOLE = ""
"""The key of what is wrong with the answers as a whole."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a check: the answers, or a sentence for each wrong key (dotted)."""

    answers: Answers | None
    problems: Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class Draft:
    """The text of an answer file and what is to be different in it."""

    text: str
    changes: Mapping[Key, object] = field(default_factory=dict)

    def said(self, key: Key) -> object:
        """Return what is said for ``key``; None where nothing is."""
        if key in self.changes:
            return self.changes[key]
        node: object = tomllib.loads(self.text)
        for part in key:
            if not isinstance(node, dict) or part not in node:
                return None
            node = node[part]
        return node

    def value(self, key: Key) -> object:
        """Return what holds for ``key``: what is said, else the default; None where something else decides."""
        found = self.said(key)
        return default(questions()[key]) if found is None else found

    def with_change(self, key: Key, value: object) -> Draft:
        """Return the draft with another answer; one that says what the file says is no change."""
        rest = {name: item for name, item in self.changes.items() if name != key}
        before = replace(self, changes={})
        holds = before.value(key) if value is not None else before.said(key)
        if _plain(holds) == _plain(value):
            return replace(self, changes=rest)
        return replace(self, changes={**rest, key: value})

    def different_from(self, other: Draft) -> tuple[Key, ...]:
        """Return the answers that are other ones than in ``other``, a draft of the same file."""
        keys = {*self.changes, *other.changes}
        return tuple(sorted(key for key in keys if _plain(self.said(key)) != _plain(other.said(key))))

    def new_text(self) -> str:
        """Return the answer file with the changes in it; comments stay."""
        text = self.text
        for key, value in self.changes.items():
            text = without_value(text, key) if value is None else with_value(text, key, _plain(value))
        return text

    def check(self) -> Checked:
        """Say whether these answers describe a server, and if not, what is wrong with which."""
        try:
            answers, _ = load(self.new_text().encode(), "answers.toml", {}, ())
            desired(answers)
        except WrongAnswersError as error:
            found: dict[str, Text] = {}
            for problem in error.problems:
                found.setdefault(problem.key, problem.text)
            return Checked(None, found)
        except AnswersError as error:
            return Checked(None, {WHOLE: error.text})
        return Checked(answers, {})


def _plain(value: object) -> object:
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
