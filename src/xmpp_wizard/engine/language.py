"""The language that people are spoken to: chosen with a key and kept beside the server, else the environment's."""

from __future__ import annotations

from collections.abc import Mapping

from xmpp_wizard.core.catalogue import LANGUAGES, Catalogue, language_of, parse
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World


def spoken(world: World, layout: Layout, environment: Mapping[str, str]) -> str:
    """Return the language that was chosen for this server, else the one that ``environment`` asks for."""
    chosen = (world.files.read(str(layout.language)) or b"").decode(errors="replace").strip()
    return chosen if chosen in LANGUAGES else language_of(environment)


def keep(world: World, layout: Layout, language: str) -> None:
    """Remember the choice for later starts; as long as nothing is set up, nothing is written."""
    if world.files.stat(str(layout.state)) is not None:
        world.files.write(str(layout.language), f"{language}\n".encode(), 0o600, (0, 0))


def catalogue(world: World, language: str) -> Catalogue:
    """Return the sentences of ``language``."""
    return Catalogue(language, {} if language == "en" else parse(world.appliance.catalogue(language)))
