"""Entering records: shown first, only our own taken away, resumed after half a failure, removed at the end."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.cli.conftest import ANSWERS, Cli

from xmpp_wizard.core.dns.reply import Kind, State

TOKEN = "/root/token"
TEXT = f"""domain = "a.example"
features.preset = "minimal"
[dns]
provider = "desec"
token_file = "{TOKEN}"
"""


@pytest.fixture
def cli(cli: Cli) -> Cli:
    """Lay answers and a token ready; the zone is there and empty."""
    cli.fakes.files.put(ANSWERS, TEXT)
    cli.fakes.files.put(TOKEN, "right\n")
    cli.fakes.sockets.own_addresses = ("9.9.9.9",)
    cli.fakes.resolver.zone("a.example", ns1="192.0.2.1", ns2="192.0.2.2")
    return cli


def push(cli: Cli, *words: str) -> int:
    return cli.run("dns", "push", "--answers", ANSWERS, "--yes", *words)


def test_a_push_makes_everything_right_and_a_second_one_does_nothing(cli: Cli) -> None:
    assert push(cli) == 0, cli.err
    assert "+ a.example A 9.9.9.9" in cli.out
    assert "all name servers have it" in cli.err
    assert cli.run("dns", "check", "--answers", ANSWERS) == 0, cli.out
    assert push(cli) == 0
    assert cli.out == "Nothing to change.\n"
    assert len(cli.fakes.dns_providers.changes) == 1


def test_a_zone_that_nobody_tells_of_is_no_success(cli: Cli) -> None:
    cli.fakes.resolver.records.clear()
    assert push(cli) == 3
    assert "Nothing to change" not in cli.out
    assert "a.example, groups.a.example: no name server tells what is there" in " ".join(cli.err.split())
    assert not cli.fakes.dns_providers.changes


@pytest.mark.parametrize(("domain", "way"), [("home.lan", "in your router"), ("b.example", "Set dns.provider")])
def test_without_a_provider_the_way_out_is_one_that_the_domain_has(cli: Cli, domain: str, way: str) -> None:
    cli.fakes.files.put(ANSWERS, f'domain = "{domain}"\n')
    assert push(cli) == 5
    assert way in " ".join(cli.err.split())
    assert ("provider" in cli.err) == (domain == "b.example")


def test_a_zone_that_the_domain_is_not_in(cli: Cli) -> None:
    cli.fakes.files.put(ANSWERS, TEXT + 'zone = "other.example"\n')
    assert push(cli) == 3
    assert "not in other.example, the only zone that dns.zone lets be changed" in " ".join(cli.err.split())


def test_a_removal_that_sees_no_zone_forgets_nothing(cli: Cli) -> None:
    assert push(cli) == 0
    records = dict(cli.fakes.resolver.records)
    cli.fakes.resolver.records.clear()
    assert cli.run("dns", "push", "--remove", "--yes") == 3
    cli.fakes.resolver.records.update(records)
    assert cli.run("dns", "push", "--remove", "--yes") == 0
    assert ("a.example", "A") not in cli.fakes.resolver.records


def test_nobody_to_ask_nothing_done(cli: Cli) -> None:
    assert cli.run("dns", "push", "--answers", ANSWERS) == 5
    assert "+ a.example A 9.9.9.9" in cli.out
    assert not cli.fakes.dns_providers.changes


def test_a_no_changes_nothing(cli: Cli) -> None:
    cli.type("n\n")
    assert cli.run("dns", "push", "--answers", ANSWERS) == 5
    assert not cli.fakes.dns_providers.changes


def test_what_others_made_stays(cli: Cli) -> None:
    cli.fakes.resolver.put("a.example", "A", "8.8.8.8")
    cli.fakes.resolver.put("a.example", "AAAA", "2600::9")
    cli.fakes.resolver.put("www.a.example", "A", "8.8.8.8")
    assert push(cli) == 5
    assert "a.example A stays 8.8.8.8, which somebody else made; wanted: 9.9.9.9" in cli.out
    assert cli.fakes.resolver.records["a.example", "A"] == ("8.8.8.8",)
    assert push(cli, "--replace") == 0
    assert "- a.example A 8.8.8.8" in cli.out
    assert cli.fakes.resolver.records["a.example", "A"] == ("9.9.9.9",)
    assert ("a.example", "AAAA") not in cli.fakes.resolver.records
    assert cli.fakes.resolver.records["www.a.example", "A"] == ("8.8.8.8",)


def test_an_alias_of_others_stands_in_the_way(cli: Cli) -> None:
    cli.fakes.resolver.put("web.example.net", "A", "8.8.8.8")
    cli.fakes.resolver.put("groups.a.example", "CNAME", "web.example.net.")
    assert push(cli) == 5
    assert "groups.a.example" in cli.out
    assert push(cli, "--replace") == 0
    assert "- groups.a.example CNAME web.example.net." in cli.out
    assert cli.fakes.resolver.records["groups.a.example", "A"] == ("9.9.9.9",)


def test_priorities_that_the_admin_chose_stay(cli: Cli) -> None:
    cli.fakes.resolver.put("_xmpp-client._tcp.a.example", "SRV", "1 99 5222 a.example.")
    assert push(cli) == 0
    assert cli.fakes.resolver.records["_xmpp-client._tcp.a.example", "SRV"] == ("1 99 5222 a.example.",)


def test_a_new_address_replaces_our_old_one(cli: Cli) -> None:
    push(cli)
    cli.fakes.sockets.own_addresses = ("9.9.9.10",)
    assert push(cli) == 0
    assert "- a.example A 9.9.9.9" in cli.out
    assert cli.fakes.resolver.records["a.example", "A"] == ("9.9.9.10",)


def test_half_a_push_is_gone_on_with(cli: Cli) -> None:
    cli.fakes.dns_providers.most = 3
    assert push(cli) == 3
    assert "the line was cut" in cli.err
    cli.fakes.dns_providers.most = -1
    assert push(cli) == 0
    assert cli.run("dns", "check", "--answers", ANSWERS) == 0
    assert cli.run("dns", "push", "--remove", "--yes") == 0
    assert {name for name, _ in cli.fakes.resolver.records} == {"a.example", "ns1.a.example", "ns2.a.example"}


def test_all_of_ours_can_be_taken_away(cli: Cli) -> None:
    before = {**cli.fakes.resolver.records}
    push(cli)
    cli.fakes.resolver.put("www.a.example", "A", "8.8.8.8")
    assert cli.run("dns", "push", "--remove", "--yes") == 0
    del cli.fakes.resolver.records["www.a.example", "A"]
    assert cli.fakes.resolver.records == before
    assert cli.run("dns", "push", "--remove", "--yes") == 0
    assert cli.out == "Nothing to change.\n"


def test_an_address_that_is_not_known_is_left_to_the_person(cli: Cli) -> None:
    cli.fakes.sockets.own_addresses = ("192.168.1.5",)
    assert push(cli) == 0
    assert "Left to you:" in cli.out
    assert "a.example A (the public address of your line)" in cli.out


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda cli: cli.fakes.files.put(TOKEN, "wrong"), "another secret"),
        (lambda cli: cli.fakes.files.put(TOKEN, ""), "(dns.token_file) holds no secret: it is empty"),
        (lambda cli: setattr(cli.fakes.dns_providers, "is_liar", True), "name servers do not have it"),
    ],
)
def test_what_goes_wrong_is_told(cli: Cli, change: Callable[[Cli], None], words: str) -> None:
    change(cli)
    assert push(cli) == 3
    assert words in " ".join(cli.err.split())


def test_without_a_provider_it_says_how(cli: Cli) -> None:
    cli.fakes.files.put(ANSWERS, 'domain = "a.example"\n')
    assert push(cli) == 5
    assert "dns.provider" in cli.err


def test_for_scripts(cli: Cli) -> None:
    found = cli.json("dns", "push", "--answers", ANSWERS, "--yes")
    assert found["changes"][0]["zone"] == "a.example"
    assert {"name": "a.example", "kind": "A", "value": "9.9.9.9", "is_required": False} in found["changes"][0]["add"]
    assert found["blocked"] == []


def test_an_uninstall_takes_our_records_away(cli: Cli) -> None:
    before = {**cli.fakes.resolver.records}
    cli.set_up(TEXT)
    assert cli.run("dns", "push", "--yes") == 0, cli.err
    assert cli.run("uninstall", "--yes") == 0
    assert "records in DNS, made by this program" in cli.err
    assert cli.fakes.resolver.records == before


def test_an_uninstall_goes_on_where_dns_cannot_be_changed(cli: Cli) -> None:
    cli.set_up(TEXT)
    cli.run("dns", "push", "--yes")
    cli.fakes.files.put(TOKEN, "wrong")
    found = cli.json("uninstall", "--yes")
    assert "a.example A 9.9.9.9" in found["kept"]
    assert "removed by hand" in cli.err
    assert "left in DNS: a.example A 9.9.9.9\n" in cli.err, "nobody else knows them any more"
    assert not cli.fakes.containers.containers


def test_an_uninstall_that_sees_no_zone_says_what_stays(cli: Cli) -> None:
    cli.set_up(TEXT)
    cli.run("dns", "push", "--yes")
    cli.fakes.resolver.records.clear()
    assert "a.example A 9.9.9.9" in cli.json("uninstall", "--yes")["kept"]
    assert "removed by hand: no name server tells what is there" in " ".join(cli.err.split())


@pytest.mark.parametrize("kind", ["A", "AAAA"])
def test_a_wildcard_of_others_stands_in_nobodys_way(cli: Cli, kind: Kind) -> None:
    """A record of a name's own goes before it; the wildcard itself is not touched."""
    address = {"A": "8.8.8.8", "AAAA": "2600::9"}[kind]
    cli.fakes.resolver.put("*.a.example", kind, address)
    assert push(cli) == 0, cli.out
    assert "stays" not in cli.out
    assert "- " not in cli.out
    assert cli.fakes.resolver.records["groups.a.example", "A"] == ("9.9.9.9",)
    assert cli.fakes.resolver.records["*.a.example", kind] == (address,)


