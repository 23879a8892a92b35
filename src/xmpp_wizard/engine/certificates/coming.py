"""Certificates that are there already and are to be served next, as far as nothing holds them back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from xmpp_wizard.core.certificates.certificate import CertificateRequest, ObservedCertificate
from xmpp_wizard.core.certificates.offers import chosen
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.target import CertificateSource
from xmpp_wizard.engine.acme import store
from xmpp_wizard.engine.certificates.own import usable


def coming(
    world: World, layout: Layout, source: CertificateSource, requests: Iterable[CertificateRequest]
) -> Mapping[str, ObservedCertificate]:
    """Return them by the name of the folder that they will be served from."""
    wished = tuple(requests)
    if source.acme is not None:
        return store.all_obtained(world, layout, source.acme, wished)
    return chosen(wished, usable(world, source), world.clock.now()) if source.kind == "files" else {}
