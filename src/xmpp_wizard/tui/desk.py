"""What every screen gets: the world, where things lie, and the language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from xmpp_wizard.core.catalogue import LANGUAGES, Catalogue, language_of, parse
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import Text


@dataclass
class Desk:
    """One run of the wizard; only the language changes in it."""

    world: World
    layout: Layout
    environment: Mapping[str, str] = field(default_factory=dict)
    host: str = "localhost"
    catalogue: Catalogue = field(default_factory=Catalogue)

    def __post_init__(self) -> None:
        """Speak the language that the environment asks for."""
        self.speak(language_of(self.environment))

    def speak(self, language: str) -> None:
        """Use ``language`` from now on."""
        messages = {} if language == "en" else parse(self.world.appliance.catalogue(language))
        self.catalogue = Catalogue(language, messages)

    @property
    def next_language(self) -> str:
        """The language that one key switches to."""
        codes = list(LANGUAGES)
        return codes[(codes.index(self.catalogue.language) + 1) % len(codes)]

    def words(self, text: Text) -> str:
        """Return the sentence in the person's language."""
        return self.catalogue.words(text)

    def command(self, *words: str) -> str:
        """Return the shell command with these words for this server."""
        return self.layout.command(*words)
