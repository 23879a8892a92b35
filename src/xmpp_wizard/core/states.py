"""The words for the state of things; each has its five columns in every language, and what it means is the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from xmpp_wizard.core.text import Text, say_as

STATES: Mapping[str, Text] = {
    "ok": say_as("state", "ok"),
    "wait": say_as("state", "wait"),
    "now": say_as("state", "now"),
    "done": say_as("state", "done"),
    "later": say_as("state", "later"),
    "todo": say_as("state", "todo"),
    "FAIL": say_as("state", "FAIL"),
}

CONTAINERS: Mapping[str, Text] = {
    "running": say_as("container", "running"),
    "stopped": say_as("container", "stopped"),
    "missing": say_as("container", "missing"),
}
"""How a container is, by what the status calls it."""


def state_word(word: str, words: Callable[[Text], str] = str) -> str:
    """Return a state word in a person's language; signs such as ``!`` are the same in all."""
    return words(STATES[word]) if word in STATES else word
