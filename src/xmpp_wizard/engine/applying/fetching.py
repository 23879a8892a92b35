"""Fetching files from the web, each of which is known by its checksum, to a folder where they stay."""

from __future__ import annotations

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.fetched import MOST_BYTES, wrong_with
from xmpp_wizard.core.kit.container_spec import Reference
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import say

_SECONDS = 60.0
"""For all of a file, however slowly it comes."""


def fetch(world: World, reference: Reference) -> None:
    """Put the file of ``reference`` where it is kept; only what has the right checksum gets there.

    Raises:
        EffectError: it cannot be had, or is something else; the answer that names it is in the text.
    """
    named = f"{reference.key}: {reference.name} ({reference.url})"
    try:
        content = world.web_files.fetch(reference.url, MOST_BYTES, _SECONDS)
    except EffectError as error:
        raise EffectError(say("{entry}: {problem}", entry=named, problem=error.text), error.hint) from error
    wrong = wrong_with(content, reference.sha256)
    if wrong is not None:
        raise EffectError(say("{entry}: {problem}", entry=named, problem=wrong[0]), wrong[1])
    world.files.write(reference.source, content, 0o644, (0, 0))
