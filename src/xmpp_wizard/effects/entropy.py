"""Randomness, from the kernel."""

from __future__ import annotations

import secrets
from base64 import b64encode


class SystemEntropy:
    """:class:`~xmpp_wizard.core.ports.Entropy` of this machine."""

    def token(self, random_bytes: int) -> str:
        """Return a text of letters, digits, ``-`` and ``_``, about 1.3 characters a byte."""
        return secrets.token_urlsafe(random_bytes)

    def key_pair(self) -> tuple[str, str]:
        """Return a new private key and its public one (X25519, RFC 7748) in base64."""
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey  # noqa: PLC0415 it is heavy

        key = X25519PrivateKey.generate()
        return b64encode(key.private_bytes_raw()).decode(), b64encode(key.public_key().public_bytes_raw()).decode()
