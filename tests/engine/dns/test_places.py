"""Proofs by an acme-dns server: one place for each name, given once, told, and only used where the name leads there."""

from __future__ import annotations

import pytest
from tests.fakes import Fakes
from tests.servers import answers

from xmpp_wizard.core.acme.advice import explain
from xmpp_wizard.core.dns.account import DnsAccount
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.wanted.desired import desired
from xmpp_wizard.engine.dns.made import all_made
from xmpp_wizard.engine.dns.texts import texts
from xmpp_wizard.engine.records import dns

D = "fam.example"
ACCOUNT = DnsAccount("acme-dns", api_url="https://auth.example")
NAME, OTHER = f"_acme-challenge.{D}", f"_acme-challenge.groups.{D}"
FILE = "/var/lib/xmpp-wizard/acme/acme-dns.json"


@pytest.fixture
def fakes() -> Fakes:
    fakes = Fakes()
    fakes.resolver.zone(D, ns1="192.0.2.1")
    fakes.resolver.zone("auth.example", ns1="192.0.2.3")
    return fakes


def prove(fakes: Fakes, *names: str) -> dict[str, str]:
    """Return what is to be done for the names that cannot be proven."""
    with texts(fakes.world(), Layout(), ACCOUNT, dict.fromkeys(names, ("one", "two")), ()) as strayed:
        return {name: str(explain(problem, "x")[0].do) for name, problem in strayed.items()}


def test_each_name_gets_one_place_and_is_told_where_to_lead(fakes: Fakes) -> None:
    for _ in range(2):
        found = prove(fakes, NAME, OTHER)
        assert f"{NAME} CNAME place1.auth.example." in found[NAME]
        assert f"{OTHER} CNAME place2.auth.example." in found[OTHER]
    assert len(fakes.dns_providers.places) == 2
    assert fakes.files.nodes[FILE].mode == 0o600
    assert fakes.files.nodes["/var/lib/xmpp-wizard/acme"].mode == 0o700


def test_who_leads_there_is_proven_and_who_does_not_keeps_no_other_back(fakes: Fakes) -> None:
    prove(fakes, NAME, OTHER)
    fakes.resolver.put(NAME, "CNAME", "place1.auth.example.")
    fakes.resolver.put(OTHER, "CNAME", "place9.auth.example.")
    assert set(prove(fakes, NAME, OTHER)) == {OTHER}
    assert fakes.resolver.records["place1.auth.example", "TXT"] == ("one", "two")
    assert not all_made(fakes.world(), Layout()), "nothing of it can be taken away, so nothing is to be"


def test_over_another_name_is_fine(fakes: Fakes) -> None:
    prove(fakes, NAME)
    fakes.resolver.put(NAME, "CNAME", f"proofs.{D}.")
    fakes.resolver.put(f"proofs.{D}", "CNAME", "place1.auth.example.")
    assert not prove(fakes, NAME)


def test_a_file_that_is_damaged_means_new_places(fakes: Fakes) -> None:
    prove(fakes, NAME)
    fakes.files.put(FILE, "{")
    assert "place2.auth.example." in prove(fakes, NAME)[NAME]


def test_dns_show_and_check_have_the_records(fakes: Fakes) -> None:
    said = answers(
        'features.preset = "minimal"\ncertificates.source = "acme"\n'
        '[certificates.acme]\nacme_dns_url = "https://auth.example/"\nwildcard = true'
    )
    source = desired(said).certificate_source.acme
    assert source is not None
    assert source.dns == ACCOUNT
    world = fakes.world()
    assert not [item for item in dns.records(world, Layout(), said) if item.kind == "CNAME"]
    prove(fakes, NAME)
    wanted = [item for item in dns.records(world, Layout(), said) if item.kind == "CNAME"]
    assert [(item.name, item.value) for item in wanted] == [(NAME, "place1.auth.example.")]
    found = {item.name: item for item in dns.report(world, Layout(), said).findings if item.kind == "CNAME"}
    assert (found[NAME].level, found[NAME].key) == ("!", "missing")
    fakes.resolver.put(NAME, "CNAME", "place1.auth.example.")
    found = {item.name: item for item in dns.report(world, Layout(), said).findings if item.kind == "CNAME"}
    assert found[NAME].level == "ok"


def test_no_password_shows_itself(fakes: Fakes) -> None:
    prove(fakes, NAME)
    assert "password-place1" not in repr(next(iter(fakes.dns_providers.places.values())))
