"""Where names lead just now, which costs an authority nothing: a record that was put right is worth another attempt."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

from xmpp_wizard.core.acme.source import AcmeSource
from xmpp_wizard.core.acme.state import CertificateState
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.surroundings import Lookup

_SECONDS = 4.0
"""For all names together: an apply waits for it."""


def unknown_names(world: World, source: AcmeSource, names: Iterable[str]) -> frozenset[str]:
    """Return the names of which DNS says that they do not exist; without an answer a name gets the benefit."""
    return frozenset(name for name, found in _looked_up(world, source, names).items() if found.is_known is False)


def leads(world: World, source: AcmeSource, names: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Return the addresses of ``names``, none for one that does not exist; without an answer a name is left out."""
    found = _looked_up(world, source, names)
    return {name: tuple(sorted(found[name].addresses)) for name in sorted(found) if found[name].is_known is not None}


def _looked_up(world: World, source: AcmeSource, names: Iterable[str]) -> Mapping[str, Lookup]:
    """Look all names up at once; those that are proven by DNS alone need no address, and are left out."""
    found: dict[str, Lookup] = {}

    def ask(name: str) -> None:
        found[name] = world.surroundings.lookup(name, source.resolvers, _SECONDS)

    names = () if source.challenge == "dns-01" else [name for name in names if not name.startswith("*.")]
    threads = [threading.Thread(target=ask, args=(name,), daemon=True) for name in names]
    for thread in threads:
        thread.start()
    deadline = world.clock.monotonic() + _SECONDS
    for thread in threads:
        thread.join(max(deadline - world.clock.monotonic(), 0.0))
    # whoever answers later still writes into the other one
    return found.copy()


def have_moved(world: World, source: AcmeSource, state: CertificateState | None) -> bool:
    """Say whether a name leads elsewhere than it did when the last attempt failed for it."""
    if state is None or not state.leads:
        return False
    now = leads(world, source, state.leads)
    return any(now[name] != before for name, before in state.leads.items() if name in now)
