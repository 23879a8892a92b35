"""Sentences for people, translatable: an English message with named fields, and the values for them.

The message is the gettext msgid; front ends translate it, `str()` gives English.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence: ``message`` has ``{named}`` fields, ``values`` fills them; a value may be a sentence, too."""

    message: str
    values: tuple[tuple[str, str | Text], ...] = ()

    def __str__(self) -> str:
        """Return the English sentence."""
        return self.message.format(**{name: str(value) for name, value in self.values}) if self.values else self.message

    def __bool__(self) -> bool:
        """Say whether there is anything to tell."""
        return bool(self.message)


NOTHING = Text("")


def say(message: str, **values: object) -> Text:
    """Return the sentence ``message`` with ``values``; catalogues are extracted from calls of this function.

    A message without values is taken as it is, so braces in it need no doubling. A value that is a sentence stays
    one, so that it can be translated, too; all others become plain text.
    """
    kept = ((name, value if isinstance(value, Text) else str(value)) for name, value in values.items())
    return Text(message, tuple(kept))
