"""Keys and certificates, as the engine of this program needs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from xmpp_wizard.core.certificates.certificate import ObservedCertificate


class Authority(Protocol):
    """Keys and certificates (X.509, RFC 5280), made and read."""

    def new_authority(self, title: str, now: datetime) -> tuple[bytes, bytes]:
        """Return (certificate, private key) of a new root, as PEM."""

    def issue(
        self, root: tuple[bytes, bytes], names: Sequence[str], now: datetime, key: bytes = b""
    ) -> CertificateFiles:
        """Return a certificate for ``names`` (A-labels), signed by ``root``; ``key`` is used again if given."""

    def inspect(self, chain: bytes, key: bytes = b"") -> ObservedCertificate:
        """Return the facts of the first certificate of ``chain``.

        Raises:
            EffectError: not a certificate, or ``key`` is encrypted, unreadable or another one's.
        """


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """A certificate chain and its private key, both PEM."""

    chain: bytes
    key: bytes
