"""What every screen gets: the world, where things lie, and the language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from xmpp_wizard.core.catalogue import LANGUAGES, Catalogue
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import Text
from xmpp_wizard.engine import language


@dataclass
class Desk:
    """One run of the wizard; only the language changes in it."""

    world: World
    layout: Layout
    environment: Mapping[str, str] = field(default_factory=dict)
    host: str = "localhost"
    catalogue: Catalogue = field(default_factory=Catalogue)
    _is_chosen: bool = False

    def __post_init__(self) -> None:
        """Speak the language that was chosen before, or that the environment asks for."""
        self.speak(language.spoken(self.world, self.layout, self.environment))

    def speak(self, code: str) -> None:
        """Use the language ``code`` from now on."""
        self.catalogue = language.catalogue(self.world, code)

    def speak_next(self) -> None:
        """Use the next language from now on, also after later starts."""
        self.speak(self.next_language)
        self._is_chosen = True
        self.keep_language()

    def keep_language(self) -> None:
        """Keep the language that was chosen with a key; before anything is set up it only lasts as long as this run."""
        if self._is_chosen:
            language.keep(self.world, self.layout, self.catalogue.language)

    @property
    def next_language(self) -> str:
        """The language that one key switches to."""
        codes = list(LANGUAGES)
        return codes[(codes.index(self.catalogue.language) + 1) % len(codes)]

    def words(self, text: Text) -> str:
        """Return the sentence in the person's language, with the commands in it as they are typed for this server."""
        return self.layout.addressed(self.catalogue.words(text))

    def command(self, *words: str) -> str:
        """Return the shell command with these words for this server."""
        return self.layout.command(*words)


class LateDesk(Desk):
    """A desk whose world is made when somebody first looks at it, so that a frame can be drawn before.

    Until then it speaks English: which language was chosen lies in the world.
    """

    def __init__(
        self, make_world: Callable[[], World], layout: Layout, environment: Mapping[str, str], host: str
    ) -> None:
        """``make_world`` is called once."""
        self._make_world = make_world
        self.layout, self.environment, self.host = layout, environment, host
        self.catalogue = Catalogue()

    @cached_property
    def world(self) -> World:  # type: ignore[override]  # read only, which nobody minds
        """The outside."""
        made = self._make_world()
        self.catalogue = language.catalogue(made, language.spoken(made, self.layout, self.environment))
        return made
