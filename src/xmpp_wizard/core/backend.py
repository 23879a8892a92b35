"""What a storage backend is."""

from __future__ import annotations

from dataclasses import dataclass

from xmpp_wizard.core.feature import ContainerSpec, Settings
from xmpp_wizard.core.text import Text


@dataclass(frozen=True, slots=True)
class Backend:
    """Where Prosody keeps accounts, contacts and history."""

    name: str
    title: Text
    summary: Text
    settings: Settings
    containers: tuple[ContainerSpec, ...] = ()
