"""What this machine has to pass checks with."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from xmpp_wizard.core.acme.source import AcmeSource
from xmpp_wizard.core.acme.strategy import Means, port_holder
from xmpp_wizard.core.ports import World

_LOOKUP_SECONDS = 4.0
"""For all names together: an apply waits for it."""


def means(world: World, source: AcmeSource) -> Means:
    """Look at what there is now."""
    holder = "" if source.webroot else port_holder(world.sockets.listeners(), source.addresses)
    return Means(source.challenge, holder, source.webroot, has_dns=source.dns is not None)


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
