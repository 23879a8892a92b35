"""Whatever :class:`DnsProviders` is behind the engine gives names and places away like this."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from tests.acme_dns import AcmeDns
from tests.desec import Desec, Token, Zone
from tests.fakes import FakeDnsProviders, FakeResolver

from xmpp_wizard.core.dns.account import Access, DnsAccount, Registration
from xmpp_wizard.core.dns.change import Change
from xmpp_wizard.core.dns.ports import DnsProviders
from xmpp_wizard.core.dns.record import Record
from xmpp_wizard.core.errors import DnsRefusedError, NameTakenError
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.effects.dns_providers import NetworkDnsProviders

FREE, TAKEN = "free.dedyn.io", "taken.dedyn.io"
RIGHT = "right"


@dataclass
class Giver:
    """A provider with a name of somebody else's, and a server for proofs."""

    providers: DnsProviders
    desec: DnsAccount
    acme_dns: DnsAccount

    def access(self, token: str = RIGHT) -> Access:
        return Access(self.desec, Secret(token))

    def put(self, place: Registration) -> None:
        account = replace(self.acme_dns, options=(("user", place.user), ("subdomain", place.subdomain)))
        change = Change("auth.example", (Record(place.place, "TXT", "x" * 43),))
        self.providers.apply(Access(account, Secret(place.password)), change)


@pytest.fixture(params=["fake", "real"])
def giver(request: pytest.FixtureRequest) -> Iterator[Giver]:
    """Give both."""
    if request.param == "fake":
        resolver = FakeResolver()
        resolver.zone(TAKEN, ns1="192.0.2.53")
        fake = FakeDnsProviders(resolver=resolver, taken={TAKEN})
        yield Giver(fake, DnsAccount("desec"), DnsAccount("acme-dns", api_url="https://auth.example"))
        return
    zones = {TAKEN: Zone("carol")}
    with (
        Desec("127.0.46.5", tokens={RIGHT: Token()}, zones=zones) as desec,
        AcmeDns("127.0.46.5", zone="auth.example", has_dns=False) as acme_dns,
    ):
        yield Giver(
            NetworkDnsProviders(),
            DnsAccount("desec", api_url=desec.url),
            DnsAccount("acme-dns", api_url=acme_dns.url),
        )


def test_a_name_is_not_there_until_it_is_claimed(giver: Giver) -> None:
    assert not giver.providers.has(giver.access(), FREE)
    for _ in range(2):
        giver.providers.claim(giver.access(), FREE)
    assert giver.providers.has(giver.access(), FREE)


def test_a_name_of_somebody_elses_is_neither_there_nor_to_be_had(giver: Giver) -> None:
    assert not giver.providers.has(giver.access(), TAKEN)
    with pytest.raises(NameTakenError) as raised:
        giver.providers.claim(giver.access(), TAKEN)
    assert raised.value.hint


def test_a_wrong_token_is_refused(giver: Giver) -> None:
    with pytest.raises(DnsRefusedError):
        giver.providers.has(giver.access("wrong"), FREE)
    with pytest.raises(DnsRefusedError):
        giver.providers.claim(giver.access("wrong"), FREE)


def test_each_place_for_proofs_is_another_one_with_a_password_of_its_own(giver: Giver) -> None:
    one, two = giver.providers.register(giver.acme_dns), giver.providers.register(giver.acme_dns)
    assert one.place != two.place
    assert one.place.endswith(".auth.example")
    giver.put(one)
    with pytest.raises(DnsRefusedError):
        giver.put(replace(one, password=two.password))
