"""A domain whose website is elsewhere: what moves to the machine's own name, and what stays."""

from __future__ import annotations

from tests.servers import config, host, server

TEXT = '[network]\nhost = "xmpp.fam.example"'


def test_pages_and_web_apps_move() -> None:
    found = config(TEXT)
    assert host(found, "fam.example")["http_external_url"] == "https://xmpp.fam.example/"
    assert host(found, "fam.example")["invites_page"].startswith("https://xmpp.fam.example/")


def test_the_name_is_served_and_certified_but_speaks_to_no_other_server() -> None:
    assert "xmpp.fam.example" in server(TEXT).certificates[0].names
    assert {"s2s", "dialback"} <= set(host(config(TEXT), "xmpp.fam.example")["modules_disabled"])


def test_the_domain_needs_no_address_and_its_services_need_records() -> None:
    records = {(record.name, record.kind): record.is_required for record in server(TEXT).records}
    assert ("fam.example", "A/AAAA") not in records
    assert records["xmpp.fam.example", "A/AAAA"]
    assert records["_xmpp-client._tcp.fam.example", "SRV"]
    assert records["_xmpp-server._tcp.fam.example", "SRV"]


def test_further_domains_stay_as_they_are() -> None:
    found = server('extra_domains = ["b.example"]\n' + TEXT)
    records = {(record.name, record.kind): record.is_required for record in found.records}
    assert records["b.example", "A/AAAA"]
    assert not records["_xmpp-client._tcp.b.example", "SRV"]


def test_without_a_name_of_its_own_nothing_changes() -> None:
    assert server('[network]\nhost = "fam.example"').records == server().records
