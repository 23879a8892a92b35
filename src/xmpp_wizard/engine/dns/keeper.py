"""Who keeps the records of a zone, as far as it takes to change them."""

from __future__ import annotations

from dataclasses import dataclass

from xmpp_wizard.core.dns.account import Access
from xmpp_wizard.core.dns.view import View
from xmpp_wizard.core.dns.zone_file import is_in


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who keeps the records: the access to change them, and what was seen of the zones."""

    access: Access
    view: View
    resolvers: tuple[str, ...] = ()

    def zone(self, name: str) -> str:
        """Return the zone that ``name`` is changed in; empty where it may not be."""
        only = self.access.account.zone
        if only:
            return only if is_in(name, only) else ""
        return self.view.zone(name)

    def servers(self, zone: str) -> tuple[str, ...]:
        """Return the addresses of all name servers that must have a change; empty: the resolvers are asked."""
        # a zone that was only just made is not seen yet, but usually kept by the servers of the one above it
        seen = self.view.servers(zone) or self.view.servers(self.view.zone(zone))
        known = tuple(server.address for server in seen)
        return tuple(dict.fromkeys((*known, *filter(None, (self.access.account.server,)))))
