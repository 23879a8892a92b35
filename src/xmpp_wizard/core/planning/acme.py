"""Certificates of a public authority: when it is asked within an apply, and what is served of what it gave."""

from __future__ import annotations

from collections.abc import Iterator

from xmpp_wizard.core.acme.due import is_first_attempt
from xmpp_wizard.core.acme.parts import Part, all_parts
from xmpp_wizard.core.acme.source import AcmeSource, authority_name
from xmpp_wizard.core.acme.strategy import choose, outlook
from xmpp_wizard.core.certificates.certificate import CertificateRequest, ObservedCertificate
from xmpp_wizard.core.certificates.renewal import is_due, missing_names
from xmpp_wizard.core.observed import Observed
from xmpp_wizard.core.planning import dns
from xmpp_wizard.core.planning.actions import ObtainCertificates, PublishCertificates
from xmpp_wizard.core.planning.plan import Step
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import Text, say


def steps(
    target: Target, source: AcmeSource, observed: Observed, folders: tuple[str, ...], *, force: bool
) -> Iterator[Step]:
    """Yield at most two steps: ask the authority, and put what it gave in use.

    An apply asks for what nobody has asked for yet, and once more where it enters records that may have been lacking;
    everything after that is for the timer and ``cert renew``.
    """
    again = dns.is_due(target, observed)
    asked = tuple(
        request
        for request in target.certificates
        if force or _is_new(request, source, observed) or (again and _was_refused(request, observed))
    )
    if asked:
        who = authority_name(source.directory_url)
        because = (
            say("the records that it looks for are entered now") if again else say("it was not asked for them yet")
        )
        because = say("it was not asked for them yet")
        if any(_was_refused(request, observed) for request in asked):
            because = say("the records that it looks for are entered now")
        if force:
            because = say("renewal was asked for")
        title = say("Ask {who} for certificates for {names}", who=who, names=_all_names(asked))
        if is_last_resort(source, observed):
            title = say("{title}, proven over port 443", title=title)
        yield Step("obtain", ObtainCertificates(asked, source, force), folders, title, because)
    found = all_parts(target.certificates, observed.obtained, observed.now)
    causes: list[Text] = [cause for part in found if (cause := part_cause(part, observed)) is not None]
    dropped = sorted(set(observed.certificates) - {part.folder for part in found})
    causes += [say("{name} is no longer served", name=name) for name in dropped]
    if causes or asked:
        action = PublishCertificates(
            observed.certificate_generation + 1, target.certificates, (), target.certificate_source
        )
        title = say("Certificates for {names}", names=", ".join(request.name for request in target.certificates))
        why = causes[0] if causes else say("there may be new ones")
        yield Step("certificates", action, ("obtain", *folders) if asked else folders, title, why)


def is_last_resort(source: AcmeSource, observed: Observed) -> bool:
    """Say whether names are going to be proven over port 443, as it looks."""
    ours = {container.id for container in observed.containers.values()}
    method = choose((".",), outlook(source, observed.listeners, ours)).methods.get(".")
    return method == "tls-alpn-01"


def part_cause(part: Part, observed: Observed) -> Text | None:
    """Return why a part is not served as it should be, or None."""
    live = observed.certificates.get(part.folder)
    if live is None:
        return say("there is none for {name} yet", name=part.folder)
    if part.is_obtained:
        if part.request.name in observed.unready:
            return None
        is_live = live.sha256 == observed.obtained[part.request.name].sha256
        return None if is_live else say("there is a new one for {name}", name=part.folder)
    return local_cause(part, live, observed.authority, observed)


def local_cause(part: Part, live: ObservedCertificate, authority: str, observed: Observed) -> Text | None:
    """Return why a local certificate that stands in has to be made anew, or None."""
    if live.issuer != authority:
        return say("{name} needs one of this machine until a public one can be had", name=part.folder)
    if missing_names(live, part.names) or set(live.names) != set(part.names):
        return say("it is for other names than {names}", names=", ".join(part.names))
    if is_due(live, observed.now):
        return say("the one for {name} ends on {day}", name=part.folder, day=live.not_after.date())
    return None


def _is_new(request: CertificateRequest, source: AcmeSource, observed: Observed) -> bool:
    obtained, state = observed.obtained.get(request.name), observed.asked.get(request.name)
    return is_first_attempt(request, source.directory_url, obtained, state)


def _was_refused(request: CertificateRequest, observed: Observed) -> bool:
    state = observed.asked.get(request.name)
    return state is not None and bool(state.troubles)


def _all_names(requests: tuple[CertificateRequest, ...]) -> str:
    return ", ".join(name for request in requests for name in request.names)
