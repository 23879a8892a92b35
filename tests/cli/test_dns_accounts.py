"""Records go by the account that made them, and what was refused is nobody's yet."""

from __future__ import annotations

import json

import pytest
from tests.cli.conftest import ANSWERS, Cli

from xmpp_wizard.core.dns.account import DnsAccount
from xmpp_wizard.core.dns.record import Record
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.engine.dns.made import makings

OLD, NEW = "a.example", "b.example"
FIRST, SECOND = "/root/token", "/root/other-token"
REMEMBERED = "/var/lib/xmpp-wizard/dns.json"


def answers(domain: str, token_file: str, provider: str = "desec") -> str:
    return f"""domain = "{domain}"
features.preset = "minimal"
[dns]
provider = "{provider}"
token_file = "{token_file}"
"""


@pytest.fixture
def cli(cli: Cli) -> Cli:
    """Lay two tokens ready, one for each of two empty zones."""
    cli.fakes.files.put(FIRST, "right\n")
    cli.fakes.files.put(SECOND, "second\n")
    cli.fakes.dns_providers.secrets = {NEW: "second"}
    cli.fakes.sockets.own_addresses = ("9.9.9.9",)
    for domain in (OLD, NEW):
        cli.fakes.resolver.zone(domain, ns1="192.0.2.1", ns2="192.0.2.2")
    return cli


def push(cli: Cli, text: str, *words: str) -> int:
    cli.fakes.files.put(ANSWERS, text)
    return cli.run("dns", "push", "--answers", ANSWERS, "--yes", *words)


def made(cli: Cli) -> dict[str, set[str]]:
    """Return the names that are remembered, by the file of their account's token."""
    found = makings(cli.fakes.world(), Layout())
    return {one.account.secret_file: {record.name for record in one.records} for one in found}


def test_what_was_refused_may_be_entered_by_hand_and_stays(cli: Cli) -> None:
    cli.fakes.files.put(FIRST, "wrong\n")
    cli.set_up(answers(OLD, FIRST))
    assert push(cli, answers(OLD, FIRST)) == 3
    assert made(cli) == {}
    cli.fakes.resolver.put(OLD, "A", "9.9.9.9")
    cli.fakes.files.put(FIRST, "right\n")
    assert cli.run("uninstall", "--yes") == 0
    assert cli.fakes.resolver.records[OLD, "A"] == ("9.9.9.9",), "it was never ours"


def test_a_refusal_later_on_forgets_nothing_that_is_there(cli: Cli) -> None:
    assert push(cli, answers(OLD, FIRST)) == 0
    before = made(cli)
    cli.fakes.sockets.own_addresses = ("9.9.9.10",)
    cli.fakes.files.put(FIRST, "wrong\n")
    assert push(cli, answers(OLD, FIRST)) == 3
    assert made(cli) == before
    cli.fakes.files.put(FIRST, "right\n")
    assert cli.run("dns", "push", "--remove", "--yes") == 0
    assert (OLD, "A") not in cli.fakes.resolver.records


def test_what_was_cut_off_half_way_is_known(cli: Cli) -> None:
    cli.fakes.dns_providers.most = 2
    assert push(cli, answers(OLD, FIRST)) == 3
    assert OLD in made(cli)[FIRST]


def test_records_of_two_accounts_each_go_by_their_own(cli: Cli) -> None:
    before = dict(cli.fakes.resolver.records)
    cli.set_up(answers(OLD, FIRST))
    assert push(cli, answers(OLD, FIRST)) == 0
    cli.fakes.files.put(ANSWERS, answers(NEW, SECOND))
    assert cli.run("apply", "--answers", ANSWERS, "--yes", "--allow-destroy", "--no-proof") == 0, cli.err
    assert push(cli, answers(NEW, SECOND)) == 0, cli.err
    assert cli.fakes.resolver.records[OLD, "A"] == ("9.9.9.9",), "this account has no right to that zone"
    assert made(cli).keys() == {FIRST, SECOND}
    assert cli.run("uninstall", "--yes") == 0
    assert cli.fakes.resolver.records == before, cli.err


def test_one_account_that_is_lost_keeps_no_other(cli: Cli) -> None:
    cli.set_up(answers(OLD, FIRST))
    assert push(cli, answers(OLD, FIRST)) == 0
    assert push(cli, answers(NEW, SECOND)) == 0
    cli.fakes.files.remove(FIRST)
    kept = cli.json("uninstall", "--yes")["kept"]
    assert f"{OLD} A 9.9.9.9" in kept
    assert not [line for line in kept if NEW in line]
    assert (NEW, "A") not in cli.fakes.resolver.records
    assert f"left in DNS: {OLD} A 9.9.9.9" in cli.err


@pytest.mark.parametrize("address", ["9.9.9.9", "9.9.9.10"])
def test_a_token_that_moved_is_used_from_then_on(cli: Cli, address: str) -> None:
    assert push(cli, answers(OLD, FIRST)) == 0
    moved = "/etc/dns-token"
    cli.fakes.files.put(moved, "right\n")
    cli.fakes.files.remove(FIRST)
    cli.fakes.sockets.own_addresses = (address,)
    assert push(cli, answers(OLD, moved)) == 0, cli.err
    assert cli.fakes.resolver.records[OLD, "A"] == (address,)
    assert made(cli).keys() == {moved}
    assert cli.run("dns", "push", "--remove", "--yes") == 0
    assert (OLD, "A") not in cli.fakes.resolver.records


def test_a_zone_that_moved_to_another_provider_is_changed_there(cli: Cli) -> None:
    assert push(cli, answers(OLD, FIRST)) == 0
    cli.fakes.dns_providers.secrets[OLD] = "second"
    cli.fakes.sockets.own_addresses = ("9.9.9.10",)
    assert push(cli, answers(OLD, SECOND, "cloudflare")) == 0, cli.err
    assert cli.fakes.resolver.records[OLD, "A"] == ("9.9.9.10",)
    assert made(cli).keys() == {SECOND}


def test_what_an_earlier_version_remembered_is_read(cli: Cli) -> None:
    account = {"provider": "desec", "secret_file": FIRST}
    records = [{"name": OLD, "kind": "A", "value": "9.9.9.9"}]
    cli.fakes.files.put(REMEMBERED, json.dumps({"records": records, "account": account, "resolvers": []}))
    (found,) = makings(cli.fakes.world(), Layout())
    assert found.account == DnsAccount("desec", secret_file=FIRST)
    assert found.records == (Record(OLD, "A", "9.9.9.9"),)
