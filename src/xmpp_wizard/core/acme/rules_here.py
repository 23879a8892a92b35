"""What goes wrong on this machine, before an authority says anything."""

from __future__ import annotations

from xmpp_wizard.core.acme.rule import Rule
from xmpp_wizard.core.text import say

_HERE = (
    Rule(
        "offline",
        "",
        "offline",
        say("the authority is not reached from this machine"),
        say("Is the internet there? Programs here must be allowed out to port 443. It is tried again by itself."),
        "backoff",
        "line",
    ),
    Rule(
        "noLookup",
        "",
        "no-lookup",
        say("this machine cannot look up names"),
        say("Look at its DNS settings (/etc/resolv.conf). It is tried again by itself."),
        "backoff",
        "line",
    ),
    Rule(
        "intercepted",
        "",
        "intercepted",
        say("the connection to the authority is not safe: somebody is in between, or ca-certificates is missing"),
        say(
            "Is there a proxy or a filter for children in the way? Else: apt-get install ca-certificates. For an "
            "authority of your own, name its roots in certificates.acme.trusted_roots."
        ),
        "user",
        "line",
    ),
    Rule(
        "notAcme",
        "",
        "not-acme",
        say("what answers is no certificate authority ({detail})"),
        say("A page to log in to the network first? Is certificates.acme.directory_url right?"),
        "backoff",
        "line",
    ),
    Rule(
        "clock",
        "",
        "clock",
        say("the clock of this machine is wrong"),
        say("Set it: timedatectl set-ntp true"),
        "user",
        "host",
    ),
    Rule(
        "portTaken",
        "",
        "port-taken",
        say("port 80 of this machine is taken by another program ({detail})"),
        say(
            "If it is a web server: name the folder that it serves in certificates.acme.webroot. Else stop it, or "
            "prove the names by DNS: certificates.acme.challenge = dns-01."
        ),
        "user",
        "host",
    ),
    Rule(
        "noChallenge",
        "",
        "no-challenge",
        say("the authority offers no check for {name} that can be passed here ({detail})"),
        say("Choose another one: certificates.acme.challenge."),
        "user",
    ),
    Rule(
        "noMethod",
        "",
        "no-method",
        say("there is no way yet to prove that {name} is yours: {detail}"),
        say("Free port 80, or set up DNS: certificates.acme.challenge."),
        "user",
    ),
    Rule(
        "noSuchName",
        "",
        "no-such-name",
        say("{name} does not exist in DNS"),
        say("Add the address record for it that xmpp-wizard dns shows. Is the name spelled right?"),
        "user",
    ),
    Rule(
        "dnsProvider",
        "",
        "dns-provider",
        say("the DNS entry for the check of {name} could not be made: {detail}"),
        say("Look at the name, the token or key, and the rights of your DNS account."),
        "user",
    ),
    Rule(
        "noAlias",
        "",
        "no-alias",
        say("the proof of {name} does not lead to its place on the acme-dns server yet"),
        say("At your DNS provider, add once: {detail}. All else goes on by itself."),
        "user",
    ),
    Rule(
        "noZone",
        "",
        "no-zone",
        say("{detail} lies in no zone that may be changed by your DNS account"),
        say("Lead it into the zone that may be with a CNAME record, or look at dns.zone."),
        "user",
    ),
    Rule(
        "disk",
        "",
        "disk",
        say("{detail}"),
        say("Make room on the disk; the certificate that is served stays."),
        "user",
        "host",
    ),
)

RULES: tuple[Rule, ...] = _HERE
