"""How the clients of a proof trust a server: the host's own roots and the given ones, always with the name checked."""

from __future__ import annotations

import ssl
from contextlib import suppress

from xmpp_wizard.core.errors import ProofFailedError
from xmpp_wizard.core.text import say


class Trust:
    """Makes TLS contexts; each kind is made once, because reading the host's roots takes a while."""

    def __init__(self, roots: bytes) -> None:
        """Trust ``roots`` (PEM certificates) beside the host's own.

        Raises:
            ProofFailedError: ``roots`` is no PEM.
        """
        self._roots = roots
        self._made: dict[tuple[str, bool], ssl.SSLContext] = {}
        self.context()

    def context(self, max_tls: str = "", *, xmpp_alpn: bool = False) -> ssl.SSLContext:
        """Return a context for clients; ``max_tls`` is empty or ``1.2``, ``xmpp_alpn`` says XMPP (XEP-0368)."""
        key = (max_tls, xmpp_alpn)
        if key not in self._made:
            self._made[key] = self._make(*key)
        return self._made[key]

    def _make(self, max_tls: str, xmpp_alpn: bool) -> ssl.SSLContext:  # noqa: FBT001 the two parts of one key
        context = ssl.create_default_context()
        if self._roots:
            try:
                context.load_verify_locations(cadata=self._roots.decode("ascii"))
            except (ssl.SSLError, UnicodeDecodeError) as error:
                raise ProofFailedError(
                    say("the root certificates cannot be read: {reason}", reason=error),
                    say("Look at `xmpp-wizard ca`: it must print certificates in PEM."),
                ) from error
        if max_tls == "1.2":
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        if xmpp_alpn:
            context.set_alpn_protocols(["xmpp-client"])
        return context


def connection_failure(error: OSError | ssl.SSLError, domain: str, where: tuple[str, int]) -> ProofFailedError:
    """Return in plain words why no connection to ``domain`` came about at ``where`` (address, port)."""
    address, port = where
    if isinstance(error, ssl.SSLCertVerificationError):
        return ProofFailedError(
            say(
                "the certificate on port {port} is not good for {domain}: {reason}",
                port=port,
                domain=domain,
                reason=error.verify_message,
            ),
            say("Look at `xmpp-wizard cert status`."),
        )
    if isinstance(error, ConnectionRefusedError):
        return ProofFailedError(
            say("nothing listens on {address} port {port}", address=address, port=port),
            say("Look at `xmpp-wizard status` and `xmpp-wizard logs`."),
        )
    if isinstance(error, TimeoutError):
        return ProofFailedError(
            say("no answer in time from {address} port {port}", address=address, port=port),
            say("Look at `xmpp-wizard status`: the server may hang, or a firewall may drop the connection."),
        )
    return ProofFailedError(
        say(
            "the connection to {address} port {port} failed: {reason}",
            address=address,
            port=port,
            reason=_reason(error),
        ),
        say("Look at `xmpp-wizard logs` for this moment."),
    )


def _reason(error: OSError) -> str:
    with suppress(AttributeError):
        if isinstance(error, ssl.SSLError) and error.reason:
            return str(error.reason).lower().replace("_", " ")
    return error.strerror or str(error) or type(error).__name__
