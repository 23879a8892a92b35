"""acme-dns, against a server that answers as the real one does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.acme_dns import AcmeDns
from tests.desec import Desec

from xmpp_wizard.core.dns.account import Access, DnsAccount, Registration
from xmpp_wizard.core.dns.change import Change
from xmpp_wizard.core.dns.record import Record
from xmpp_wizard.core.errors import DnsProviderError, DnsRefusedError
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.effects.dns_providers import NetworkDnsProviders

PROVIDERS = NetworkDnsProviders()
TEXTS = ("a" * 43, "b" * 43, "c" * 43)


@pytest.fixture
def server() -> Iterator[AcmeDns]:
    with AcmeDns("127.0.46.3", has_dns=False) as running:
        yield running


def put(server: AcmeDns, place: Registration, *texts: str) -> None:
    options = (("user", place.user), ("subdomain", place.subdomain))
    account = DnsAccount("acme-dns", api_url=server.url, options=options, secret_file="/x/acme-dns.json")
    change = Change(server.zone, tuple(Record(place.place, "TXT", text) for text in texts))
    PROVIDERS.apply(Access(account, Secret(place.password)), change)


def test_a_place_takes_texts(server: AcmeDns) -> None:
    place = PROVIDERS.register(DnsAccount("acme-dns", api_url=server.url))
    assert place.place == f"{place.subdomain}.{server.zone}"
    put(server, place, *TEXTS[:2])
    assert server.places[place.subdomain].texts == list(TEXTS[:2])
    put(server, place, TEXTS[2])
    assert server.places[place.subdomain].texts == list(TEXTS[1:])


def test_another_password_is_refused(server: AcmeDns) -> None:
    place = PROVIDERS.register(DnsAccount("acme-dns", api_url=server.url))
    with pytest.raises(DnsRefusedError, match="does not let this server write") as raised:
        put(server, replace(place, password="wrong"), TEXTS[0])
    assert "/x/acme-dns.json" in str(raised.value.hint)
    assert place.password not in repr(raised.value)


def test_a_server_that_registers_nobody(server: AcmeDns) -> None:
    server.registers = False
    with pytest.raises(DnsRefusedError, match="registers nobody"):
        PROVIDERS.register(DnsAccount("acme-dns", api_url=server.url))


def test_another_kind_of_server() -> None:
    with Desec("127.0.46.4") as other, pytest.raises(DnsProviderError):
        PROVIDERS.register(DnsAccount("acme-dns", api_url=other.url))


def test_a_text_that_is_no_proof(server: AcmeDns) -> None:
    place = PROVIDERS.register(DnsAccount("acme-dns", api_url=server.url))
    with pytest.raises(DnsProviderError, match="bad_txt"):
        put(server, place, "short")


def test_nobody_there() -> None:
    with pytest.raises(DnsProviderError, match="acme-dns is not reached"):
        PROVIDERS.register(DnsAccount("acme-dns", api_url="http://127.0.46.3:9"))
