"""Sentences for people, translatable: an English message with named fields, and the values for them.

The message is the gettext msgid; front ends translate it, `str()` gives English.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence: ``message`` has ``{named}`` fields, ``values`` fills them."""

    message: str
    values: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        """Return the English sentence."""
        return self.message.format(**dict(self.values)) if self.values else self.message

    def __bool__(self) -> bool:
        """Say whether there is anything to tell."""
        return bool(self.message)


NOTHING = Text("")


def say(message: str, **values: object) -> Text:
    """Return the sentence ``message`` with ``values``; catalogues are extracted from calls of this function.

    A message without values is taken as it is, so braces in it need no doubling.
    """
    return Text(message, tuple((name, str(value)) for name, value in values.items()))
