"""Who keeps a zone, told by the names of its servers, and where a person enters records there.

The paths are those of the keepers' own help pages in 2026, in English; menus move, so they are a hint and no more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xmpp_wizard.core.text import NOTHING, Text, say

_RELATIVE = say("Names go in without the domain behind them, and @ stands for the domain itself.")
_GREY = say("Let the cloud be grey (DNS only): through the orange one no chat app gets in.")
_SPLIT = say(
    "Names go in without the domain; of a service the first two words have fields of their own (such as "
    "_xmpp-client and _tcp)."
)
_WHOLE = say("Names go in whole; the four numbers and names of a service (SRV) go into one field.")


@dataclass(frozen=True, slots=True)
class Keeper:
    """A company that keeps zones, by what the names of its servers end in or have in them."""

    name: str
    servers: tuple[str, ...]
    path: str
    """Through which menus, in the keeper's own words."""
    note: Text


KEEPERS: tuple[Keeper, ...] = (
    Keeper("All-Inkl", (".kasserver.com",), "KAS > Tools > DNS settings", _RELATIVE),
    Keeper("Amazon Route 53", (".awsdns-",), "Hosted zones > your domain > Create record", _WHOLE),
    Keeper("Cloudflare", (".ns.cloudflare.com",), "your domain > DNS > Records > Add record", _GREY),
    Keeper("deSEC", (".desec.io", ".desec.org"), "Domains > your domain > +", _RELATIVE),
    Keeper("DigitalOcean", (".digitalocean.com",), "Networking > Domains > your domain", _RELATIVE),
    Keeper("Gandi", (".gandi.net",), "Domain > your domain > DNS Records > Add record", _RELATIVE),
    Keeper("GoDaddy", (".domaincontrol.com",), "Domain portfolio > your domain > DNS > Add New Record", _RELATIVE),
    Keeper(
        "Hetzner",
        (".hetzner.com", ".hetzner.de", ".second-ns.com", ".second-ns.de"),
        "DNS > your zone > Records > Add record",
        _RELATIVE,
    ),
    Keeper("INWX", (".inwx.de", ".inwx.eu", ".inwx.com"), "Nameservers > your domain > Add", _RELATIVE),
    Keeper(
        "IONOS",
        (".ui-dns.com", ".ui-dns.de", ".ui-dns.org", ".ui-dns.biz"),
        "Domains & SSL > your domain > DNS",
        _SPLIT,
    ),
    Keeper("Namecheap", (".registrar-servers.com",), "Domain List > Manage > Advanced DNS", _SPLIT),
    Keeper("netcup", (".netcup.net",), "CCP > Domains > your domain > DNS", _RELATIVE),
    Keeper("OVHcloud", (".ovh.net", ".anycast.me"), "Web Cloud > Domain names > DNS zone > Add an entry", _SPLIT),
    Keeper("Porkbun", (".porkbun.com",), "Domain Management > your domain > DNS", _RELATIVE),
)


def keeper_of(servers: Iterable[str]) -> Keeper | None:
    """Return who keeps a zone with these servers (A-labels, with or without a final dot); None if nobody known."""
    names = [f"{server.lower().rstrip('.')}" for server in servers]
    for keeper in KEEPERS:
        for mark in keeper.servers:
            if any(mark in name if mark.endswith("-") else name.endswith(mark) for name in names):
                return keeper
    return None


def where_to_enter(servers: Iterable[str]) -> Text:
    """Return where a person enters records of a zone with these servers; empty if nobody known keeps it."""
    keeper = keeper_of(servers)
    if keeper is None:
        return NOTHING
    return say("Your DNS is kept by {name}: {path}. {note}", name=keeper.name, path=keeper.path, note=keeper.note)
