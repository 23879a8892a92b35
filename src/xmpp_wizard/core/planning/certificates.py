"""Which certificates have to be made anew, and why."""

from __future__ import annotations

from collections.abc import Iterator

from xmpp_wizard.core.certificates.certificate import CertificateRequest, ObservedCertificate
from xmpp_wizard.core.certificates.renewal import is_due, missing_names
from xmpp_wizard.core.observed import Observed
from xmpp_wizard.core.planning import acme, offers
from xmpp_wizard.core.planning.actions import MakeAuthority, PublishCertificates
from xmpp_wizard.core.planning.plan import Step
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import Text, say

OWN_AUTHORITY = "xmpp-wizard "
"""How the names of authorities that this program makes begin."""


def steps(target: Target, observed: Observed, folders: tuple[str, ...], *, force_renewal: bool) -> Iterator[Step]:
    """Yield at most two steps: the local authority, and a new generation of certificates."""
    source = target.certificate_source.acme
    if source is not None:
        yield from acme.steps(target, source, observed, folders, force=force_renewal)
        return
    if target.certificate_source.kind == "files":
        yield from offers.steps(target, observed, folders)
        return
    needs = folders
    authority = _authority(target, observed, folders)
    if authority is not None:
        yield authority
        needs = ("authority", *folders)
    causes = {
        request.name: cause
        for request in target.certificates
        if (cause := _cause(request, observed, force_renewal=force_renewal or authority is not None)) is not None
    }
    dropped = sorted(set(observed.certificates) - {request.name for request in target.certificates})
    if not causes and not dropped:
        return
    first = next(iter(causes.values()), say("{name} is no longer served", name=", ".join(dropped)))
    yield Step(
        "certificates",
        PublishCertificates(
            observed.certificate_generation + 1, target.certificates, tuple(causes), target.certificate_source
        ),
        needs,
        say("Certificates for {names}", names=", ".join(request.name for request in target.certificates)),
        first,
    )


def _authority(target: Target, observed: Observed, folders: tuple[str, ...]) -> Step | None:
    """Return the step that makes an authority: where there is none, where it was lost, and where it has ended."""
    have_ended = observed.authority_ends is not None and observed.authority_ends <= observed.now
    if observed.authority and not have_ended:
        return None
    were_ours = any(OWN_AUTHORITY in certificate.issuer for certificate in observed.certificates.values())
    lost = say("the one that phones and computers trust is gone; all of them must trust the new one")
    ended = say("the one there is has ended; all phones and computers must trust the new one")
    cause = ended if have_ended else lost if were_ours else say("there is none yet")
    return Step(
        "authority",
        MakeAuthority(target.domains[0]),
        folders,
        say("Make a certificate authority for this server"),
        cause,
        destroys=were_ours and not have_ended,
    )


def _cause(request: CertificateRequest, observed: Observed, *, force_renewal: bool) -> Text | None:
    live = observed.certificates.get(request.name)
    if live is None:
        return say("there is none for {name} yet", name=request.name)
    return _cause_to_reissue(request, live, observed, force_renewal=force_renewal)


def _cause_to_reissue(
    request: CertificateRequest, live: ObservedCertificate, observed: Observed, *, force_renewal: bool
) -> Text | None:
    missing = missing_names(live, request.names)
    if missing:
        return say("{names} not in the certificate", names=", ".join(missing))
    if live.issuer != observed.authority:
        return say("{name} has a certificate of another authority", name=request.name)
    if force_renewal:
        return say("renewal was asked for")
    if is_due(live, observed.now):
        return say("the one for {name} ends on {day}", name=request.name, day=live.not_after.date())
    return None
