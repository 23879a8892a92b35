"""A certificate: as it is wished for, and as it was found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """One certificate: the folder it is kept under and the names (A-labels) that it must have."""

    name: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ObservedCertificate:
    """The facts of a certificate; ``names`` are A-labels, times UTC."""

    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    issuer: str
    serial: int
    sha256: str
    """Of the PEM chain."""
    key_sha256: str = ""
    """Of its public key (SubjectPublicKeyInfo), as TLSA records pin it."""
