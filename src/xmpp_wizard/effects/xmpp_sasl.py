"""SASL for the clients of a proof: slixmpp's mechanisms, with the slow part of SCRAM done by hashlib."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import pbkdf2_hmac
from typing import Any

from slixmpp.util.sasl import client as sasl
from slixmpp.util.sasl.mechanisms import SCRAM

from xmpp_wizard.core.errors import ProofFailedError, RefusedError
from xmpp_wizard.core.text import say

UNBOUND = frozenset({"SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"})
"""What a client takes unless told otherwise. Those with channel binding are asked for by name."""


@sasl.sasl_mech(60)
class _FastScram(SCRAM):
    """SCRAM (RFC 5802) whose Hi() is PBKDF2 of the standard library.

    Takes slixmpp's place in its registry: its loop in Python needs a second for 100000 iterations.
    """

    name = "SCRAM"

    def Hi(self, text: str | bytes, salt: bytes, iterations: int) -> bytes:  # noqa: N802 the name in RFC 5802
        """Return the salted password."""
        password = text.encode() if isinstance(text, str) else text
        return pbkdf2_hmac(self.hash_name.replace("-", "", 1), password, salt, iterations)


def wanted(mechanism: str) -> set[str]:
    """Return the mechanisms that a log-in may use: the one given, or any without channel binding."""
    return {mechanism} if mechanism else set(UNBOUND)


def choose(offered: Iterable[str], mechanism: str, credentials: Mapping[str, str], tls_version: str) -> Any:  # noqa: ANN401 slixmpp's
    """Return slixmpp's mechanism object for a log-in without channel binding.

    Raises:
        ProofFailedError: the server offers none that is wanted.
    """
    names = set(offered)

    def values(_required: Iterable[str], _optional: Iterable[str]) -> dict[str, str]:
        return dict(credentials)

    def security(_keys: Iterable[str]) -> dict[str, Any]:
        return {
            "encrypted": True,
            "encrypted_plain": True,
            "tls_version": tls_version,
            "binding_proposed": any(name.endswith("-PLUS") for name in names),
        }

    try:
        return sasl.choose(names, values, security, limit=wanted(mechanism))
    except sasl.SASLNoAppropriateMechanism as error:
        raise not_offered(names, mechanism) from error


def not_offered(offered: Iterable[str], mechanism: str) -> ProofFailedError:
    """Return the error for a server that does not offer what is wanted."""
    return ProofFailedError(
        say(
            "the server offers no log-in by {wanted}, only: {offered}",
            wanted=mechanism or "SCRAM",
            offered=", ".join(sorted(offered)) or "none at all",
        ),
        say("Compare security.level and disable_sasl_mechanisms in your own configuration."),
    )


def refused(jid: str, words: str) -> RefusedError:
    """Return the error for a log-in that the server said no to, with its words."""
    return RefusedError(
        say("the log-in of {jid} was refused: {reason}", jid=jid, reason=words),
        say("Look at `xmpp-wizard logs` for this moment."),
    )
