"""What is served for one wished certificate while the authority has given one for some of its names only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from xmpp_wizard.core.certificates.certificate import CertificateRequest, ObservedCertificate
from xmpp_wizard.core.certificates.renewal import missing_names


@dataclass(frozen=True, slots=True)
class Part:
    """One certificate to be served: the folder it is kept under, its names, and whether the authority made it."""

    request: CertificateRequest
    """What it is a part of."""
    folder: str
    names: tuple[str, ...]
    is_obtained: bool


def parts(request: CertificateRequest, obtained: ObservedCertificate | None, now: datetime) -> tuple[Part, ...]:
    """Return one part, or two: what the authority gave, and a local certificate for the other names.

    The folder of the part with the main name is the request's; the other's is that of its first name.
    """
    usable = obtained if obtained is not None and obtained.not_after > now else None
    missing = missing_names(usable, request.names) if usable is not None else request.names
    given = tuple(name for name in request.names if name not in missing)
    found = (Part(request, _folder(request, given), given, is_obtained=True),) if given else ()
    lacking = (Part(request, _folder(request, missing), missing, is_obtained=False),) if missing else ()
    return tuple(sorted((*found, *lacking), key=lambda part: part.folder != request.name))


def all_parts(
    requests: tuple[CertificateRequest, ...], obtained: Mapping[str, ObservedCertificate], now: datetime
) -> tuple[Part, ...]:
    """Return the parts of all wished certificates; ``obtained`` is by name of the wish."""
    return tuple(part for request in requests for part in parts(request, obtained.get(request.name), now))


def _folder(request: CertificateRequest, names: tuple[str, ...]) -> str:
    return request.name if request.names[0] in names else names[0]
