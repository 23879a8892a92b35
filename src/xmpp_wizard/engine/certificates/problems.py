"""What is wrong with the certificates of a server, or will be soon, and who has to do something about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.core.upkeep import Trouble, ending
from xmpp_wizard.engine.acme.report import lacks, together
from xmpp_wizard.engine.certificates.live import CertificateStatus
from xmpp_wizard.engine.certificates.own import own_troubles
from xmpp_wizard.engine.certificates.renewal import Renewal
from xmpp_wizard.engine.memory.upkeep import remembered


def certificate_problems(
    world: World, layout: Layout, target: Target, live: Sequence[CertificateStatus], looked_after: Renewal
) -> tuple[Text, ...]:
    """Return a sentence on each problem, with what to do about it."""
    found = (
        *_absent(missing_certificates(target, live)),
        *_ending(target, live, world.clock.now()),
        *_keyless(world, layout, target),
        *(lack.sentence for lack in together(lacks(world, layout, target))),
        *(_sentence(trouble) for trouble in own_troubles(world, layout, target)),
    )
    return (*found, *_unsaid(world, layout, looked_after, found))


def missing_certificates(target: Target, live: Sequence[CertificateStatus]) -> tuple[str, ...]:
    """Return the wished certificates that are gone or damaged, by name."""
    have = {certificate.name for certificate in live}
    return tuple(request.name for request in target.certificates if request.name not in have)


def _absent(missing: Sequence[str]) -> Iterator[Text]:
    for name in missing:
        yield say("the certificate of {name} is gone or damaged; run xmpp-wizard apply", name=name)


def _ending(target: Target, live: Sequence[CertificateStatus], now: datetime) -> Iterator[Text]:
    for certificate in live:
        found = ending(certificate.name, certificate, target.certificate_source.kind, now)
        if found is not None:
            yield _sentence(found)


def _sentence(trouble: Trouble) -> Text:
    return say("{what}; {how}", what=trouble.text, how=trouble.hint)


def _unsaid(world: World, layout: Layout, found: Renewal, said: Sequence[Text]) -> Iterator[Text]:
    """Yield what keeps certificates from being looked after, unless it is what is said already."""
    trouble = remembered(world, layout).trouble
    if found.problem and not (trouble and any(str(trouble.text) in str(text) for text in said)):
        yield found.problem


def _keyless(world: World, layout: Layout, target: Target) -> Iterator[Text]:
    """Look for what signs the next certificates, long before it is needed."""
    if target.certificate_source.kind != "local":
        return
    for path in (str(layout.authority / name) for name in ("root.crt", "root.key")):
        if world.files.stat(path) is None:
            yield say(
                "{path} is gone, without which no certificate can be renewed: put it back from a backup, or remove "
                "{folder} and run xmpp-wizard apply, which makes a new authority that phones must trust again",
                path=path,
                folder=layout.authority,
            )