def test_a_wildcard_alias_of_others_stands_in_nobodys_way(cli: Cli) -> None:
    cli.fakes.resolver.put("web.example.net", "A", "8.8.8.8")
    cli.fakes.resolver.put("*.a.example", "CNAME", "web.example.net.")
    assert push(cli) == 0, cli.out
    assert cli.fakes.resolver.records["groups.a.example", "A"] == ("9.9.9.9",)


def test_a_record_that_is_no_wildcards_still_stays(cli: Cli) -> None:
    cli.fakes.resolver.put("*.a.example", "A", "8.8.8.8")
    cli.fakes.resolver.put("groups.a.example", "A", "8.8.4.4")
    assert push(cli) == 5
    assert "groups.a.example A stays 8.8.4.4, which somebody else made" in cli.out


def test_a_name_between_others_is_free_below_a_wildcard(cli: Cli) -> None:
    """The wildcard does not hold for a name that only has names below it (RFC 4592 2.2.2)."""
    cli.fakes.resolver.put("*.a.example", "A", "8.8.8.8")
    cli.fakes.resolver.put("old.groups.a.example", "A", "8.8.4.4")
    assert push(cli) == 0, cli.out


@pytest.mark.parametrize(
    "content",
    [b"right\n# from the provider's page\n", b"\n\nright\r\n\r\nmade in 2026\r\n", b"\xef\xbb\xbfright\r\n"],
    ids=["a second line", "from Windows", "a mark of the byte order"],
)
def test_a_token_is_what_stands_on_the_first_line(cli: Cli, content: bytes) -> None:
    cli.fakes.files.put(TOKEN, content)
    assert push(cli) == 0, cli.err


@pytest.mark.parametrize("content", [b"ri\x00ght", "schlüssel".encode(), b"\xff\xfe\x00", b"two words", b"\x1b[2J"])
def test_what_cannot_be_a_token_is_sent_to_nobody(cli: Cli, content: bytes) -> None:
    cli.fakes.files.put(TOKEN, content)
    assert push(cli) == 3
    assert f"{TOKEN} (dns.token_file) holds no " in " ".join(cli.err.split())
    assert not cli.fakes.dns_providers.changes


@pytest.mark.parametrize("state", ["SERVFAIL", "REFUSED", "LAME"])
def test_a_name_server_that_does_not_know_the_zone_is_not_waited_for(cli: Cli, state: State) -> None:
    """It is dns check that tells of it; the others have everything."""
    cli.fakes.resolver.states["192.0.2.2", "a.example"] = state
    assert push(cli) == 0, cli.err
