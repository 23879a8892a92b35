"""What resolvers outside see: asked by default, for what is public anyway, and never a reason for alarm when silent."""

from __future__ import annotations

import pytest
from tests.engine.records.looking import ELSEWHERE, HERE, only, wrong
from tests.fakes import Fakes
from tests.servers import answers

from xmpp_wizard.core.dns.operators import OPERATORS
from xmpp_wizard.core.dns.reply import State
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.wanted.desired import desired
from xmpp_wizard.engine.records.dns import DnsReport, records, report
from xmpp_wizard.engine.records.pinning import is_protected

D = "fam-chat.net"
NS1, NS2 = "192.0.2.1", "192.0.2.2"
QUAD9, CLOUDFLARE, GOOGLE = (operator.addresses[0] for operator in OPERATORS)
ALL = (QUAD9, CLOUDFLARE, GOOGLE)
BASE = 'features.preset = "minimal"\n'


@pytest.fixture
def fakes() -> Fakes:
    """Return a machine with a public address and a public domain whose records are all right."""
    fakes = Fakes()
    fill(fakes, D)
    return fakes


def fill(fakes: Fakes, domain: str) -> None:
    fakes.sockets.own_addresses = (HERE,)
    fakes.resolver.zone(domain, ns1=NS1, ns2=NS2)
    found = records(fakes.world(), Layout(), answers(BASE, domain))
    for name, kind in {(record.name, record.kind) for record in found}:
        values = [record.value for record in found if (record.name, record.kind) == (name, kind)]
        fakes.resolver.put(name, kind, *values)


def look(fakes: Fakes, text: str = "", domain: str = D) -> DnsReport:
    return report(fakes.world(), Layout(), answers(BASE + text, domain))


def asked_outside(fakes: Fakes) -> set[tuple[str, str]]:
    """Return what somebody outside was asked, as (who, name)."""
    return {(question.resolver, question.name) for question in fakes.resolver.asked if question.resolver}


def test_three_operators_are_asked_by_default_and_one_round_more(fakes: Fakes) -> None:
    found = look(fakes)
    assert not wrong(found)
    assert not found.outside
    assert {who for who, _ in asked_outside(fakes)} == set(ALL)
    assert fakes.resolver.calls.count("ask") == 3, "the network's own resolvers"


def test_only_over_ipv6_where_there_is_nothing_else(fakes: Fakes) -> None:
    fakes.sockets.own_addresses = ("2600::5",)
    look(fakes)
    assert {who for who, _ in asked_outside(fakes)} == {operator.addresses[1] for operator in OPERATORS}


def test_they_learn_only_what_the_zone_has_already(fakes: Fakes) -> None:
    """Who is asked too early remembers for hours that there is nothing."""
    del fakes.resolver.records[f"groups.{D}", "A"]
    look(fakes)
    names = {name for _, name in asked_outside(fakes)}
    assert D in names
    assert f"groups.{D}" not in names
    fakes.resolver.records.clear()
    fakes.resolver.asked.clear()
    look(fakes)
    assert not asked_outside(fakes)


@pytest.mark.parametrize("text", ["[dns]\npublic_resolvers = []"])
def test_they_are_switched_off(fakes: Fakes, text: str) -> None:
    found = look(fakes, text)
    assert not asked_outside(fakes)
    assert not found.outside


@pytest.mark.parametrize("domain", ["chat.lan", "chat.internal", "fam.example", "chat.local", "chat.example.org"])
def test_names_that_are_not_public_stay_here(domain: str) -> None:
    fakes = Fakes()
    fill(fakes, domain)
    look(fakes, "", domain)
    assert not asked_outside(fakes)


def test_a_zone_that_only_this_network_has_stays_here(fakes: Fakes) -> None:
    fakes.resolver.zone(D, ns1="10.0.0.53", ns2="fd00::53")
    found = look(fakes)
    assert not asked_outside(fakes)
    assert not wrong(found)
    assert str(found.outside) == "The name servers are in your own network: nobody outside was asked."


def test_one_still_has_the_old_address(fakes: Fakes) -> None:
    fakes.resolver.said[GOOGLE, D, "A"] = (ELSEWHERE,)
    fakes.resolver.ttl_seconds = 1300
    finding = only(look(fakes))
    assert (finding.level, finding.key, finding.name) == ("todo", "outside", D)
    assert str(finding.text) == f"{D} is right in DNS, but outside Google still says {ELSEWHERE}"
    assert "forgotten in at most 22 minutes" in str(finding.advice)
    assert (finding.have, finding.want) == ((ELSEWHERE,), (HERE,))


def test_long_times_are_told_in_hours(fakes: Fakes) -> None:
    fakes.resolver.said[GOOGLE, D, "A"] = (ELSEWHERE,)
    fakes.resolver.ttl_seconds = 86_400
    assert "at most 24 hours" in str(only(look(fakes)).advice)


