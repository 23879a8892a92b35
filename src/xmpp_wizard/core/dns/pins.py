"""Keys that are pinned in DNS (TLSA 3 1 1, RFC 7671), and the order in which another key takes over.

Who checks pins refuses a server whose key is not in DNS. So a new key is published first, beside the old one, and
served only after everybody who remembers the records without it has forgotten them; then the old one goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from xmpp_wizard.core.certificates.certificate import ObservedCertificate
from xmpp_wizard.core.dns.record import TTL_SECONDS

SAFE_SECONDS = 2 * TTL_SECONDS
"""How long to wait at least; twice, since a resolver may have asked another one that had asked just before."""


@dataclass(frozen=True, slots=True)
class Pins:
    """The pins in DNS, each with the moment (seconds since 1970) since which every name server has it."""

    seen_at: Mapping[str, float] = field(default_factory=dict)
    ttl_seconds: int = TTL_SECONDS
    """How long resolvers remember them: some providers allow no less than an hour."""

    def are_in_use(self) -> bool:
        """Say whether anybody may rely on pins at all."""
        return bool(self.seen_at)

    def may_serve(self, pin: str, now: float) -> bool:
        """Say whether everybody who checks can know this key by ``now``."""
        return not self.seen_at or (pin in self.seen_at and now >= self.safe_at(pin))

    def safe_at(self, pin: str) -> float:
        """Return from when on everybody who checks can know a pin that is published."""
        return self.seen_at[pin] + max(SAFE_SECONDS, 2 * self.ttl_seconds)

    def after(self, published: Iterable[str], now: float, ttl_seconds: int = TTL_SECONDS) -> Pins:
        """Return the pins once every server has exactly the ``published`` ones, to be remembered for so long."""
        return Pins({pin: min(self.seen_at.get(pin, now), now) for pin in published}, ttl_seconds)


def unready(
    obtained: Mapping[str, ObservedCertificate], live: Mapping[str, ObservedCertificate], pins: Pins, now: float
) -> frozenset[str]:
    """Return the names whose new certificate has to wait, since those who check could not know its key yet.

    One that has nothing to wait beside is served at once: with a wrong key fewer are served than with none.
    """
    waiting = (
        name
        for name, certificate in obtained.items()
        if name in live and live[name].not_after.timestamp() > now and not pins.may_serve(certificate.key_sha256, now)
    )
    return frozenset(name for name in waiting if obtained[name].key_sha256 != live[name].key_sha256)
