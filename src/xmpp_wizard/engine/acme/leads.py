"""Where names lead just now, which costs an authority nothing: a record that was put right is worth another attempt."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

from xmpp_wizard.core.acme.source import AcmeSource
from xmpp_wizard.core.acme.state import CertificateState
from xmpp_wizard.core.ports import World

_SECONDS = 4.0
"""For all names together."""


def leads(world: World, source: AcmeSource, names: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Return the addresses of ``names``, none for one that does not exist; without an answer a name is left out.

    Names that are proven by DNS alone need no address, and are left out, too.
    """
    found: dict[str, tuple[str, ...]] = {}

    def ask(name: str) -> None:
        answer = world.surroundings.lookup(name, source.resolvers, _SECONDS)
        if answer.is_known is not None:
            found[name] = tuple(sorted(answer.addresses))

    names = () if source.challenge == "dns-01" else [name for name in names if not name.startswith("*.")]
    threads = [threading.Thread(target=ask, args=(name,), daemon=True) for name in names]
    for thread in threads:
        thread.start()
    deadline = world.clock.monotonic() + _SECONDS
    for thread in threads:
        thread.join(max(deadline - world.clock.monotonic(), 0.0))
    return dict(sorted(found.items()))


def have_moved(world: World, source: AcmeSource, state: CertificateState | None) -> bool:
    """Say whether a name leads elsewhere than it did when the last attempt failed for it."""
    if state is None or not state.leads:
        return False
    now = leads(world, source, state.leads)
    return any(now[name] != before for name, before in state.leads.items() if name in now)
