"""What is remembered of certificates between two runs: who was asked for what, what failed, and when to go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from xmpp_wizard.core.acme.advice import Advice
from xmpp_wizard.core.acme.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Renewal:
    """What the authority said of renewing one certificate (RFC 9773)."""

    sha256: str
    """Of the chain that it is about."""
    start: datetime
    end: datetime
    at: datetime
    """Drawn once from that window, so that not all of the world comes at the same moment."""
    explanation_url: str = ""


@dataclass(frozen=True, slots=True)
class CertificateState:
    """What is known of one wished certificate."""

    directory_url: str
    names: tuple[str, ...]
    """That were asked for, whatever came of it."""
    troubles: tuple[Advice, ...] = ()
    """Why some of them are not in it; those about no name in particular concern all."""
    failures: int = 0
    """Attempts in a row that left some names without."""
    last_attempt: datetime | None = None
    next_attempt: datetime | None = None
    """None: when it is to be renewed, or when the answers change."""
    order_url: str = ""
    """An order that was cut off and may be gone on with."""
    renewal: Renewal | None = None
    ask_renewal_at: datetime | None = None
    """When to ask the authority again."""
    leads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Where names that are in trouble led at the last attempt: another one is made as soon as that changes."""


@dataclass(frozen=True, slots=True)
class AcmeState:
    """All of it: by name of the wished certificate, and by directory URL."""

    certificates: Mapping[str, CertificateState] = field(default_factory=dict)
    ledgers: Mapping[str, Ledger] = field(default_factory=dict)
