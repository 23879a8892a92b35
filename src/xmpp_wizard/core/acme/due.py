"""Whether a certificate has to be asked for now."""

from __future__ import annotations

from datetime import datetime, timedelta

from xmpp_wizard.core.acme.state import CertificateState, Renewal
from xmpp_wizard.core.certificates.certificate import CertificateRequest, ObservedCertificate
from xmpp_wizard.core.certificates.renewal import missing_names, renewal_time

_EMERGENCY = 20
"""With a 20th of its life left, a certificate is renewed whatever the authority's window says."""


def renew_at(certificate: ObservedCertificate, renewal: Renewal | None) -> datetime:
    """Return when to renew: at the moment drawn from the authority's window, else by its lifetime."""
    if renewal is None or renewal.sha256 != certificate.sha256:
        return renewal_time(certificate)
    lifetime = certificate.not_after - certificate.not_before
    return min(renewal.at, certificate.not_after - lifetime / _EMERGENCY)


def is_renewal_due(certificate: ObservedCertificate, state: CertificateState | None, now: datetime) -> bool:
    """Say whether a certificate is to be renewed now."""
    return now < certificate.not_before or now >= renew_at(certificate, state.renewal if state else None)


def is_attempt_due(
    request: CertificateRequest,
    directory_url: str,
    obtained: ObservedCertificate | None,
    state: CertificateState | None,
    now: datetime,
) -> bool:
    """Say whether the authority is to be asked now; ``obtained`` is the best that came of it so far."""
    if is_first_attempt(request, directory_url, obtained, state):
        return True
    if state is not None and state.next_attempt is not None:
        # an attempt in the future was dated by a wrong clock, as is when to make the next one
        is_misdated = state.last_attempt is not None and state.last_attempt > now
        return is_misdated or now >= state.next_attempt
    return obtained is not None and is_renewal_due(obtained, state, now)


def is_first_attempt(
    request: CertificateRequest,
    directory_url: str,
    obtained: ObservedCertificate | None,
    state: CertificateState | None,
) -> bool:
    """Say whether nobody has asked this authority for these names yet, or what it gave is gone since."""
    if state is not None and state.directory_url != directory_url:
        return True
    if obtained is None and state is not None and state.next_attempt is None and not state.troubles:
        return True
    if obtained is not None and not missing_names(obtained, request.names):
        return False
    # an attempt that was cut off is gone on with
    return state is None or state.last_attempt is None or not set(request.names) <= set(state.names)


def drawn(start: datetime, end: datetime, share: float) -> datetime:
    """Return the moment at ``share`` (0 to 1) of a window."""
    return start + (end - start) * share


def is_worth_keeping(certificate: ObservedCertificate, now: datetime) -> bool:
    """Say whether there is still time to wait for a name that does not pass its check just now."""
    lifetime = certificate.not_after - certificate.not_before
    return certificate.not_after - now > max(lifetime / 8, timedelta(hours=6))
