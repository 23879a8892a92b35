"""What DNS says about a server, and the advice for everything that goes wrong there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree.ElementTree import fromstring

import pytest
from tests.engine.records.looking import ELSEWHERE, HERE, look, only, wrong
from tests.fakes import Fakes
from tests.servers import answers

from xmpp_wizard.core.dns.finding import Finding
from xmpp_wizard.core.dns.host_meta import WebPage, as_json, as_xml, links
from xmpp_wizard.core.dns.reply import State
from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.records.dns import report

D = "fam.example"
NS1, NS2 = "192.0.2.1", "192.0.2.2"
NAMES = (D, f"groups.{D}", f"share.{D}", f"turn.{D}")
SERVICES = (
    (f"_xmpp-client._tcp.{D}", f"10 5 5222 {D}."),
    (f"_xmpps-client._tcp.{D}", f"5 5 5223 {D}."),
    (f"_xmpps-client._tcp.{D}", f"20 5 443 {D}."),
    (f"_xmpp-server._tcp.{D}", f"10 5 5269 {D}."),
    (f"_xmpps-server._tcp.{D}", f"5 5 5270 {D}."),
    (f"_xmpp-server._tcp.groups.{D}", f"10 5 5269 {D}."),
    (f"_xmpps-server._tcp.groups.{D}", f"5 5 5270 {D}."),
    (f"_stun._udp.{D}", f"10 5 3478 turn.{D}."),
    (f"_turn._udp.{D}", f"10 5 3478 turn.{D}."),
    (f"_turn._tcp.{D}", f"10 5 3478 turn.{D}."),
    (f"_turns._tcp.{D}", f"10 5 5349 turn.{D}."),
)


@pytest.fixture
def fakes() -> Fakes:
    """Return a machine with a public address and a domain whose records are all right."""
    fakes = Fakes()
    fakes.sockets.own_addresses = (HERE,)
    fakes.resolver.zone(D, ns1=NS1, ns2=NS2)
    for name in NAMES:
        fakes.resolver.put(name, "A", HERE)
    for name in dict.fromkeys(name for name, _ in SERVICES):
        fakes.resolver.put(name, "SRV", *(value for owner, value in SERVICES if owner == name))
    return fakes


def test_all_is_right(fakes: Fakes) -> None:
    found = look(fakes)
    assert not wrong(found)
    assert found.is_right
    assert {(finding.name, finding.kind) for finding in found.findings} == {
        *((name, "A") for name in NAMES),
        *((name, "SRV") for name, _ in SERVICES),
    }


def test_nothing_is_there_yet(fakes: Fakes) -> None:
    fakes.resolver.records.clear()
    found = look(fakes)
    assert not found.is_right
    missing = [finding for finding in found.findings if finding.key == "missing"]
    assert [finding.name for finding in missing if finding.level == "!"] == list(NAMES)
    assert str(missing[0].advice) == f"At your DNS provider, add A {D} with: {HERE}"


def test_where_to_enter_records_is_told_by_the_name_servers(fakes: Fakes) -> None:
    assert not look(fakes).where
    fakes.resolver.put(D, "NS", "dana.ns.cloudflare.com.")
    assert str(look(fakes).where).startswith(
        "Your DNS is kept by Cloudflare: your domain > DNS > Records > Add record."
    )


def test_one_name_is_missing(fakes: Fakes) -> None:
    del fakes.resolver.records[f"groups.{D}", "A"]
    finding = only(look(fakes))
    assert (finding.level, finding.name, finding.key) == ("!", f"groups.{D}", "missing")


def test_a_service_without_a_record_is_only_better_with_one(fakes: Fakes) -> None:
    del fakes.resolver.records[f"_xmpp-client._tcp.{D}", "SRV"]
    found = look(fakes)
    assert found.is_right
    assert only(found).level == "todo"
    assert str(only(found).advice).endswith(f"add SRV _xmpp-client._tcp.{D} with: 10 5 5222 {D}.")


def test_an_address_of_another_machine(fakes: Fakes) -> None:
    fakes.resolver.put(D, "A", ELSEWHERE)
    finding = only(look(fakes))
    assert str(finding.text) == f"{D} leads to {ELSEWHERE}, which is another machine"
    assert str(finding.advice).startswith(f"Change it to {HERE}")


def test_behind_a_router_any_public_address_may_be_right(fakes: Fakes) -> None:
    fakes.sockets.own_addresses = ("192.168.1.5",)
    fakes.resolver.put(D, "A", ELSEWHERE)
    assert look(fakes).is_right


@pytest.mark.parametrize(
    ("address", "key", "advice"),
    [
        ("192.168.1.5", "private-address", "Put the public address of your line there"),
        ("10.0.0.1", "private-address", "the router's page shows it"),
        ("127.0.0.1", "private-address", "public address"),
        ("100.64.3.4", "shared-address", "Ask your provider for a public IPv4 address, or use IPv6 only."),
    ],
)
def test_an_address_that_nobody_outside_reaches(fakes: Fakes, address: str, key: str, advice: str) -> None:
    fakes.sockets.own_addresses = ("192.168.1.5",)
    fakes.resolver.put(D, "A", address)
    finding = wrong(look(fakes))[key]
    assert advice in str(finding.advice)
    assert address in str(finding.text)


def test_ipv6_that_leads_elsewhere(fakes: Fakes) -> None:
    fakes.resolver.put(D, "AAAA", "2600::99")
    finding = only(look(fakes))
    assert (finding.level, finding.key) == ("!", "ipv6-elsewhere")
    assert "Remove this AAAA record" in str(finding.advice)


def test_a_wildcard_hides_that_a_name_is_missing(fakes: Fakes) -> None:
    del fakes.resolver.records[f"share.{D}", "A"]
    fakes.resolver.put(f"*.{D}", "A", ELSEWHERE)
    finding = only(look(fakes))
    assert finding.key == "wildcard"
    assert f"*.{D} answers and leads to {ELSEWHERE}" in str(finding.text)


def test_a_wildcard_that_leads_here_is_welcome(fakes: Fakes) -> None:
    del fakes.resolver.records[f"share.{D}", "A"]
    fakes.resolver.put(f"*.{D}", "A", HERE)
    assert look(fakes).is_right


def test_a_wildcard_alias_answers_for_services(fakes: Fakes) -> None:
    del fakes.resolver.records[f"_xmpp-client._tcp.{D}", "SRV"]
    del fakes.resolver.records[f"share.{D}", "A"]
    fakes.resolver.put("web.example.net", "A", ELSEWHERE)
    fakes.resolver.put(f"*.{D}", "CNAME", "web.example.net.")
    assert wrong(look(fakes))["wildcard"].name in (f"share.{D}", f"_xmpp-client._tcp.{D}")


def test_an_alias_at_the_top_of_the_zone(fakes: Fakes) -> None:
    del fakes.resolver.records[D, "A"]
    fakes.resolver.put("web.example.net", "A", HERE)
    fakes.resolver.put(D, "CNAME", "web.example.net.")
    finding = wrong(look(fakes))["alias-at-top"]
    assert "Replace the CNAME of fam.example with A and AAAA records." in str(finding.advice)


@pytest.mark.parametrize(
    ("value", "key", "words"),
    [
        ("0 0 0 .", "service-denied", 'Replace the SRV record that ends in "."'),
        (f"10 5 5223 {D}.", "wrong", f"Change it to: 10 5 5222 {D}."),
        ("10 5 5222 old.example.net.", "wrong", f"Change it to: 10 5 5222 {D}."),
    ],
)
def test_a_service_that_leads_astray(fakes: Fakes, value: str, key: str, words: str) -> None:
    fakes.resolver.put(f"_xmpp-client._tcp.{D}", "SRV", value)
    finding = only(look(fakes))
    assert (finding.level, finding.key) == ("!", key)
    assert words in str(finding.advice)


def test_priority_and_weight_are_the_admins_own(fakes: Fakes) -> None:
    fakes.resolver.put(f"_xmpp-client._tcp.{D}", "SRV", f"1 99 5222 {D}.")
    assert not wrong(look(fakes))


def test_a_second_machine_behind_a_service_is_pointed_out(fakes: Fakes) -> None:
    fakes.resolver.put(f"_xmpp-client._tcp.{D}", "SRV", f"10 5 5222 {D}.", "20 5 5222 old.example.net.")
    assert (only(look(fakes)).level, only(look(fakes)).key) == ("todo", "extra")


def test_the_machine_is_only_an_alias(fakes: Fakes) -> None:
    text = f'[network]\nhost = "xmpp.{D}"'
    fakes.resolver.put(f"xmpp.{D}", "CNAME", f"{D}.")
    for name, _ in SERVICES:
        moved = (value.replace(f" {D}.", f" xmpp.{D}.") for owner, value in SERVICES if owner == name)
        fakes.resolver.put(name, "SRV", *moved)
    finding = only(look(fakes, text))
    assert (finding.level, finding.key, finding.name) == ("!", "service-alias", f"xmpp.{D}")


def test_one_server_lags_behind(fakes: Fakes) -> None:
    fakes.resolver.said[NS2, f"groups.{D}", "A"] = ()
    finding = only(look(fakes))
    assert (finding.level, finding.key) == ("todo", "lag")
    assert f"ns2.{D}" in str(finding.text)


def test_this_network_still_remembers_the_old_address(fakes: Fakes) -> None:
    fakes.resolver.said["", D, "A"] = (ELSEWHERE,)
    finding = only(look(fakes))
    assert (finding.level, finding.key) == ("todo", "stale")
    assert "at most 1 minutes" in str(finding.advice)


@pytest.mark.parametrize(("seconds", "words"), [(600, "in at most 10 minutes"), (0, "for some minutes, at most a day")])
def test_this_network_still_remembers_that_a_name_was_missing(fakes: Fakes, seconds: int, words: str) -> None:
    fakes.resolver.said["", D, "A"] = ()
    fakes.resolver.absent_seconds = seconds
    finding = only(look(fakes))
    assert (finding.level, finding.key) == ("todo", "stale")
    assert words in str(finding.advice)


def test_the_router_answers_differently_at_home(fakes: Fakes) -> None:
    fakes.resolver.said["", D, "A"] = ("192.168.1.77",)
    finding = only(look(fakes))
    assert (finding.level, finding.key) == ("todo", "split")


def test_dnssec_is_broken(fakes: Fakes) -> None:
    fakes.resolver.states["", D] = "BOGUS"
    # said once, and not for each of the names below
    finding = only(look(fakes))
    assert (finding.key, finding.name) == ("dnssec-broken", D)
    assert "compare the DS record" in str(finding.advice)


@pytest.mark.parametrize(
    ("state", "key", "words"),
    [
        ("TIMEOUT", "no-answer", "Is this machine online?"),
        ("SERVFAIL", "servers-fail", "broken or half moved"),
        ("REFUSED", "refused", "network.resolvers"),
    ],
)
def test_nothing_is_learned(fakes: Fakes, state: str, key: str, words: str) -> None:
    fakes.resolver.states["", "example"] = state  # type: ignore[assignment]  # one of the states
    found = look(fakes)
    assert not found.is_right
    assert words in str(wrong(found)[key].advice)


def test_a_dead_and_a_lame_server_are_named(fakes: Fakes) -> None:
    fakes.resolver.states[NS1, D] = "TIMEOUT"
    fakes.resolver.states[NS2, D] = "LAME"
    found = wrong(look(fakes))
    assert f"ns1.{D}" in str(found["dead-server"].text)
    assert f"ns2.{D}" in str(found["lame-server"].text)
    assert look(fakes).is_right


def test_one_server_that_fails_is_named(fakes: Fakes) -> None:
    """A second one whose copy of the zone has run out answers so."""
    fakes.resolver.states[NS2, D] = "SERVFAIL"
    finding = only(look(fakes))
    assert (finding.level, finding.key) == ("todo", "failing-server")
    assert str(finding.text) == f"ns2.{D}, a name server of {D}, fails"


def test_names_lead_in_a_circle(fakes: Fakes) -> None:
    del fakes.resolver.records[f"share.{D}", "A"]
    fakes.resolver.put(f"share.{D}", "CNAME", f"x.{D}.")
    fakes.resolver.put(f"x.{D}", "CNAME", f"share.{D}.")
    finding = only(look(fakes))
    assert (finding.key, finding.name) == ("loop", f"share.{D}")


def test_caa_forbids_us(fakes: Fakes) -> None:
    fakes.resolver.put(D, "CAA", '0 issue "other.example"')
    finding = only(look(fakes))
    assert finding.key == "caa-forbids"
    assert str(finding.text) == f"the CAA records of {D} allow other.example, not letsencrypt.org"
    assert str(finding.advice).endswith('with: 0 issue "letsencrypt.org"')


def test_at_home_private_addresses_and_no_name_servers_are_right() -> None:
    fakes = Fakes()
    fakes.sockets.own_addresses = ("192.168.1.5",)
    for name in ("home.lan", "groups.home.lan"):
        fakes.resolver.put(name, "A", "192.168.1.5")
    found = report(fakes.world(), Layout(), answers('features.preset = "minimal"', "home.lan"))
    assert found.is_right


@pytest.mark.parametrize("domain", ["home.lan", "home.local", "chat.internal", "pi.home"])
@pytest.mark.parametrize("state", ["TIMEOUT", "SERVFAIL", "BOGUS", "REFUSED", "LAME", ""])
def test_at_home_nobody_is_sent_to_a_provider_or_registrar(domain: str, state: State) -> None:
    fakes = Fakes()
    fakes.sockets.own_addresses = ("192.168.1.5",)
    if state:
        fakes.resolver.states["", domain] = state
    found = report(fakes.world(), Layout(), answers("", domain))
    bad = [finding for finding in found.findings if finding.level != "ok"]
    assert bad
    for finding in bad:
        assert "network" in str(finding.advice), finding
        assert not re.search("provider|registrar", str(finding.advice)), finding


def test_what_many_devices_do_not_look_up_is_said() -> None:
    fakes = Fakes()
    fakes.sockets.own_addresses = ("192.168.1.5",)
    advice = str(next(each.advice for each in report(fakes.world(), Layout(), answers("", "pi.local")).findings))
    assert advice.startswith("In your own network (local DNS or host names of the router), add A pi.local with: 192.")
    assert ".lan and .internal are found" in advice


def test_at_home_no_provider_is_named_for_what_is_missing() -> None:
    fakes = Fakes()
    fakes.sockets.own_addresses = ("192.168.1.5",)
    found = report(fakes.world(), Layout(), answers('features.preset = "minimal"', "home.lan"))
    advice = [str(finding.advice) for finding in found.findings if finding.key == "missing"]
    assert advice[0] == (
        "In your own network (local DNS or host names of the router), add A home.lan with: 192.168.1.5"
    )
    assert not any("provider" in each for each in advice)


@pytest.mark.parametrize(("first", "second"), [("home.lan", D), (D, "home.lan")])
def test_of_two_domains_the_provider_is_named_for_the_public_one_alone(first: str, second: str) -> None:
    fakes = Fakes()
    fakes.sockets.own_addresses = (HERE,)
    found = report(fakes.world(), Layout(), answers(f'extra_domains = ["{second}"]', first))
    missing = [finding for finding in found.findings if finding.key == "missing" and finding.kind == "A"]
    assert {finding.name.endswith(D) for finding in missing} == {True, False}
    for finding in missing:
        assert finding.name.endswith(D) == ("provider" in str(finding.advice)), finding.name


def test_only_three_rounds_are_asked(fakes: Fakes) -> None:
    look(fakes)
    assert fakes.resolver.calls.count("ask") == 3


def elsewhere(fakes: Fakes, page: WebPage | None) -> Mapping[str, Finding]:
    """Return what is not right with a website on another machine that has this page."""
    where = f"https://{D}/.well-known/host-meta.json"
    if page is None:
        fakes.web_pages.fail_at[f"get {where}"] = EffectError(say("not reached"))
    else:
        fakes.web_pages.pages[where] = page
    given = answers(f'[network]\nhost = "xmpp.{D}"')
    found = report(fakes.world(), Layout(), given, looks_at_website=True)
    return {finding.key: finding for finding in found.findings if finding.kind == "HTTPS"}


def test_a_website_elsewhere_that_leads_web_apps_here(fakes: Fakes) -> None:
    open_to_all = {"access-control-allow-origin": "*"}
    right = WebPage(200, open_to_all, as_json(f"https://xmpp.{D}/"))
    assert set(elsewhere(fakes, right)) == {"right"}


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (None, "does not lead here"),
        (WebPage(404, {}, "<h1>Not found</h1>"), "does not lead here"),
        (WebPage(200, {}, '{"links": []}'), "does not lead here"),
        (WebPage(200, {}, '["a"]'), "does not lead here"),
        (WebPage(200, {}, as_json("https://other.example/")), "does not lead here"),
        (WebPage(200, {}, as_json(f"https://xmpp.{D}/")), "other sites may not read"),
    ],
)
def test_a_website_elsewhere_that_does_not(fakes: Fakes, page: WebPage | None, words: str) -> None:
    finding = elsewhere(fakes, page)["host-meta"]
    assert finding.level == "todo"
    assert words in str(finding.text)


def test_the_other_form_says_the_same() -> None:
    items = fromstring(as_xml("https://xmpp.fam.example/"))  # noqa: S314 ours
    there = {item.get("rel"): item.get("href") for item in items}
    assert there == links("https://xmpp.fam.example/")
