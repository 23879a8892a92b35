"""Randomness, from the kernel."""

from __future__ import annotations

import secrets


class SystemEntropy:
    """:class:`~xmpp_wizard.core.ports.Entropy` of this machine."""

    def token(self, random_bytes: int) -> str:
        """Return a text of letters, digits, ``-`` and ``_``, about 1.3 characters a byte."""
        return secrets.token_urlsafe(random_bytes)