def test_two_remember_that_a_name_was_missing(fakes: Fakes) -> None:
    for who in (QUAD9, CLOUDFLARE):
        fakes.resolver.said[who, f"groups.{D}", "A"] = ()
    fakes.resolver.absent_seconds = 2 * 3600
    finding = only(look(fakes))
    assert "outside Quad9, Cloudflare still remembers that it was missing" in str(finding.text)
    assert "at most 120 minutes" in str(finding.advice)


def test_named_resolvers_are_asked_instead(fakes: Fakes) -> None:
    fakes.resolver.said["192.0.2.99", D, "A"] = (ELSEWHERE,)
    finding = only(look(fakes, '[dns]\npublic_resolvers = ["192.0.2.99"]'))
    assert "outside 192.0.2.99 still says" in str(finding.text)
    assert {who for who, _ in asked_outside(fakes)} == {"192.0.2.99"}


def test_broken_dnssec_that_this_network_does_not_notice(fakes: Fakes) -> None:
    for who in ALL:
        fakes.resolver.states[who, D] = "BOGUS"
    found = look(fakes)
    assert not found.is_right
    assert only(found).key == "dnssec-broken"


def test_one_that_cannot_look_it_up_is_no_alarm(fakes: Fakes) -> None:
    fakes.resolver.states[QUAD9, D] = "SERVFAIL"
    found = look(fakes)
    assert found.is_right
    assert "outside Quad9 cannot look it up" in str(wrong(found)["outside"].text)


def test_nobody_outside_can_look_it_up(fakes: Fakes) -> None:
    for who in ALL:
        fakes.resolver.states[who, D] = "SERVFAIL"
    found = look(fakes)
    assert not found.is_right
    assert str(only(found).text).endswith("nobody outside can look it up: Quad9, Cloudflare, Google")


def test_a_zone_that_is_another_one_outside(fakes: Fakes) -> None:
    for who in ALL:
        fakes.resolver.said[who, D, "NS"] = ("ns.hoster.example.",)
        fakes.resolver.said[who, D, "A"] = (ELSEWHERE,)
    finding = only(look(fakes))
    assert (finding.level, finding.key) == ("!", "split-outside")
    assert str(finding.text) == f"outside this network {D} is kept by ns.hoster.example, here by ns1.{D}, ns2.{D}"


def test_a_domain_that_nobody_outside_knows(fakes: Fakes) -> None:
    for who in ALL:
        for name, kind in list(fakes.resolver.records):
            fakes.resolver.said[who, name, kind] = ()
    finding = only(look(fakes))
    assert finding.level == "!"
    assert str(finding.text) == f"{D} is known in this network, and nowhere outside"
    assert "Is it still yours and paid for?" in str(finding.advice)


def test_nobody_outside_is_reached(fakes: Fakes) -> None:
    """Offline, or a network that lets questions out over its own resolver only: then name servers are silent, too."""
    for who in (*ALL, NS1, NS2):
        fakes.resolver.states[who, "net"] = "TIMEOUT"
    found = look(fakes)
    assert not wrong(found), "no name server is accused"
    assert str(found.outside) == "No resolver outside was reached: what others see is not known."


@pytest.mark.parametrize("state", ["LAME", "REFUSED"])
def test_a_router_answers_in_the_place_of_all(fakes: Fakes, state: State) -> None:
    for who in (NS1, NS2):
        fakes.resolver.states[who, "net"] = state
    found = look(fakes)
    assert not wrong(found), "no name server is accused"
    assert str(found.outside).startswith("Your router or provider answers for everybody")


def test_lame_servers_are_still_named_where_the_way_out_is_open(fakes: Fakes) -> None:
    fakes.resolver.states[NS1, "net"] = "LAME"
    fakes.resolver.states[NS2, "net"] = "TIMEOUT"
    for who in ALL:
        fakes.resolver.states[who, "net"] = "SERVFAIL"
    assert {"lame-server", "dead-server"} <= set(wrong(look(fakes)))


def test_refusal_is_a_resolvers_own_affair(fakes: Fakes) -> None:
    for who in ALL:
        fakes.resolver.states[who, D] = "REFUSED"
    assert not wrong(look(fakes))


@pytest.mark.parametrize(("text", "is_safe"), [("", True), ("[dns]\npublic_resolvers = []", False)])
def test_a_resolver_outside_that_checks_dnssec_is_enough(fakes: Fakes, text: str, *, is_safe: bool) -> None:
    fakes.resolver.signed, fakes.resolver.careless = {D}, {""}
    fakes.resolver.put(D, "DS", "1 13 2 00")
    given = answers(BASE + text, D)
    assert is_protected(fakes.world(), given, desired(given)) is is_safe
