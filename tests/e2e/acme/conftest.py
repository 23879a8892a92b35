"""An authority for all tests of a file, and a way to get certificates of it without the engine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.addresses import own_address
from tests.e2e.acme.fault_proxy import FaultProxy
from tests.e2e.acme.pebble import Pebble

from xmpp_wizard.core.acme.model import Authorization, CertificateAuthority, Order
from xmpp_wizard.effects.acme_ca import AcmeAuthorities
from xmpp_wizard.effects.http01 import HttpResponder

Get = Callable[..., bytes]


@pytest.fixture(scope="module")
def host() -> str:
    """Return the address that all names lead to."""
    return own_address(62)


@pytest.fixture(scope="module")
def pebble(tmp_path_factory: pytest.TempPathFactory, host: str) -> Iterator[Pebble]:
    """Give an authority."""
    with Pebble(tmp_path_factory.mktemp("pebble"), host) as running:
        yield running


@pytest.fixture
def proxy(pebble: Pebble) -> Iterator[FaultProxy]:
    """Give somebody on the line who can disturb it."""
    with FaultProxy(pebble) as running:
        yield running


@pytest.fixture
def account_key() -> bytes:
    """Return a key that no authority knows."""
    return AcmeAuthorities().new_key("ec256")


@pytest.fixture
def authority(pebble: Pebble, account_key: bytes) -> CertificateAuthority:
    """Give a connection that is logged in."""
    found = AcmeAuthorities().connect(pebble.url, account_key, str(pebble.roots))
    assert found.log_in().startswith(pebble.url.removesuffix("dir"))
    return found


def prove(authority: CertificateAuthority, order: Order, host: str) -> list[Authorization]:
    """Answer all checks of an order by HTTP and return how they came out."""
    found = [authority.authorization(url) for url in order.authorizations]
    challenges = [next(item for item in one.challenges if item.kind == "http-01") for one in found]
    with HttpResponder().serve((host,), {item.token: item.proof for item in challenges}):
        for challenge in challenges:
            authority.answer(challenge)
        deadline = time.monotonic() + 30
        while any(one.status == "pending" for one in found) and time.monotonic() < deadline:
            time.sleep(0.05)
            found = [authority.authorization(one.url) for one in found]
    return found


def settle(authority: CertificateAuthority, order: Order, waited_for: str) -> Order:
    """Wait until an order has a status."""
    deadline = time.monotonic() + 30
    while order.status != waited_for and time.monotonic() < deadline:
        time.sleep(0.05)
        order = authority.resume(order.url)
    assert order.status == waited_for, order
    return order


@pytest.fixture
def get(authority: CertificateAuthority, host: str) -> Get:
    """Give a way to a certificate: names, then ``profile``, ``replaces`` and ``key``."""

    def obtained(*names: str, profile: str = "", replaces: bytes = b"", key: bytes = b"") -> bytes:
        order = authority.order(names, profile, replaces)
        assert {one.status for one in prove(authority, order, host)} == {"valid"}
        order = settle(authority, order, "ready")
        order = authority.finalize(order, key or AcmeAuthorities().new_key("ec256"))
        return authority.download(settle(authority, order, "valid"))

    return obtained


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of this test's own."""
    return tmp_path
