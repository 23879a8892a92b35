"""What goes wrong with checks over port 443 (TLS-ALPN-01): before the rules for port 80, which say the same of that."""

from __future__ import annotations

from xmpp_wizard.core.acme.rule import Rule
from xmpp_wizard.core.text import say

_METHOD = "tls-alpn-01"
_FORWARD = say(
    "Let the router forward port 443 to this machine and open it in the firewall; or prove the name by DNS instead: "
    "certificates.acme.challenge = dns-01."
)
_LEADS_HERE = say("Does {name} lead to this machine in DNS, and does the router forward port 443 to it?")
_OTHER_WAY = say("Prove the name over port 80 or by DNS instead (certificates.acme.challenge).")
_SAME_EVERYWHERE = r"(?!.*(unreachable|\[[0-9a-f:]+\]|no such host|resolv|NXDOMAIN))"
"""What has nothing to do with the port is for the rules that come after these."""

RULES = (
    Rule(
        "connection",
        "^During secondary",
        "partly-blocked",
        say("the authority reaches {name} from one place of the world but not from others"),
        say("Switch off what blocks countries or robots on port 443 (geo-IP, fail2ban, a filter of the provider)."),
        "user",
        method=_METHOD,
    ),
    Rule(
        "connection",
        "Timeout during connect",
        "closed",
        say("nobody answers for {name} on port 443 from outside"),
        _FORWARD,
        "user",
        method=_METHOD,
    ),
    Rule(
        "connection",
        "refused",
        "refused",
        say("{name} is reached from outside, but port 443 there is closed"),
        _LEADS_HERE,
        "user",
        method=_METHOD,
    ),
    Rule(
        "connection",
        f"^{_SAME_EVERYWHERE}",
        "connection",
        say("the authority could not talk to {name} on port 443: {detail}"),
        _OTHER_WAY,
        "backoff",
        method=_METHOD,
    ),
    Rule(
        "unauthorized",
        "Failed to connect",
        "refused",
        say("{name} is reached from outside, but port 443 there is closed"),
        _LEADS_HERE,
        "user",
        method=_METHOD,
    ),
    Rule(
        "unauthorized",
        "",
        "alpn",
        say("another program answers for {name} on port 443"),
        _OTHER_WAY,
        "user",
        method=_METHOD,
    ),
    Rule(
        "tlsTaken",
        "",
        "tls-taken",
        say("port 443 of this machine is taken by another program ({detail})"),
        say("Free port 80 or 443, or set up DNS: certificates.acme.challenge."),
        "user",
        "host",
    ),
    Rule(
        "noWayPast",
        "",
        "no-way-past",
        say("the authority cannot be led past this server on port 443: {detail}"),
        say("That takes nftables (apt install nftables). Or free port 80, or set up DNS: certificates.acme.challenge."),
        "user",
        "host",
    ),
)
