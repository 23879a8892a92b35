"""Whatever :class:`CertificateAuthorities` is behind the engine behaves like this."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from tests.addresses import own_address
from tests.e2e.acme.pebble import Pebble
from tests.fakes import FakeAuthorities, Fakes

from xmpp_wizard.core.acme.model import (
    AcmeError,
    Authorization,
    CertificateAuthorities,
    CertificateAuthority,
    KeyKind,
    Order,
    Problem,
    Responder,
    TlsResponder,
)
from xmpp_wizard.core.certificates.authority import Authority
from xmpp_wizard.effects.acme_ca import AcmeAuthorities
from xmpp_wizard.effects.http01 import HttpResponder
from xmpp_wizard.effects.local_authority import LocalAuthority
from xmpp_wizard.effects.tls_alpn import TlsAlpnResponder

HOST = own_address(62)
NAMES = ("a.example", "b.a.example")
_OFFLINE = Problem("offline", "refused")


@dataclass
class Bench:
    """An authority, and what is needed to talk to it."""

    authorities: CertificateAuthorities
    url: str
    roots: str
    responder: Responder
    tls_responder: TlsResponder
    reader: Authority

    def connect(self, key: bytes = b"") -> CertificateAuthority:
        """Return a connection that is logged in."""
        found = self.authorities.connect(self.url, key or self.authorities.new_key("ec256"), self.roots)
        found.log_in()
        return found


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.e2e)])
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    if request.param == "fake":
        fakes = Fakes()
        assert isinstance(fakes.acme, FakeAuthorities)
        yield Bench(fakes.acme, "https://ca.example/dir", "", fakes.responder, fakes.tls_responder, fakes.authority)
        return
    with Pebble(tmp_path_factory.mktemp("pebble"), HOST) as pebble:
        responders = HttpResponder(), TlsAlpnResponder()
        yield Bench(AcmeAuthorities(), pebble.url, str(pebble.roots), *responders, LocalAuthority())


def passed(bench: Bench, authority: CertificateAuthority, order: Order, kind: str = "http-01") -> list[Authorization]:
    found = [authority.authorization(url) for url in order.authorizations]
    challenges = {one.name: next(item for item in one.challenges if item.kind == kind) for one in found}
    if kind == "http-01":
        serving = bench.responder.serve((HOST,), {item.token: item.proof for item in challenges.values()})
    else:
        serving = bench.tls_responder.serve((HOST,), {name: item.proof for name, item in challenges.items()})
    with serving:
        for challenge in challenges.values():
            authority.answer(challenge)
        deadline = time.monotonic() + 30
        while any(one.status == "pending" for one in found) and time.monotonic() < deadline:
            time.sleep(0.02)
            found = [authority.authorization(one.url) for one in found]
    return found


def come_to(authority: CertificateAuthority, order: Order, status: str) -> Order:
    deadline = time.monotonic() + 30
    while order.status != status and time.monotonic() < deadline:
        time.sleep(0.02)
        order = authority.resume(order.url)
    assert order.status == status
    return order


def test_one_key_is_one_account(bench: Bench) -> None:
    key = bench.authorities.new_key("ec256")
    accounts = {bench.authorities.connect(bench.url, key, bench.roots).log_in() for _ in range(2)}
    assert len(accounts) == 1


def test_an_account_is_looked_for_without_making_one(bench: Bench) -> None:
    key = bench.authorities.new_key("ec256")
    authority = bench.authorities.connect(bench.url, key, bench.roots)
    with pytest.raises(AcmeError) as caught:
        authority.log_in(makes_new=False)
    assert caught.value.problem.type == "accountDoesNotExist"
    made = authority.log_in()
    assert bench.authorities.connect(bench.url, key, bench.roots).log_in(makes_new=False) == made


@pytest.mark.parametrize("kind", ["ec256", "ec384", "rsa2048"])
def test_an_account_gets_another_key_and_stays_the_same(bench: Bench, kind: KeyKind) -> None:
    old, new = bench.authorities.new_key("ec256"), bench.authorities.new_key(kind)
    authority = bench.authorities.connect(bench.url, old, bench.roots)
    account = authority.log_in()
    authority.change_key(new)
    assert authority.order(NAMES).status == "pending", "the connection goes on with the new key"
    assert bench.authorities.connect(bench.url, new, bench.roots).log_in(makes_new=False) == account
    with pytest.raises(AcmeError) as caught:
        bench.authorities.connect(bench.url, old, bench.roots).log_in(makes_new=False)
    assert caught.value.problem.type == "accountDoesNotExist"


def test_keys_tell_their_kind(bench: Bench) -> None:
    assert bench.authorities.key_kind(bench.authorities.new_key("ec384")) == "ec384"
    assert bench.authorities.key_kind(bench.authorities.new_key("rsa2048")) == "rsa2048"


def test_an_order_goes_from_pending_to_a_certificate(bench: Bench) -> None:
    authority = bench.connect()
    order = authority.order(NAMES)
    assert order.status == "pending"
    assert sorted(order.names) == sorted(NAMES)
    assert len(order.authorizations) == len(NAMES)
    assert {one.status for one in passed(bench, authority, order)} == {"valid"}
    order = come_to(authority, order, "ready")
    key = bench.authorities.new_key("ec256")
    order = come_to(authority, authority.finalize(order, key), "valid")
    chain = authority.download(order)
    facts = bench.reader.inspect(chain, key)
    assert sorted(facts.names) == sorted(NAMES)
    authority.revoke(chain, 4)
    with pytest.raises(AcmeError) as caught:
        authority.revoke(chain, 4)
    assert caught.value.problem.type == "alreadyRevoked"


def test_names_are_proven_over_port_443_alone(bench: Bench) -> None:
    authority = bench.connect()
    order = authority.order(NAMES)
    assert {one.status for one in passed(bench, authority, order, "tls-alpn-01")} == {"valid"}
    come_to(authority, order, "ready")


@pytest.mark.parametrize("kind", ["http-01", "tls-alpn-01"])
def test_a_check_that_nobody_answers_fails_with_its_reason(bench: Bench, kind: str) -> None:
    authority = bench.connect()
    order = authority.order(NAMES[:1])
    (one,) = (authority.authorization(url) for url in order.authorizations)
    authority.answer(next(item for item in one.challenges if item.kind == kind))
    deadline = time.monotonic() + 30
    while one.status == "pending" and time.monotonic() < deadline:
        time.sleep(0.02)
        one = authority.authorization(one.url)
    assert one.status == "invalid"
    (problem,) = (item.problem for item in one.challenges if item.problem is not None)
    # pebble says so of port 443, unlike Boulder
    assert (problem.type, kind) in {("connection", kind), ("unauthorized", "tls-alpn-01")}


def test_wildcards_are_proven_by_dns_alone(bench: Bench) -> None:
    authority = bench.connect()
    (url,) = authority.order(("*.a.example",)).authorizations
    found = authority.authorization(url)
    assert (found.name, found.identifier, found.is_wildcard) == ("a.example", "*.a.example", True)
    kinds = {item.kind for item in found.challenges}
    assert "dns-01" in kinds
    assert "http-01" not in kinds


def test_an_unknown_order_is_refused(bench: Bench) -> None:
    authority = bench.connect()
    known = authority.order(NAMES)
    with pytest.raises(AcmeError):
        authority.resume(known.url + "nonsense")


def test_nobody_there_is_an_error_of_ours(bench: Bench) -> None:
    if isinstance(bench.authorities, FakeAuthorities):
        bench.authorities.down[f"https://{HOST}:9/dir"] = _OFFLINE
    with pytest.raises(AcmeError) as caught:
        bench.authorities.connect(f"https://{HOST}:9/dir", bench.authorities.new_key("ec256"), bench.roots)
    assert caught.value.problem.type == "offline"
