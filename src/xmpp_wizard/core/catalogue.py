"""Sentences in other languages, read from gettext catalogues (the text form, ``.po``); reading one takes milliseconds.

No compiled form is shipped: what translators edit is what the program reads, so the two cannot differ.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from xmpp_wizard.core.text import CONTEXT_END, Text

LANGUAGES: Mapping[str, str] = {"en": "English", "de": "Deutsch"}
"""What each language calls itself; English is in the program, the others have a catalogue."""

ASCII_WISHED = "XMPP_WIZARD_ASCII"
"""The variable of the environment that asks for plain ASCII, as ``--ascii`` does."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One language: ``messages`` has the translation for each English message; what is not there stays English."""

    language: str = "en"
    messages: Mapping[str, str] = field(default_factory=dict)

    def words(self, text: Text) -> str:
        """Return the sentence in this language."""
        message = self.messages.get(text.message) or text.message.rpartition(CONTEXT_END)[2]
        values = ((name, self.words(value) if isinstance(value, Text) else value) for name, value in text.values)
        return str(Text(message, tuple(values)))


def parse(po: str) -> dict[str, str]:
    """Return the messages of a catalogue by their English form; those not translated yet are left out."""
    return {message: translation for message, translation in _entries(po) if message and translation}


def language_of(environment: Mapping[str, str]) -> str:
    """Return the language that the environment asks for (``LANGUAGE``, ``LC_ALL``, ``LC_MESSAGES``, ``LANG``)."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(name, "")
        if value:
            wanted = re.split(r"[:_.@]", value.lower())[0]
            return wanted if wanted in LANGUAGES else "en"
    return "en"


def _entries(po: str) -> Iterator[tuple[str, str]]:
    """Return message and translation of each entry; an empty line ends an entry, as this program writes them."""
    for entry in re.split(r"\n\s*\n", po):
        found = dict.fromkeys(("msgctxt", "msgid", "msgstr"), "")
        part = ""
        for raw in entry.splitlines():
            line = raw.strip()
            word, _, rest = line.partition(" ")
            if word in found:
                part, line = word, rest
            if part and line.startswith('"'):
                found[part] += str(ast.literal_eval(line))
        context = found["msgctxt"] + CONTEXT_END if found["msgctxt"] else ""
        yield context + found["msgid"], found["msgstr"]
