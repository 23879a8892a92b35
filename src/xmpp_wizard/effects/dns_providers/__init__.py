"""Those who keep DNS records: name servers with a key (RFC 2136), and providers with a programming interface."""

from __future__ import annotations

from xmpp_wizard.core.dns.account import Access
from xmpp_wizard.core.dns.change import Change


class NetworkDnsProviders:
    """:class:`~xmpp_wizard.core.dns.ports.DnsProviders` of the world."""

    def apply(self, access: Access, change: Change) -> None:
        """Hand the change to the one that the account names; each is only loaded when it is needed."""
        if access.account.provider == "rfc2136":
            from xmpp_wizard.effects.dns_providers.rfc2136 import update  # noqa: PLC0415

            update(access, change)
        else:
            from xmpp_wizard.effects.dns_providers.lexicon import change_records  # noqa: PLC0415

            change_records(access, change)
