"""Those who keep DNS records: name servers with a key (RFC 2136), and providers with a programming interface."""

from __future__ import annotations

from xmpp_wizard.core.dns.account import Access, DnsAccount, Registration
from xmpp_wizard.core.dns.change import Change
from xmpp_wizard.core.errors import DnsRefusedError
from xmpp_wizard.core.text import say


class NetworkDnsProviders:
    """:class:`~xmpp_wizard.core.dns.ports.DnsProviders` of the world; each is only loaded when it is needed."""

    def apply(self, access: Access, change: Change) -> None:
        """Hand the change to the one that the account names."""
        provider = access.account.provider
        if provider == "rfc2136":
            from xmpp_wizard.effects.dns_providers.rfc2136 import update  # noqa: PLC0415

            update(access, change)
        elif provider == "acme-dns":
            from xmpp_wizard.effects.dns_providers.acme_dns import put_texts  # noqa: PLC0415

            put_texts(access, change)
        elif _speaks_desec(access):
            from xmpp_wizard.effects.dns_providers.desec import change_zone  # noqa: PLC0415

            change_zone(access, change)
        else:
            from xmpp_wizard.effects.dns_providers.lexicon import change_records  # noqa: PLC0415

            change_records(access, change)

    def has(self, access: Access, zone: str) -> bool:
        """Ask; all but deSEC are asked for a change of nothing, which they refuse as they would any other."""
        if _speaks_desec(access):
            from xmpp_wizard.effects.dns_providers.desec import has_zone  # noqa: PLC0415

            return has_zone(access, zone)
        self.apply(access, Change(zone))
        return True

    def claim(self, access: Access, zone: str) -> None:
        """Make the zone at deSEC; the others give names away on their web pages only."""
        if _speaks_desec(access):
            from xmpp_wizard.effects.dns_providers.desec import claim_zone  # noqa: PLC0415

            claim_zone(access, zone)
        elif not self.has(access, zone):
            raise DnsRefusedError(
                say("the account at {provider} does not have {zone}", provider=access.account.provider, zone=zone),
                say("Make the name on the provider's web page first."),
            )

    def register(self, account: DnsAccount) -> Registration:
        """Ask an acme-dns server for a place."""
        from xmpp_wizard.effects.dns_providers.acme_dns import register  # noqa: PLC0415

        return register(account)


def _speaks_desec(access: Access) -> bool:
    """Say whether it is deSEC with a token; lexicon can do it with a password."""
    return access.account.provider == "desec" and bool(access.secret.reveal())
