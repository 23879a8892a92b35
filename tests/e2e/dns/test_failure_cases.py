"""What users fail at most in DNS, made really in a little internet. The numbers are those of the list of 30 cases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest
from tests.e2e.dns.lab import HERE, Lab
from tests.servers import answers

from xmpp_wizard.core.dns.finding import Finding
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.engine.records.dns import report
from xmpp_wizard.wiring import world

pytestmark = pytest.mark.e2e

Look = Callable[..., dict[tuple[str, str], Finding]]
PUBLIC = '[certificates]\nsource = "acme"\n'


@pytest.fixture
def look(lab: Lab, tmp_path: Path) -> Look:
    """Give a way to check the DNS of a domain; what is found comes by name and key."""

    def found(domain: str, more: str = "") -> dict[tuple[str, str], Finding]:
        text = f'features.preset = "minimal"\n[network]\nresolvers = ["{lab.resolver}"]\n'
        text += f'public_addresses = ["{HERE}"]\n{more}'
        findings = report(world(), Layout(PurePosixPath(tmp_path)), answers(text, domain)).findings
        return {(finding.name, finding.key): finding for finding in findings}

    return found


CASES = {
    (5, "six", "ipv6-elsewhere"): (
        "leads to 2001:4860:4860::8888, which is another machine",
        "Remove this AAAA record: apps and certificate authorities try IPv6 first",
    ),
    (6, "private", "private-address"): (
        "leads to 192.168.178.20, which nobody outside your network reaches",
        "Put the public address of your line there",
    ),
    (6, "shared", "shared-address"): (
        "leads to 100.64.3.4, an address that your provider shares among customers",
        "Ask your provider for a public IPv4 address, or use IPv6 only",
    ),
    (7, "stale", "wrong"): ("leads to 8.8.8.8, which is another machine", f"Change it to {HERE}"),
    (8, "nope", "missing"): ("has no A record yet", f"add A nope.example.lab with: {HERE}"),
    (13, "home", "split"): ("192.168.1.77", ""),
    (14, "loop", "loop"): ("", "lead to each other"),
}


@pytest.mark.parametrize(("number", "label", "key"), CASES)
def test_case_of_an_address(look: Look, number: int, label: str, key: str) -> None:
    finding = look(f"{label}.example.lab")[f"{label}.example.lab", key]
    what, do = CASES[number, label, key]
    assert what in str(finding.text)
    assert do in str(finding.advice)
    assert str(finding.advice)


def test_case_10_dnssec_is_broken(look: Look) -> None:
    assert "compare the DS record" in str(look("bogus.lab")["bogus.lab", "dnssec-broken"].advice)


@pytest.mark.parametrize(
    ("zone", "key", "advice"),
    [
        ("lame.lab", "servers-fail", "The zone is broken or half moved at your DNS provider"),
        ("dead.lab", "no-answer", "the name servers of dead.lab are down: ask your DNS provider"),
    ],
)
def test_case_11_name_servers_do_not_know_the_zone_or_are_dead(look: Look, zone: str, key: str, advice: str) -> None:
    assert advice in str(look(zone)[zone, key].advice)


def test_case_11_who_only_leads_on_to_such_servers_is_not_accused(look: Look) -> None:
    found = look("cut.example.lab")
    assert ("cut.example.lab", "servers-fail") in found
    assert "lame-server" not in {key for _, key in found}


def test_case_11_one_of_two_name_servers_has_no_copy_of_the_zone(look: Look) -> None:
    found = look("half.lab")
    assert str(found["half.lab", "failing-server"].text) == "ns2.example.lab, a name server of half.lab, fails"
    assert found["half.lab", "right"].level == "ok"


def test_case_12_a_name_server_lags(look: Look) -> None:
    finding = look("split.lab")["split.lab", "lag"]
    assert finding.level == "todo"
    assert "Usually they follow within minutes. If it stays so, ask your DNS provider." in str(finding.advice)


def test_case_14_a_wildcard_masks_what_is_missing(look: Look) -> None:
    finding = look("wild.example.lab")["groups.wild.example.lab", "wildcard"]
    assert "*.wild.example.lab answers and leads to 8.8.8.8" in str(finding.text)
    assert "it goes before the wildcard" in str(finding.advice)


def test_case_15_caa_forbids(look: Look) -> None:
    finding = look("forbid.example.lab", PUBLIC)["forbid.example.lab", "caa-forbids"]
    assert "allow other.lab, not letsencrypt.org" in str(finding.text)
    assert 'add CAA forbid.example.lab with: 0 issue "letsencrypt.org"' in str(finding.advice)


def test_case_16_caa_is_for_another_way_only(look: Look) -> None:
    way = f'{PUBLIC}[certificates.acme]\nchallenge = "http-01"\n'
    finding = look("method.example.lab", way)["method.example.lab", "caa-forbids"]
    assert str(finding.text) == "the CAA record of method.example.lab allows letsencrypt.org only by dns-01"
    assert ("method.example.lab", "caa-forbids") not in look("method.example.lab", PUBLIC)


def test_case_17_nobody_answers_for_caa(look: Look) -> None:
    found = look("bogus.lab", PUBLIC)
    assert not {key for name, key in found if name == "bogus.lab"} & {"caa-forbids", "right"}, "one fault, told once"
    assert found["bogus.lab", "dnssec-broken"].level == "!"
