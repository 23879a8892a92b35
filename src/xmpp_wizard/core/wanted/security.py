"""The named security levels, each in exact Prosody options, and what each shuts out.

Verified against Prosody 13.0.1: each level starts, logs in and federates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from xmpp_wizard.core.kit.bench import Bench
from xmpp_wizard.core.kit.feature import Add, ProofStep, Set, Settings
from xmpp_wizard.core.kit.proofs import failed, way_in
from xmpp_wizard.core.kit.stanzas import element
from xmpp_wizard.core.text import Text, say

LevelName: TypeAlias = Literal["compatible", "recommended", "strict"]


@dataclass(frozen=True, slots=True)
class Level:
    """One level. ``password_hash`` holds for a new server only: stored keys do not say which hash they are."""

    name: LevelName
    title: Text
    shuts_out: Text
    password_hash: str
    log_level: str
    settings: Settings
    proofs: tuple[ProofStep, ...] = ()


async def prove_channel_binding(bench: Bench) -> Text:
    """Log in bound to the TLS connection (RFC 5929 tls-unique), so that nobody in between could pass it on."""
    query = element("{jabber:client}iq", {"type": "get", "id": "1"}, element("{urn:xmpp:ping}ping"))
    features = (await bench.ask_as_stranger(query)).features
    offered = [item.text or "" for item in features.iter("{urn:ietf:params:xml:ns:xmpp-sasl}mechanism")]
    bound = sorted(name for name in offered if name.endswith("-PLUS"))
    if not bound:
        raise failed(say("the server offers no log-in with channel binding, only: {all}", all=", ".join(offered)))
    async with bench.log_in(bench.alice, mechanism=bound[-1], max_tls="1.2") as session:
        return way_in(session)


# TLS 1.3 has a channel binding of its own (tls-exporter, RFC 9266), which Python's ssl does not have
_ON_TLS_1_2 = (ProofStep("channel_binding", say("Log in with channel binding"), prove_channel_binding),)


def _limits(c2s: str, c2s_burst: str, s2s: str, s2s_burst: str) -> Set:
    return Set({"c2s": {"rate": c2s, "burst": c2s_burst}, "s2sin": {"rate": s2s, "burst": s2s_burst}})


_ALWAYS: Settings = {"c2s_require_encryption": Set(value=True), "s2s_require_encryption": Set(value=True)}

LEVELS: dict[str, Level] = {
    level.name: level
    for level in (
        Level(
            name="compatible",
            title=say("Compatible"),
            shuts_out=say("Shuts out nobody; nothing is ever sent without encryption."),
            password_hash="SHA-1",  # noqa: S106 the name of a hash: SCRAM-SHA-1 is what every app can do
            log_level="info",
            settings={
                **_ALWAYS,
                # Debian's OpenSSL refuses TLS below 1.2 whatever Prosody says: "old" would gain nothing
                "tls_profile": Set("intermediate"),
                "s2s_secure_auth": Set(value=False),
                "disable_sasl_mechanisms": Add(("DIGEST-MD5", "OAUTHBEARER")),
                "default_iteration_count": Set(10000),
                "password_policy": Set({"length": 8}),
                "limits": _limits("50kb/s", "4s", "100kb/s", "4s"),
                "registration_throttle_max": Set(10),
                "registration_throttle_period": Set("1 hour"),
                "archive_expires_after": Set("1y"),
                "muc_log_expires_after": Set("1y"),
            },
            proofs=_ON_TLS_1_2,
        ),
        Level(
            name="recommended",
            title=say("Recommended"),
            shuts_out=say("Shuts out apps without SCRAM-SHA-256, and servers with wrong certificates."),
            password_hash="SHA-256",  # noqa: S106 the name of a hash
            log_level="info",
            settings={
                **_ALWAYS,
                "tls_profile": Set("intermediate"),
                "s2s_secure_auth": Set(value=True),
                "disable_sasl_mechanisms": Add(("DIGEST-MD5", "OAUTHBEARER", "PLAIN")),
                "default_iteration_count": Set(10000),
                "password_policy": Set({"length": 10}),
                "limits": _limits("30kb/s", "2s", "60kb/s", "2s"),
                "registration_throttle_max": Set(5),
                "registration_throttle_period": Set("1 hour"),
                "archive_expires_after": Set("30d"),
                "muc_log_expires_after": Set("30d"),
            },
            proofs=_ON_TLS_1_2,
        ),
        Level(
            name="strict",
            title=say("Strict"),
            shuts_out=say("Shuts out apps and servers without TLS 1.3, and servers with wrong certificates."),
            password_hash="SHA-256",  # noqa: S106 the name of a hash
            log_level="warn",
            settings={
                **_ALWAYS,
                "tls_profile": Set("modern"),
                "s2s_secure_auth": Set(value=True),
                "disable_sasl_mechanisms": Add(("DIGEST-MD5", "OAUTHBEARER", "PLAIN", "LOGIN", "ANONYMOUS")),
                "default_iteration_count": Set(100000),
                "password_policy": Set({"length": 14}),
                "c2s_unauthed_stanza_size_limit": Set(10000),
                "s2s_unauthed_stanza_size_limit": Set(10000),
                "c2s_timeout": Set("60s"),
                "limits": _limits("10kb/s", "2s", "30kb/s", "2s"),
                "registration_throttle_max": Set(2),
                "registration_throttle_period": Set("1 day"),
                "archive_expires_after": Set("7d"),
                "muc_log_expires_after": Set("7d"),
                "hide_os_type": Set(value=True),
                "allow_contact_invites": Set(value=False),
            },
        ),
    )
}
