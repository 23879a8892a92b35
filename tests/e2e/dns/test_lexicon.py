"""Providers by lexicon: a real PowerDNS through its programming interface, and one that lies about a refusal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.e2e.dns.lab import HERE, Lab
from tests.e2e.dns.power import TOKEN, Power
from tests.fakes import Fakes

from xmpp_wizard.core.dns.account import Access, DnsAccount
from xmpp_wizard.core.dns.change import Change
from xmpp_wizard.core.dns.record import Record
from xmpp_wizard.core.dns.reply import Kind, Question, Reply
from xmpp_wizard.core.errors import DnsProviderError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.effects.dns_providers import NetworkDnsProviders
from xmpp_wizard.effects.resolver import NetworkResolver
from xmpp_wizard.engine.dns.texts import texts

pytestmark = pytest.mark.e2e

Z = "power.example"
RECORDS = (
    Record(f"new.{Z}", "A", "192.0.2.9"),
    Record(f"new.{Z}", "AAAA", "2001:db8::9"),
    Record(f"_xmpp-server._tcp.new.{Z}", "SRV", f"10 5 5269 new.{Z}."),
    Record(f"_acme-challenge.new.{Z}", "TXT", "one-text"),
    Record(f"_acme-challenge.new.{Z}", "TXT", "another-text"),
)


@pytest.fixture(scope="module")
def power(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a PowerDNS with one zone; its interface is on port 8081."""
    with Power(tmp_path_factory.mktemp("pdns"), "127.66.2.15") as server:
        server.zone(Z, f"ns1.{Z}")
        yield server.address


def access(address: str, token: str = TOKEN, provider: str = "powerdns") -> Access:
    options = (("pdns_server", f"http://{address}:8081"), ("pdns_server_id", "localhost"))
    return Access(DnsAccount(provider, secret_file="/root/token", options=options), Secret(token))


def ask(server: str, name: str, kind: Kind) -> Reply:
    question = Question(name, kind, server)
    return NetworkResolver().ask([question], [], 5)[question]


def test_records_come_and_go(power: str) -> None:
    NetworkDnsProviders().apply(access(power), Change(Z, RECORDS))
    there = {record: record.value in ask(power, record.name, record.kind).values for record in RECORDS}
    assert all(there.values()), there
    NetworkDnsProviders().apply(access(power), Change(Z, remove=RECORDS[:4]))
    assert ask(power, RECORDS[3].name, "TXT").values == ("another-text",)
    assert ask(power, RECORDS[0].name, "A").values == ()
    NetworkDnsProviders().apply(access(power), Change(Z, remove=RECORDS[4:]))


def test_half_of_the_records_and_then_a_refusal(power: str) -> None:
    wrong = replace(RECORDS[1], value="no-address")
    with pytest.raises(DnsProviderError, match="powerdns") as raised:
        NetworkDnsProviders().apply(access(power), Change(Z, (RECORDS[0], wrong, *RECORDS[2:])))
    assert str(raised.value.hint)
    assert ask(power, RECORDS[0].name, "A").values == (RECORDS[0].value,)
    assert ask(power, RECORDS[2].name, "SRV").values == ()
    # the next run makes what is missing, and nothing twice
    NetworkDnsProviders().apply(access(power), Change(Z, RECORDS))
    assert {record: record.value in ask(power, record.name, record.kind).values for record in RECORDS} == dict.fromkeys(
        RECORDS, True
    )
    assert ask(power, RECORDS[0].name, "A").values == (RECORDS[0].value,)
    NetworkDnsProviders().apply(access(power), Change(Z, remove=RECORDS))
    assert ask(power, RECORDS[0].name, "A").values == ()


@pytest.mark.parametrize(
    ("provider", "token", "words", "hint"),
    [
        ("powerdns", "wrong-token", "powerdns refuses the token: HTTP 401", "/root/token"),
        ("powerdsn", TOKEN, "there is no DNS provider powerdsn", "Did you mean: powerdns"),
        ("route53", TOKEN, "route53 needs a library", "dns show"),
    ],
)
def test_what_is_wrong_is_told(power: str, provider: str, token: str, words: str, hint: str) -> None:
    with pytest.raises(DnsProviderError) as raised:
        NetworkDnsProviders().apply(access(power, token, provider), Change(Z, RECORDS[:1]))
    assert words in str(raised.value)
    assert hint in str(raised.value.hint)
    assert token not in repr(raised.value)


def test_a_provider_that_is_down() -> None:
    with pytest.raises(DnsProviderError, match="powerdns is not reached"):
        NetworkDnsProviders().apply(access("127.66.2.99"), Change(Z, RECORDS[:1]))


def test_a_zone_that_the_provider_does_not_have(power: str) -> None:
    with pytest.raises(DnsProviderError, match=r"powerdns (did not take the change|refuses)"):
        NetworkDnsProviders().apply(access(power), Change("other.example", (Record("other.example", "A", HERE),)))


def test_who_takes_too_long_is_stopped(power: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xmpp_wizard.effects.dns_providers.lexicon._SECONDS", 0.05)
    began = time.monotonic()
    with pytest.raises(DnsProviderError, match="did not answer within"):
        NetworkDnsProviders().apply(access(power), Change(Z, RECORDS[:1]))
    assert time.monotonic() - began < 2


def test_a_refusal_that_is_told_as_success_is_found_out(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lexicon's provider for name servers never reads their answer: this zone is not changed by this key."""
    monkeypatch.setattr("xmpp_wizard.engine.dns.publish._WAIT_SECONDS", 0)
    fakes = Fakes()
    fakes.files.put("/root/token", "hmac-sha256:stranger:qfGZbU3sFFX4WbxRRL4Dp6G2fNrDWyxJxgVYQJ1AgFk=")
    world = replace(fakes.world(), resolver=NetworkResolver(), dns_providers=NetworkDnsProviders())
    account = DnsAccount("ddns", secret_file="/root/token", options=(("ddns_server", lab.ns1),))
    names = {"_acme-challenge.example.lab": ("one",)}
    with pytest.raises(DnsProviderError), texts(world, Layout(), account, names, (lab.resolver,)):
        pytest.fail("not published, and yet the block runs")
