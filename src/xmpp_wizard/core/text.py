"""Sentences for people, translatable: an English message with named fields, and the values for them.

The message is the gettext msgid; front ends translate it, `str()` gives English. A word that has several meanings
carries its context before a ``CONTEXT_END``, as compiled gettext catalogues have it.
"""

from __future__ import annotations

from dataclasses import dataclass

CONTEXT_END = "\x04"


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence: ``message`` has ``{named}`` fields, ``values`` fills them; a value may be a sentence, too."""

    message: str
    values: tuple[tuple[str, str | Text], ...] = ()

    def __str__(self) -> str:
        """Return the English sentence."""
        message = self.message.rpartition(CONTEXT_END)[2]
        return message.format(**{name: str(value) for name, value in self.values}) if self.values else message

    def __bool__(self) -> bool:
        """Say whether there is anything to tell."""
        return bool(self.message)


NOTHING = Text("")


class WrongValueError(ValueError):
    """A value cannot be used; pydantic, too, keeps this error, so that its sentence can be translated."""

    def __init__(self, text: Text) -> None:
        """``text`` says what is wrong with the value."""
        super().__init__(str(text))
        self.text = text


def reason(error: Exception) -> Text:
    """Return the sentence of ``error``; words of other libraries stay as they are."""
    return error.text if isinstance(error, WrongValueError) else Text(str(error))


def say(message: str, **values: object) -> Text:
    """Return the sentence ``message`` with ``values``; catalogues are extracted from calls of this function.

    A message without values is taken as it is, so braces in it need no doubling. A value that is a sentence stays
    one, so that it can be translated, too; all others become plain text.
    """
    kept = ((name, value if isinstance(value, Text) else str(value)) for name, value in values.items())
    return Text(message, tuple(kept))


def say_as(context: str, message: str) -> Text:
    """Return a word that is translated in one way in this ``context`` and in another elsewhere."""
    return Text(context + CONTEXT_END + message)
