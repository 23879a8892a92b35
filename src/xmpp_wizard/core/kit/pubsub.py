"""The PubSub service (XEP-0060) of a domain; several features may bring it, and what they bring is one service."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from xmpp_wizard.core.kit.feature import Change, Component, Modules, Site
from xmpp_wizard.core.text import say

PUBSUB = "http://jabber.org/protocol/pubsub"


def host(site: Site, chosen_host: str | None) -> str:
    """Return the name of the service; ``chosen_host`` is one for the main domain."""
    return site.service_host("pubsub", chosen_host)


def service(
    site: Site,
    chosen_host: str | None,
    modules: Modules,
    settings: Mapping[str, Change] = MappingProxyType({}),
) -> Component:
    """Return the service with what a feature adds to it."""
    return Component(
        host=host(site, chosen_host),
        module="pubsub",
        title=str(say("News and information")),
        modules=modules,
        settings=settings,
    )
