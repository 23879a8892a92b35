"""Certificates that the admin brings: what has to be put in use, and why."""

from __future__ import annotations

from collections.abc import Iterator

from xmpp_wizard.core.certificates.offers import choices
from xmpp_wizard.core.observed import Observed
from xmpp_wizard.core.planning.actions import PublishCertificates
from xmpp_wizard.core.planning.plan import Step
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import Text, say


def steps(target: Target, observed: Observed, folders: tuple[str, ...]) -> Iterator[Step]:
    """Yield the step that puts them in use, where other ones are served or none."""
    causes, wanted = list[Text](), set[str]()
    for request in target.certificates:
        found, missing = choices(request, observed.offered, observed.now)
        if request.name not in observed.certificates:
            causes.append(say("there is none for {name} yet", name=request.name))
        # what cannot be replaced just now stays; an obstacle says what is missing
        wanted |= {choice.folder for choice in found} | ({request.name, *missing} if missing else set())
        for choice in found:
            live = observed.certificates.get(choice.folder)
            if choice.folder in observed.unready:
                # its key is not yet known to those who look it up in DNS: what is served stays as it is
                wanted |= set(observed.certificates)
            elif live is not None and live.sha256 != choice.certificate.sha256:
                causes.append(say("your file for {name} has another certificate", name=choice.folder))
            elif live is None and choice.folder != request.name:
                causes.append(say("there is none for {name} yet", name=choice.folder))
    dropped = sorted(set(observed.certificates) - wanted)
    causes += [say("{name} is no longer served", name=name) for name in dropped]
    if causes:
        number = observed.certificate_generation + 1
        action = PublishCertificates(number, target.certificates, (), target.certificate_source)
        title = say("Certificates for {names}", names=", ".join(request.name for request in target.certificates))
        yield Step("certificates", action, folders, title, causes[0])
