"""What a storage backend is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from xmpp_wizard.core.kit.checks import Check
from xmpp_wizard.core.kit.feature import ContainerSpec, Mount, Reference, SecretFile, Settings
from xmpp_wizard.core.text import Text


@dataclass(frozen=True, slots=True)
class Backend:
    """Where Prosody keeps accounts, contacts and history."""

    name: str
    title: Text
    summary: Text
    settings: Settings
    containers: tuple[ContainerSpec, ...] = ()
    secrets: tuple[SecretFile, ...] = ()
    mounts: tuple[Mount, ...] = ()
    """What Prosody's container sees besides, to reach these."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """What Prosody's container is told besides."""
    references: tuple[Reference, ...] = ()
    checks: tuple[Check, ...] = ()
    """What is tried before Prosody is interrupted."""
