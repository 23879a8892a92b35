"""Log-in of people whom somebody else knows: a directory, or a website that signs tokens."""

from __future__ import annotations

from xmpp_wizard.core.kit.feature import Modules, Remove, Set, Settings

PROOF_NAMES = ("xw-proof-1", "xw-proof-2")
"""Whom the proof logs in as, where it cannot make accounts."""
DROPPED_PROOFS = ("log_in", "channel_binding")
"""Both want SCRAM, for which the server would have to know a password or what is made of it."""


def modules(module: str) -> Modules:
    """Return the ``auth_`` module.

    The server gives out no tokens (FAST) of its own: they would let people in for weeks, renewed each day, long after
    they have left the directory, or their tokens of the website have ended.
    """
    return Modules(by_option=(module,), remove=("sasl2_fast",))


def settings(module: str) -> Settings:
    """Return the options by which passwords, or tokens in their place, go to the ``auth_`` module, inside TLS."""
    return {
        "authentication": Set(module.removeprefix("auth_")),
        "disable_sasl_mechanisms": Remove(("PLAIN",)),
        # who is known elsewhere is no stranger who signed up
        "default_user_role": Set("prosody:member"),
    }
