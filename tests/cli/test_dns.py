"""The records of a server on the command line: shown, checked, exported."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import ANSWERS, Cli

from xmpp_wizard.core.dns.reply import Kind


@pytest.fixture
def cli(cli: Cli) -> Cli:
    """Lay answers ready."""
    cli.fakes.files.put(ANSWERS, 'domain = "a.example"\nfeatures.preset = "minimal"\n')
    cli.fakes.sockets.own_addresses = ("9.9.9.9",)
    return cli


def publish(cli: Cli) -> None:
    """Do what `dns show` says."""
    cli.fakes.resolver.zone("a.example", ns1="192.0.2.1")
    records = cli.json("dns", "show", "--answers", ANSWERS)["records"]
    for name, kind in {(record["name"], record["kind"]) for record in records}:
        values = [record["value"] for record in records if (record["name"], record["kind"]) == (name, kind)]
        cli.fakes.resolver.put(name, kind, *values)


def test_needed_records_come_first(cli: Cli) -> None:
    assert cli.run("dns", "show", "--answers", ANSWERS, is_root=False) == 0
    lines = cli.out.splitlines()
    assert lines[0].startswith("Needed:")
    assert lines[1].split() == ["a.example", "A", "9.9.9.9"]
    assert any(line.endswith("SRV   10 5 5222 a.example.") for line in lines)


def test_behind_a_router_the_table_says_whose_address(cli: Cli) -> None:
    cli.fakes.sockets.own_addresses = ("192.168.1.5",)
    cli.run("dns", "show", "--answers", ANSWERS)
    assert "A     (the public address of your line)" in cli.out


def test_what_is_shown_is_what_is_right(cli: Cli) -> None:
    publish(cli)
    assert cli.run("dns", "check", "--answers", ANSWERS) == 0, cli.out
    assert cli.out.splitlines()[-1] == "a.example: all records are right"
    assert "ok    a.example A: leads here: 9.9.9.9" in cli.out


def test_what_is_missing_is_told_with_what_to_do(cli: Cli) -> None:
    publish(cli)
    del cli.fakes.resolver.records["a.example", "A"]
    assert cli.run("dns", "check", "--answers", ANSWERS) == 3
    assert "!     a.example has no A record yet" in cli.out
    assert "        At your DNS provider, add A a.example with: 9.9.9.9" in cli.out


def test_what_could_be_better_is_no_failure(cli: Cli) -> None:
    publish(cli)
    kind: Kind = "SRV"
    del cli.fakes.resolver.records["_xmpp-client._tcp.a.example", kind]
    assert cli.run("dns", "check", "--answers", ANSWERS) == 0
    assert cli.out.splitlines()[-1] == "a.example: people reach the server; 1 things could be better"


def test_findings_for_scripts(cli: Cli) -> None:
    found = cli.json("dns", "check", "--answers", ANSWERS)
    assert found["is_right"] is False
    first = found["findings"][0]
    assert (first["key"], first["level"], first["name"], first["want"]) == ("missing", "!", "a.example", ["9.9.9.9"])


def test_a_zone_file(cli: Cli, tmp_path: Path) -> None:
    assert cli.run("dns", "export", "--answers", ANSWERS, "--zone", "a.example") == 0
    assert cli.out.startswith("$ORIGIN a.example.\n@ ")
    assert cli.run("dns", "export", "--answers", ANSWERS, "--file", str(tmp_path / "x")) == 0
    assert "a.example. " in (tmp_path / "x").read_text()
    assert cli.run("dns", "export", "--answers", ANSWERS, "--file", str(tmp_path / "no" / "x")) == 3


def test_without_a_server_or_answers_it_says_so(cli: Cli) -> None:
    assert cli.run("dns", "check") == 5
    assert cli.run("dns", "show", is_root=False) == 5


def test_what_a_website_elsewhere_needs(cli: Cli) -> None:
    assert cli.run("dns", "website", "--answers", ANSWERS) == 0
    assert cli.out == ""
    assert "Nothing is needed" in cli.err
    cli.fakes.files.put(ANSWERS, 'domain = "a.example"\n[network]\nhost = "xmpp.a.example"\n')
    cli.run("dns", "website", "--answers", ANSWERS)
    assert "# https://a.example/.well-known/host-meta.json" in cli.out
    assert "wss://xmpp.a.example/xmpp-websocket" in cli.out
    assert set(cli.json("dns", "website", "--answers", ANSWERS)["files"]) == {
        "/.well-known/host-meta",
        "/.well-known/host-meta.json",
    }


def test_the_status_tells_how_dns_was_last(cli: Cli) -> None:
    cli.set_up('domain = "a.example"\nfeatures.preset = "minimal"\n')
    cli.run("status")
    assert " DNS " not in cli.out
    assert cli.run("dns", "check") == 3
    assert cli.run("status") == 0
    assert "!     DNS       a.example has no A record yet and" in cli.out
    publish(cli)
    assert cli.run("dns", "check") == 0
    cli.run("status")
    assert "ok    DNS       all records are right (" in cli.out
    assert cli.json("status")["dns"]["is_right"] is True


@pytest.mark.parametrize("zone", ["a..b", "-x.example", "x" * 70 + ".example", "*.a.example", "a b", "a\nb", "."])
def test_a_zone_that_is_no_domain_is_refused_in_words(cli: Cli, zone: str) -> None:
    assert cli.run("dns", "export", "--answers", ANSWERS, f"--zone={zone}") == 64
    assert "Such as: --zone example.org" in cli.err
    assert not cli.out


def test_a_zone_without_any_of_the_records_is_a_slip(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "x.zone"
    assert cli.run("dns", "export", "--answers", ANSWERS, "--zone", "a.exmaple", "--file", str(file)) == 64
    assert "none of the records lies in a.exmaple" in cli.err
    assert "Such as: --zone a.example" in cli.err
    assert not file.exists()


@pytest.mark.parametrize("zone", ["A.Example", "a.example.", " a.example"])
def test_a_zone_may_be_written_in_any_way(cli: Cli, zone: str) -> None:
    assert cli.run("dns", "export", "--answers", ANSWERS, f"--zone={zone}") == 0
    assert cli.out.startswith("$ORIGIN a.example.\n")


def test_what_is_not_known_of_others_is_said_once(cli: Cli) -> None:
    cli.fakes.files.put(ANSWERS, 'domain = "family-chat.net"\nfeatures.preset = "minimal"\n')
    cli.fakes.resolver.zone("family-chat.net", ns1="192.168.1.53")
    told = "The name servers are in your own network: nobody outside was asked."
    cli.run("dns", "check", "--answers", ANSWERS)
    assert cli.out.count(told) == 1
    assert cli.json("dns", "check", "--answers", ANSWERS)["outside"] == told
