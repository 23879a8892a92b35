"""What a server serves, asked by who looks like a client."""

from __future__ import annotations

from typing import Protocol


class Probe(Protocol):
    """The health gate: what a client sees in its first half second."""

    def stream(self, address: str, port: int, domain: str, tls: str, timeout_seconds: float) -> int:
        """Open an XMPP stream to ``domain`` at ``address``, go to TLS and read the stream features.

        Return the serial number of the certificate that is served there.

        ``tls`` is one of :class:`~xmpp_wizard.core.kit.feature.Port`'s ways.

        Raises:
            HealthError: refused, silent, no TLS, no features.
        """

    def stun(self, address: str, port: int, timeout_seconds: float) -> None:
        """Ask for one's own address over UDP (RFC 8489), as apps do before a call.

        Raises:
            HealthError: no answer.
        """

    def serial(self, address: str, port: int, domain: str, tls: str, timeout_seconds: float) -> int:
        """Return the serial number of the certificate that ``port`` serves to who asks for ``domain``.

        Raises:
            HealthError: refused, silent, no TLS.
        """
