"""Prosody's own HTTPS, as every feature with pages or uploads needs it; whoever needs it opens the same port."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from xmpp_wizard.core.kit.feature import Add, Port, Set, Settings, Site
from xmpp_wizard.core.text import say


def https_port(site: Site) -> Port:
    """Return the port for browsers and uploads: our own, or the one that the web server in front passes them on to."""
    if site.has_front:
        return local_port(site)
    return Port(site.https_port, say("web, uploads and invitations"), tls="direct")


def local_port(site: Site) -> Port:
    """Return the port for plain HTTP inside this machine."""
    return Port(site.local_http_port, say("web inside this machine"), is_public=False, address=site.local_address)


def https_settings(site: Site) -> Settings:
    """Return the global options that make Prosody listen for HTTPS, or for the web server in front."""
    if site.has_front:
        return {
            "http_ports": Set((site.local_http_port,)),
            "http_interfaces": Set((site.local_address,)),
            "trusted_proxies": Set(("127.0.0.0/8", "::1", *network_of(site.local_address))),
        }
    return {"https_ports": Add((site.https_port,))}


def network_of(address: str) -> tuple[str, ...]:
    """Return the network of the containers that reach this machine at ``address``; none for a loopback one."""
    inside = ip_address(address)
    if inside.is_loopback:
        return ()
    return (str(ip_network((inside, 16 if inside.version == 4 else 64), strict=False)),)  # noqa: PLR2004 as engines cut


def host_settings(site: Site, host: str) -> Settings:
    """Return the options that a host with pages needs below its own name.

    A global ``http_external_url`` would be taken over by every host and be wrong for all but one; without any,
    Prosody 13 cannot tell the address where the port is shared (mod_http asks only for a service "https").
    """
    return {"http_external_url": Set(site.url(host))}
