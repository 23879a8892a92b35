"""The action that moves everybody's data, as :mod:`xmpp_wizard.core.planning.actions` has it among the others."""

from __future__ import annotations

from dataclasses import dataclass

from xmpp_wizard.core.observed import Loaded
from xmpp_wizard.core.storage.moving import Census
from xmpp_wizard.core.target import Container, File


@dataclass(frozen=True, slots=True)
class MoveData:
    """Move everybody's data from one storage backend to another, and start Prosody with them.

    Prosody is away from the first copied record until the last is proven equal. Whatever fails before that starts
    the old one again, unchanged; the old data stay.
    """

    container: Container
    """Prosody's, as it reaches the data at their new place."""
    loaded: Loaded
    config: File
    """Its new configuration."""
    source: Container
    """Prosody's, as it reaches them now."""
    source_config: str
    source_generation: int
    old: str
    """The place that has them now."""
    new: str
    generation: int
    """The one that is being made."""
    copies: bool = True
    """Else what stayed at the new place when they were moved away from it is used as it is."""
    clears: bool = False
    """Whether what is at the new place may be deleted."""
    census: Census | None = None
    """How much they are; None where nobody could count them."""
