"""Whatever :class:`DnsProviders` is behind the engine behaves like this."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from tests.e2e.dns.lab import Lab
from tests.e2e.dns.programs import ALGORITHM, KEY_NAME, SECRET
from tests.fakes import FakeDnsProviders, FakeResolver

from xmpp_wizard.core.dns.account import Access, DnsAccount
from xmpp_wizard.core.dns.change import Change
from xmpp_wizard.core.dns.ports import DnsProviders, Resolver
from xmpp_wizard.core.dns.record import Record
from xmpp_wizard.core.dns.reply import Question
from xmpp_wizard.core.errors import DnsProviderError
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.effects.dns_providers import NetworkDnsProviders
from xmpp_wizard.effects.resolver import NetworkResolver

Z = "example.lab"
ONE, TWO = Record(f"contract.{Z}", "TXT", "one"), Record(f"contract.{Z}", "TXT", "two")


@dataclass
class Kept:
    """A provider, its name server, and the secret that it knows."""

    providers: DnsProviders
    resolver: Resolver
    server: str
    secret: str

    def apply(self, change: Change, secret: str = "") -> None:
        account = DnsAccount("rfc2136", server=self.server, key_name=KEY_NAME, algorithm=ALGORITHM)
        self.providers.apply(Access(account, Secret(secret or self.secret)), change)

    def values(self) -> tuple[str, ...]:
        question = Question(ONE.name, "TXT", self.server)
        return self.resolver.ask([question], [], 5)[question].values


@pytest.fixture(scope="module", params=["fake", pytest.param("real", marks=pytest.mark.e2e)])
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """Give both, with the zone ``example.lab``."""
    if request.param == "real":
        with Lab(tmp_path_factory.mktemp("lab")) as lab:
            yield Kept(NetworkDnsProviders(), NetworkResolver(), lab.ns1, SECRET)
        return
    resolver = FakeResolver()
    resolver.zone(Z, ns1="127.66.0.11")
    yield Kept(FakeDnsProviders(resolver=resolver), resolver, "127.66.0.11", "right")


def test_records_come_and_go_each_by_itself(kept: Kept) -> None:
    kept.apply(Change(Z, (ONE, TWO)))
    assert kept.values() == ("one", "two")
    kept.apply(Change(Z, remove=(ONE,)))
    assert kept.values() == ("two",)
    kept.apply(Change(Z, (ONE,), (TWO,)))
    assert kept.values() == ("one",)
    kept.apply(Change(Z, remove=(ONE,)))
    assert kept.values() == ()


def test_what_is_there_or_gone_already_is_fine(kept: Kept) -> None:
    for _ in range(2):
        kept.apply(Change(Z, (ONE,)))
    assert kept.values() == ("one",)
    for _ in range(2):
        kept.apply(Change(Z, remove=(ONE,)))
    assert kept.values() == ()


@pytest.mark.parametrize(
    ("zone", "secret"), [(Z, "d3Jvbmcgc2VjcmV0IHdyb25nIHNlY3JldCB3cm9uZyE="), ("elsewhere.lab", "")]
)
def test_a_refusal_changes_nothing_and_says_what_to_do(kept: Kept, zone: str, secret: str) -> None:
    record = Record(f"contract.{zone}", "TXT", "one")
    with pytest.raises(DnsProviderError) as raised:
        kept.apply(Change(zone, (record,)), secret)
    assert raised.value.hint
    assert kept.values() == ()
