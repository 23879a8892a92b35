"""What resolvers outside see, with real ones behind a real router: old answers, broken signatures, no way out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.e2e.dns.lab import HERE, Lab
from tests.fakes import Fakes
from tests.home_network import HERE as INSIDE
from tests.home_network import ROUTER, Home, home_network, needs_network, run, within
from tests.servers import answers

from xmpp_wizard.core.dns.operators import OPERATORS
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.effects.resolver import NetworkResolver
from xmpp_wizard.engine.records.dns import DnsReport, report

pytestmark = [pytest.mark.e2e, needs_network]

NET = "198.18.66"
QUAD9, CLOUDFLARE, GOOGLE = (operator.addresses[0] for operator in OPERATORS)
OLD = ('local-zone: "six.example.lab." transparent', 'local-data: "six.example.lab. 900 IN A 8.8.4.4"')
CARELESS = ('local-zone: "home.example.lab." transparent', 'module-config: "iterator"')
LET_OUT = "add rule inet filter forward iifname lan0 accept\n"
SHUT = "insert rule inet filter forward iifname lan0 meta l4proto { tcp, udp } th dport 53 drop\n"
LED_ASTRAY = (
    f"add rule inet filter prerouting iifname lan0 meta l4proto {{ tcp, udp }} th dport 53 dnat ip to {ROUTER}\n"
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Give a home behind a router that has a careless resolver; outside are name servers and the public resolvers."""
    with home_network() as home:
        for host in (10, 11, 12, 13, 53):
            run("ip", "-n", home.outside, "address", "add", f"{NET}.{host}/32", "dev", "lo")
        for resolver in (QUAD9, CLOUDFLARE, GOOGLE):
            run("ip", "-n", home.outside, "address", "add", f"{resolver}/32", "dev", "lo")
        home.nft(LET_OUT)
        lab = Lab(tmp_path_factory.mktemp("lab"), NET)
        try:
            within(home.outside, lambda: start(lab))
            within(home.router, lambda: lab.resolve_at(ROUTER, *CARELESS))
            yield home
        finally:
            lab.stop()


def start(lab: Lab) -> None:
    lab.__enter__()
    lab.resolve_at(QUAD9)
    lab.resolve_at(CLOUDFLARE)
    lab.resolve_at(GOOGLE, *OLD)


def look(home: Home, domain: str, more: str = "") -> DnsReport:
    """Look from inside, with the router as the network's resolver."""
    fakes = Fakes()
    fakes.sockets.own_addresses = (INSIDE,)
    world = replace(fakes.world(), resolver=NetworkResolver())
    text = f'features.preset = "minimal"\n[network]\nresolvers = ["{ROUTER}"]\npublic_addresses = ["{HERE}"]\n{more}'
    return within(home.inside, lambda: report(world, Layout(), answers(text, domain)))


def look_until(home: Home, domain: str, key: str) -> DnsReport:
    """Look until something is found: on a busy machine resolvers may take longer than anybody waits for them."""
    deadline = time.monotonic() + 30
    found = look(home, domain)
    while key not in {item.key for item in found.findings}:
        assert time.monotonic() < deadline, found
        found = look(home, domain)
    return found


def test_one_resolver_outside_has_an_old_answer(home: Home) -> None:
    found = look_until(home, "six.example.lab", "outside")
    finding = next(item for item in found.findings if item.key == "outside")
    assert str(finding.text) == "six.example.lab is right in DNS, but outside Google still says 8.8.4.4"
    assert "forgotten in at most 15 minutes" in str(finding.advice)
    assert not found.outside


def test_broken_signatures_are_seen_though_the_router_does_not_check(home: Home) -> None:
    look_until(home, "bogus.lab", "dnssec-broken")
    careless = look(home, "bogus.lab", "[dns]\npublic_resolvers = []").findings
    assert "dnssec-broken" not in {item.key for item in careless}


@pytest.mark.parametrize(
    ("rule", "words"),
    [(SHUT, "No resolver outside was reached"), (LED_ASTRAY, "Your router or provider answers for everybody")],
)
def test_no_way_out_is_said_once_and_is_no_alarm(home: Home, rule: str, words: str) -> None:
    before = home.rules()
    home.nft(rule)
    deadline = time.monotonic() + 30
    try:
        found = look(home, "plain.lab")
        # on a busy machine even a router may be slow
        while not str(found.outside).startswith(words) and time.monotonic() < deadline:
            found = look(home, "plain.lab")
    finally:
        home.nft(f"flush ruleset\n{before}")
    assert str(found.outside).startswith(words)
    assert not {item.key for item in found.findings} & {"outside", "dead-server", "lame-server", "dnssec-broken"}
    assert next(item.level for item in found.findings if item.name == "plain.lab") == "ok"
