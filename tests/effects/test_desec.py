"""deSEC, against a server that answers as its documentation says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.desec import Desec, Token, Zone

from xmpp_wizard.core.dns.account import Access, DnsAccount
from xmpp_wizard.core.dns.change import Change
from xmpp_wizard.core.dns.record import Record
from xmpp_wizard.core.errors import DnsProviderError, DnsRefusedError, NameTakenError
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.effects.dns_providers import NetworkDnsProviders
from xmpp_wizard.effects.dns_providers import desec as module
from xmpp_wizard.effects.dns_providers.web import Answer

Z = "chat.dedyn.io"
PROVIDERS = NetworkDnsProviders()
RIGHT = "right"
RECORDS = (
    Record(Z, "A", "192.0.2.9"),
    Record(Z, "AAAA", "2001:db8::9"),
    Record(Z, "CAA", '0 issue "letsencrypt.org"'),
    Record(f"_xmpp-client._tcp.{Z}", "SRV", f"0 5 5222 {Z}."),
    Record(f"_5222._tcp.{Z}", "TLSA", f"3 1 1 {'ab' * 32}"),
    Record(f"_acme-challenge.{Z}", "TXT", "one-text"),
    Record(f"_acme-challenge.{Z}", "TXT", 'a "second"; one'),
)


@pytest.fixture
def desec() -> Iterator[Desec]:
    tokens = {
        "right": Token(),
        "narrow": Token(creates=False, writes=frozenset()),
        "bob": Token("bob"),
    }
    with Desec("127.0.46.2", tokens=tokens, zones={"taken.dedyn.io": Zone("carol")}) as running:
        yield running


def access(desec: Desec, token: str = RIGHT) -> Access:
    return Access(DnsAccount("desec", zone=Z, secret_file="/root/token", api_url=desec.url), Secret(token))


def test_a_name_is_claimed_once(desec: Desec) -> None:
    assert not PROVIDERS.has(access(desec), Z)
    for _ in range(2):
        PROVIDERS.claim(access(desec), Z)
    assert PROVIDERS.has(access(desec), Z)
    assert desec.seen.count("POST /api/v1/domains/") == 1


def test_a_token_that_may_not_write_is_found_out_before_anything_is_changed(desec: Desec) -> None:
    desec.zones[Z] = Zone("alice", sets={("", "A"): ["192.0.2.1"]})
    assert PROVIDERS.has(access(desec), Z)
    with pytest.raises(DnsRefusedError, match="the token may not change"):
        PROVIDERS.has(access(desec, "narrow"), Z)
    assert desec.zones[Z].sets == {("", "A"): ["192.0.2.1"]}


def test_all_kinds_come_and_go_in_one_request(desec: Desec) -> None:
    desec.zones[Z] = Zone("alice", minimum_ttl=3600)
    desec.zones[Z].sets = {(f"old{number}", "A"): ["192.0.2.1"] for number in range(12)}
    desec.zones[Z].sets["", "AAAA"] = ["2001:db8::1"]
    PROVIDERS.apply(access(desec), Change(Z, RECORDS, ttl_seconds=60))
    assert sum(item.startswith("PATCH") for item in desec.seen) == 1
    assert desec.values(Z, "AAAA") == ["2001:db8::1", "2001:db8::9"], "what others made stays"
    assert desec.values(f"_acme-challenge.{Z}", "TXT") == ['"one-text"', '"a \\"second\\"; one"']
    assert desec.values(f"_5222._tcp.{Z}", "TLSA") == [f"3 1 1 {'ab' * 32}"]
    PROVIDERS.apply(access(desec), Change(Z, (), RECORDS))
    assert desec.values(Z, "AAAA") == ["2001:db8::1"]
    assert {kind for _, kind in desec.zones[Z].sets} == {"A", "AAAA"}


def test_nothing_to_do_writes_nothing(desec: Desec) -> None:
    desec.zones[Z] = Zone("alice")
    # the same in other words, as the interface gives it back
    desec.zones[Z].sets = {("", "AAAA"): ["2001:0db8:0:0::9"]}
    PROVIDERS.apply(access(desec), Change(Z, RECORDS[1:2], RECORDS[:1]))
    assert not any(item.startswith("PATCH") for item in desec.seen)


@pytest.mark.parametrize(
    ("token", "zone", "kind", "words", "hint"),
    [
        ("wrong", Z, DnsRefusedError, "refuses the token: Invalid token.", "/root/token"),
        ("narrow", Z, DnsRefusedError, f"the token may not make {Z} at deSEC", "may create domains"),
        ("bob", "taken.dedyn.io", NameTakenError, "taken.dedyn.io cannot be had", "Choose another name"),
    ],
)
def test_a_name_that_cannot_be_had(
    desec: Desec, token: str, zone: str, kind: type[DnsProviderError], words: str, hint: str
) -> None:
    with pytest.raises(kind) as raised:
        PROVIDERS.claim(access(desec, token), zone)
    assert words in str(raised.value)
    assert hint in str(raised.value.hint)
    assert token not in ("wrong", "narrow") or token not in repr(raised.value)


def test_an_account_that_is_full(desec: Desec) -> None:
    desec.most_zones = 0
    with pytest.raises(DnsRefusedError, match="Domain limit exceeded") as raised:
        PROVIDERS.claim(access(desec), Z)
    assert "room for one more" in str(raised.value.hint)


@pytest.mark.parametrize(
    ("token", "owner", "words"),
    [("narrow", "alice", "the token may not change chat.dedyn.io"), ("bob", "alice", "does not have chat.dedyn.io")],
)
def test_a_zone_that_may_not_be_changed(desec: Desec, token: str, owner: str, words: str) -> None:
    desec.zones[Z] = Zone(owner)
    with pytest.raises(DnsRefusedError) as raised:
        PROVIDERS.apply(access(desec, token), Change(Z, RECORDS))
    assert words in str(raised.value)
    assert not desec.zones[Z].sets


def test_a_part_that_is_refused_changes_nothing(desec: Desec) -> None:
    desec.zones[Z] = Zone("alice")
    with pytest.raises(DnsProviderError, match="Record content is malformed"):
        PROVIDERS.apply(access(desec), Change(Z, (*RECORDS, Record(f"x.{Z}", "A", "not an address"))))
    assert not desec.zones[Z].sets


def test_a_little_too_early_is_waited_for(desec: Desec) -> None:
    desec.zones[Z] = Zone("alice")
    desec.faults = [429]
    PROVIDERS.apply(access(desec), Change(Z, RECORDS))
    assert desec.values(Z, "A") == ["192.0.2.9"]


@pytest.mark.parametrize(("faults", "words"), [([429] * 9, "no more changes for now"), ([503], "has a fault")])
def test_a_provider_in_trouble(desec: Desec, monkeypatch: pytest.MonkeyPatch, faults: list[int], words: str) -> None:
    monkeypatch.setattr("xmpp_wizard.effects.dns_providers.web._LONGEST_PAUSE_SECONDS", 0.5)
    desec.faults = faults
    with pytest.raises(DnsProviderError, match=words) as raised:
        PROVIDERS.apply(access(desec), Change(Z, RECORDS))
    assert not isinstance(raised.value, DnsRefusedError), "it passes by itself"


def test_nobody_there() -> None:
    account = DnsAccount("desec", api_url="http://127.0.46.2:9/api/v1")
    with pytest.raises(DnsProviderError, match="deSEC is not reached") as raised:
        PROVIDERS.has(Access(account, Secret("right")), Z)
    assert not isinstance(raised.value, DnsRefusedError)


def test_the_token_goes_nowhere_else(desec: Desec) -> None:
    """A redirect would carry it to another server."""
    desec.faults = [302]
    with pytest.raises(DnsProviderError):
        PROVIDERS.has(access(desec), Z)
    assert len(desec.seen) == 1


def test_half_of_the_sets_does_not_count_as_all(desec: Desec, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages without end would hang every push; what was not seen would be overwritten."""
    monkeypatch.setattr(module, "_MOST_PAGES", 1)
    desec.zones[Z] = Zone("alice", sets={(f"n{number}", "A"): ["192.0.2.1"] for number in range(9)})
    with pytest.raises(DnsProviderError, match="is not understood"):
        PROVIDERS.apply(access(desec), Change(Z, RECORDS))
    assert len(desec.zones[Z].sets) == 9


def test_words_that_a_terminal_obeys_are_harmless() -> None:
    answer = Answer(400, {"detail": ["no\x1b[2J\r\nsuch " + "x" * 500]})
    assert answer.reason.isprintable()
    assert answer.reason.startswith("no[2J such x")
    assert len(answer.reason) == 200
