"""DNS records as features need them: names in A-labels, ``{host}`` for this machine's own name."""

from __future__ import annotations

from typing import Literal

from xmpp_wizard.core.kit.feature import DnsRecord, Site
from xmpp_wizard.core.names import ascii_name

SERVER_PORT = 5269
"""Where servers knock without an SRV record (RFC 6120 3.2)."""


def address_record(host: str) -> DnsRecord:
    """Return the record that leads ``host`` to this machine."""
    return DnsRecord(ascii_name(host), "A/AAAA", "{host}", is_required=True)


def service_record(  # noqa: PLR0913 what an SRV record has
    service: str,
    host: str,
    priority: int,
    port: int,
    protocol: Literal["tcp", "udp"] = "tcp",
    *,
    target: str = "",
    is_required: bool,
) -> DnsRecord:
    """Return the SRV record of a service such as ``xmpps-client`` (RFC 6120, XEP-0368); it goes with its port.

    It leads to ``target``, or to this machine's own name.
    """
    return DnsRecord(
        f"_{service}._{protocol}.{ascii_name(host)}",
        "SRV",
        f"{priority} 5 {port} {f'{target}.' if target else '{host}'}",
        is_required=is_required,
        port=port,
    )


def federation_records(site: Site, host: str) -> tuple[DnsRecord, ...]:
    """Return what other servers look up to reach ``host``; records whose port is closed are left out later."""
    if not site.federates:
        return ()
    return (
        service_record(
            "xmpp-server",
            host,
            10,
            site.server_port,
            is_required=site.server_port != SERVER_PORT or (host == site.domain and site.is_elsewhere),
        ),
        *server_tls_records(site, host),
    )


def server_tls_records(site: Site, host: str) -> tuple[DnsRecord, ...]:
    """Return what other servers look up that begin with TLS (XEP-0368)."""
    if not site.federates:
        return ()
    return (service_record("xmpps-server", host, 5, site.server_tls_port, is_required=False),)
