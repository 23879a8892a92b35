"""How long certificates take: twelve names proven by DNS may cost hardly more time than one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from tests.e2e.acme.pebble import Pebble
from tests.e2e.dns.lab import Lab
from tests.e2e.dns.programs import ALGORITHM, KEY_NAME, SECRET
from tests.fakes import Fakes

from xmpp_wizard.core.acme.source import AcmeSource
from xmpp_wizard.core.certificates.certificate import CertificateRequest
from xmpp_wizard.core.dns.account import DnsAccount
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.effects.acme_ca import AcmeAuthorities
from xmpp_wizard.effects.clock import SystemClock
from xmpp_wizard.effects.dns_providers import NetworkDnsProviders
from xmpp_wizard.effects.local_authority import LocalAuthority
from xmpp_wizard.effects.resolver import NetworkResolver
from xmpp_wizard.engine.acme import store
from xmpp_wizard.engine.acme.upkeep import obtain

pytestmark = pytest.mark.benchmark

NAMES = tuple(f"{label}chat.example.lab" for label in ("", *(f"n{number}." for number in range(11))))
MOST = 1.5


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with Lab(tmp_path) as running:
        yield running


@pytest.fixture
def pebble(lab: Lab, tmp_path: Path) -> Iterator[Pebble]:
    with Pebble(tmp_path / "pebble", "127.62.0.9", dns=lab.ns1) as running:
        yield running


def world_of(files: Fakes) -> World:
    """Return a world that is real but for its disk."""
    return replace(
        files.world(),
        clock=SystemClock(),
        authority=LocalAuthority(),
        resolver=NetworkResolver(),
        dns_providers=NetworkDnsProviders(),
        acme=AcmeAuthorities(),
    )


def seconds(lab: Lab, pebble: Pebble, names: tuple[str, ...]) -> float:
    """Return how long it takes to get a certificate for ``names`` on an empty disk."""
    fakes, layout = Fakes(), Layout(PurePosixPath("/"))
    fakes.files.put("/root/key", SECRET)
    fakes.files.make_folder(str(layout.certificates), 0o750, (0, 0))
    account = DnsAccount("rfc2136", server=lab.ns1, key_name=KEY_NAME, algorithm=ALGORITHM, secret_file="/root/key")
    source = AcmeSource(
        directory_url=pebble.url,
        trusted_roots=str(pebble.roots),
        challenge="dns-01",
        dns=account,
        resolvers=(lab.resolver,),
    )
    world, request = world_of(fakes), CertificateRequest(names[0], names)
    began = time.monotonic()
    got = obtain(world, layout, source, [request], lambda _line: None)
    took = time.monotonic() - began
    assert got, store.load_state(world, layout)
    return took


def test_twelve_names_take_hardly_longer_than_one(lab: Lab, pebble: Pebble) -> None:
    seconds(lab, pebble, ("warm.chat.example.lab",))
    one, twelve = seconds(lab, pebble, ("one.chat.example.lab",)), seconds(lab, pebble, NAMES)
    print(f"\none name {one:.2f} s, twelve names {twelve:.2f} s: {twelve / one:.2f} times")  # noqa: T201 a figure
    assert twelve <= one * MOST
