"""What an authority says of a check that a name failed."""

from __future__ import annotations

from xmpp_wizard.core.acme.rule import STAYS, Rule
from xmpp_wizard.core.text import say

_FORWARD = say(
    "Let the router forward port 80 to this machine and open it in the firewall. If your provider lets nothing in, "
    "prove the name by DNS instead: certificates.acme.challenge = dns-01."
)
_OWN_PORT_80 = say(
    "Does {name} lead to this machine in DNS, and does the router forward port 80 to it? Another web server there "
    "must pass on /.well-known/acme-challenge/, or be named in certificates.acme.webroot."
)
_ALPN = say("Prove the name over port 80 or by DNS instead (certificates.acme.challenge).")
_TXT_LATER = say("It often takes a while until all name servers have it; it is tried again by itself.")
_CAA = say(
    'Add the CAA record 0 issue "letsencrypt.org" (or the name of the authority that you chose), or remove all of them.'
)
_OVER_IPV6 = r"^(During secondary validation: )?[0-9a-f]*:[0-9a-f:]*: "
"""Boulder begins with the address that it has used."""

_DNS = (
    Rule("caa", "", "caa", say("a CAA record of {name} forbids this authority to make certificates"), _CAA, "user"),
    Rule(
        "dns",
        "CAA",
        "caa-lookup",
        say("the name servers of {name} do not answer when asked for CAA records"),
        say("Tell your DNS provider: an empty answer without an error is enough."),
        "backoff",
    ),
    Rule(
        "dns",
        "DNSSEC|Bogus",
        "dnssec",
        say("the DNSSEC signature of {name} is broken"),
        say("Compare the DS record at your registrar with the key that your DNS provider shows; or remove the DS."),
        "user",
    ),
    Rule(
        "dns",
        "TXT for _acme-challenge",
        "txt",
        say("the DNS entry for the check of {name} is missing"),
        _TXT_LATER,
        "backoff",
    ),
    Rule(
        "dns",
        "NXDOMAIN|no such host",
        "no-such-name",
        say("{name} does not exist in DNS"),
        say("Add the address record for it that xmpp-wizard dns shows. Is the name spelled right?"),
        "user",
    ),
    Rule(
        "dns",
        "no valid A",
        "no-address",
        say("{name} has no public address in DNS: none at all, or one that only works at home"),
        say("Put the public address of your line there, as your router shows it."),
        "user",
    ),
    Rule(
        "dns",
        "SERVFAIL|timed out|refused|REFUSED|server misbehaving",
        "dns-server",
        say("the name servers of {name} do not answer as they should"),
        say("It is tried again by itself. If it stays so, look at the name servers at your registrar."),
        "backoff",
    ),
    Rule("dns", "", "dns-other", say("the authority could not look up {name}: {detail}"), STAYS, "backoff"),
)

_REACH = (
    Rule(
        "connection",
        "^During secondary",
        "partly-blocked",
        say("the authority reaches {name} from one place of the world but not from others"),
        say("Switch off what blocks countries or robots on port 80 (geo-IP, fail2ban, a filter of the provider)."),
        "user",
    ),
    Rule(
        "connection",
        r"[Rr]edirect|(Fetching |Get \")https://",
        "redirect",
        say("port 80 of {name} sends the authority on to a place where it gets no answer"),
        say("Switch that redirect off for /.well-known/acme-challenge/."),
        "user",
    ),
    Rule(
        "connection",
        rf"unreachable|\[[0-9a-f:]+\]|{_OVER_IPV6}",
        "ipv6",
        say("the IPv6 address of {name} in DNS does not lead anywhere"),
        say("Correct its AAAA record, or remove it."),
        "user",
    ),
    Rule(
        "connection",
        "Timeout during connect",
        "closed",
        say("nobody answers for {name} on port 80 from outside"),
        _FORWARD,
        "user",
    ),
    Rule(
        "connection",
        "refused",
        "refused",
        say("{name} is reached from outside, but port 80 there is closed"),
        _OWN_PORT_80,
        "user",
    ),
    Rule(
        "connection",
        "no such host|resolv|NXDOMAIN",
        "no-such-name",
        say("{name} does not exist in DNS"),
        say("Add the address record for it that xmpp-wizard dns shows. Is the name spelled right?"),
        "user",
    ),
    Rule(
        "connection",
        "",
        "connection",
        say("the authority could not talk to {name} on port 80: {detail}"),
        _OWN_PORT_80,
        "backoff",
    ),
    Rule(
        "unauthorized",
        _OVER_IPV6,
        "ipv6",
        say("over IPv6 another machine answers for {name} ({address})"),
        say("Correct its AAAA record, or remove it."),
        "user",
    ),
    Rule(
        "unauthorized",
        "TXT",
        "txt",
        say("the DNS entry for the check of {name} is missing, or an old one is there"),
        _TXT_LATER,
        "backoff",
    ),
    Rule("unauthorized", "ALPN", "alpn", say("another program answers for {name} on port 443"), _ALPN, "user"),
    Rule("tls", "", "alpn", say("another program answers for {name} on port 443"), _ALPN, "user"),
    Rule(
        "unauthorized",
        "key authorization|Invalid response|did not match|Non-200|Cannot|404",
        "other-machine",
        say("another machine or program answers for {name} on port 80"),
        _OWN_PORT_80,
        "user",
    ),
)

RULES: tuple[Rule, ...] = (*_DNS, *_REACH)
