"""Which records a server gets, exactly."""

from __future__ import annotations

from tests.servers import server

from xmpp_wizard.core.dns.caa import Issuer
from xmpp_wizard.core.dns.record import Own, Record, own_addresses, wanted
from xmpp_wizard.core.dns.zone_file import rdata, zone_text

BOTH = Own(("198.51.100.7", "2001:db8::7"))


def lines(records: tuple[Record, ...]) -> list[str]:
    return [f"{record.name} {record.kind} {record.value}" for record in records]


def test_the_smallest_server_has_these_records() -> None:
    found = lines(wanted(server('[features]\npreset = "minimal"'), BOTH))
    assert found == [
        "fam.example A 198.51.100.7",
        "fam.example AAAA 2001:db8::7",
        "groups.fam.example A 198.51.100.7",
        "groups.fam.example AAAA 2001:db8::7",
        "_xmpp-client._tcp.fam.example SRV 10 5 5222 fam.example.",
        "_xmpp-server._tcp.fam.example SRV 10 5 5269 fam.example.",
        "_xmpps-client._tcp.fam.example SRV 5 5 5223 fam.example.",
        "_xmpps-server._tcp.fam.example SRV 5 5 5270 fam.example.",
        "_xmpp-server._tcp.groups.fam.example SRV 10 5 5269 fam.example.",
        "_xmpps-server._tcp.groups.fam.example SRV 5 5 5270 fam.example.",
    ]


def test_a_machine_with_another_name_is_where_services_lead() -> None:
    found = wanted(server('[network]\nhost = "xmpp.fam.example"'), BOTH)
    assert Record("xmpp.fam.example", "A", "198.51.100.7", is_required=True) in found
    services = [record for record in found if record.kind == "SRV" and record.name.startswith("_xmpp")]
    assert all(record.value.endswith("xmpp.fam.example.") for record in services)


def test_behind_a_router_the_address_is_left_to_the_person() -> None:
    own = own_addresses((), (), ("192.168.1.5", "2001:db8::7"), is_at_home=False)
    assert own.is_behind_router
    assert Record("fam.example", "A", "", is_required=True) in wanted(server(), own)


def test_one_address_of_each_kind_is_published() -> None:
    own = own_addresses((), (), ("9.9.9.9", "2600::1", "2600::2"), is_at_home=False)
    assert own.published == ("9.9.9.9", "2600::1")
    assert own.has("2600::2")
    assert not own.is_behind_router


def test_at_home_private_addresses_are_right() -> None:
    own = own_addresses((), (), ("192.168.1.5",), is_at_home=True)
    assert own.published == ("192.168.1.5",)


def test_at_home_the_container_engine_s_addresses_are_not_published() -> None:
    own = own_addresses((), (), ("192.168.1.5", "172.17.0.1", "fd00::5", "fd01::1"), is_at_home=True)
    assert own.published == ("192.168.1.5", "fd00::5")
    assert own.has("172.17.0.1"), "and yet it is no other machine's"


def test_chosen_addresses_go_before_all_others() -> None:
    own = own_addresses(("8.8.4.4",), ("127.0.0.5",), ("192.168.1.5",), is_at_home=False)
    assert (own.published, own.is_behind_router) == (("8.8.4.4",), False)


def test_who_may_issue_and_which_key_is_served_are_records_too() -> None:
    issuer = Issuer(("letsencrypt.org",), "https://ca.example/1")
    found = lines(wanted(server(), BOTH, caa=issuer.record, pins=("ab" * 32,)))
    assert 'fam.example CAA 0 issue "letsencrypt.org; accounturi=https://ca.example/1"' in found
    pinned = sorted(line.split()[0] for line in found if " TLSA " in line)
    assert pinned == [f"_{port}._tcp.fam.example" for port in (5222, 5223, 5269, 5270)]


def test_a_zone_file_has_the_records_of_its_zone_only() -> None:
    records = (
        Record("fam.example", "A", "9.9.9.9"),
        Record("x.other.example", "A", "9.9.9.9"),
        Record("fam.example", "A", ""),
    )
    text = zone_text(records, "fam.example")
    assert text.splitlines()[0] == "$ORIGIN fam.example."
    assert [" ".join(line.split()) for line in text.splitlines()[1:]] == [
        "@ 300 IN A 9.9.9.9",
        "; @ 300 IN A (the public address of your line)",
    ]
    assert "other" not in text


def test_a_long_text_is_cut_and_its_quotes_are_kept() -> None:
    value = rdata(Record("a.example", "TXT", 'say "hi" \\' + "x" * 300 + "é"))
    assert value.startswith('"say \\"hi\\" \\\\')
    assert value.count('" "') == 1
    assert value.endswith('\\195\\169"')
