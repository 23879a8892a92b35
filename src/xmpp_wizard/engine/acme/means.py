"""What this machine has to pass checks with."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

from xmpp_wizard.core.acme.model import Problem
from xmpp_wizard.core.acme.source import AcmeSource
from xmpp_wizard.core.acme.strategy import TLS_PORT, Means, holders, outlook
from xmpp_wizard.core.errors import EngineError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World

_LOOKUP_SECONDS = 4.0
"""For all names together: an apply waits for it."""


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


def unknown_names(world: World, source: AcmeSource, names: Iterable[str]) -> frozenset[str]:
    """Return the names of which DNS says that they do not exist; without an answer a name gets the benefit.

    Where names are proven by DNS they need no address.
    """
    found: set[str] = set()

    def ask(name: str) -> None:
        if world.surroundings.lookup(name, source.resolvers, _LOOKUP_SECONDS).is_known is False:
            found.add(name)

    names = () if source.challenge == "dns-01" else names
    threads = [threading.Thread(target=ask, args=(name,), daemon=True) for name in names if not name.startswith("*.")]
    for thread in threads:
        thread.start()
    deadline = world.clock.monotonic() + _LOOKUP_SECONDS
    for thread in threads:
        thread.join(max(deadline - world.clock.monotonic(), 0.0))
    return frozenset(found)
