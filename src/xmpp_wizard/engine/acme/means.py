"""What this machine has to pass checks with."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from xmpp_wizard.core.acme.model import Problem
from xmpp_wizard.core.acme.source import AcmeSource
from xmpp_wizard.core.acme.strategy import TLS_PORT, Means, holders, outlook
from xmpp_wizard.core.errors import EngineError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World


def means(world: World, layout: Layout, source: AcmeSource) -> Means:
    """Look at what there is now; whether authorities can be led past our server only where they may have to be."""
    listeners = world.sockets.listeners()
    is_held = bool(holders(listeners, source.addresses, TLS_PORT))
    found = outlook(source, listeners, _ours(world, layout) if is_held else ())
    if is_held and found.tls_problem is None and (found.challenge == "tls-alpn-01" or not found.has_dns):
        hindrance = world.tls_responder.hindrance(layout.project)
        return replace(found, tls_problem=Problem("noWayPast", hindrance) if hindrance else None)
    return found


def way_past(world: World, layout: Layout, source: AcmeSource) -> str:
    """Return how the rules are called that lead an authority past our own server; empty where port 443 is free."""
    return layout.project if holders(world.sockets.listeners(), source.addresses, TLS_PORT) else ""


def _ours(world: World, layout: Layout) -> frozenset[str]:
    """Return the ids of our containers; none where the engine does not answer."""
    with suppress(EngineError):
        return frozenset(container.id for container in world.containers.observe(layout.project).values())
    return frozenset()
