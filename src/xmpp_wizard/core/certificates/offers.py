"""Which of the admin's certificates are served: one for all names where there is one, else one for each few of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from xmpp_wizard.core.certificates.certificate import CertificateRequest, ObservedCertificate
from xmpp_wizard.core.certificates.renewal import missing_names


@dataclass(frozen=True, slots=True)
class Choice:
    """A certificate that is served for some names, and the folder that it is kept under."""

    folder: str
    names: tuple[str, ...]
    certificate: ObservedCertificate


def choices(
    request: CertificateRequest, offered: Sequence[ObservedCertificate], now: datetime
) -> tuple[tuple[Choice, ...], tuple[str, ...]]:
    """Return what is served for a wish, and the names that no certificate is for.

    Valid ones come first, then those with the most names, then those that last longest.
    The folder of the one with the main name is the wish's; another's is that of its first name.
    """
    found: list[Choice] = []
    left = request.names
    while left:
        best = max(offered, key=lambda one: _worth(one, left, now), default=None)
        missing = missing_names(best, left) if best is not None else left
        if best is None or missing == left:
            break
        names = tuple(name for name in left if name not in missing)
        folder = request.name if request.names[0] in names else names[0]
        found.append(Choice(folder, names, best))
        left = missing
    return tuple(found), left


def chosen(
    requests: Iterable[CertificateRequest], offered: Sequence[ObservedCertificate], now: datetime
) -> Mapping[str, ObservedCertificate]:
    """Return what is served for all wishes, by the name of its folder."""
    return {choice.folder: choice.certificate for request in requests for choice in choices(request, offered, now)[0]}


def _worth(certificate: ObservedCertificate, names: tuple[str, ...], now: datetime) -> tuple[bool, int, datetime]:
    covered = len(names) - len(missing_names(certificate, names))
    is_valid = certificate.not_before <= now < certificate.not_after
    return covered > 0 and is_valid, covered, certificate.not_after
