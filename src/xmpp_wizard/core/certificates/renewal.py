"""When a certificate is to be renewed."""

from __future__ import annotations

from datetime import datetime, timedelta

from xmpp_wizard.core.certificates.certificate import ObservedCertificate

_SHORT = timedelta(days=10)
"""Let's Encrypt's own advice for certificates of six days (letsencrypt.org/docs/integration-guide)."""


def renewal_time(certificate: ObservedCertificate) -> datetime:
    """Return the moment from which it should be renewed: when a third of its lifetime is left, half of a short one."""
    lifetime = certificate.not_after - certificate.not_before
    return certificate.not_after - lifetime / (2 if lifetime < _SHORT else 3)


def is_due(certificate: ObservedCertificate, now: datetime) -> bool:
    """Say whether it should be renewed now, or is not valid yet because the clock was wrong when it was made."""
    return now >= renewal_time(certificate) or now < certificate.not_before


def covers(certificate: ObservedCertificate, names: tuple[str, ...]) -> bool:
    """Say whether it is for all of ``names`` (A-labels); a wildcard stands for one label (RFC 9525 6.3)."""
    return not missing_names(certificate, names)


def missing_names(certificate: ObservedCertificate, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of ``names`` that it is not for."""
    have = {name.lower() for name in certificate.names}
    return tuple(name for name in names if name not in have and "*." + name.partition(".")[2] not in have)
