"""Pebble comes over IPv6, as the authority of rehearsals does, and what it saw is what counts."""

from __future__ import annotations

import secrets
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv6Address
from pathlib import Path, PurePosixPath

import pytest
from tests.e2e.acme.pebble import Pebble
from tests.fakes import Fakes

from xmpp_wizard.core.acme.source import AcmeSource
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.effects.acme_ca import AcmeAuthorities
from xmpp_wizard.effects.clock import SystemClock
from xmpp_wizard.effects.http01 import HttpResponder
from xmpp_wizard.engine.acme.outside import view_of

pytestmark = pytest.mark.e2e

LAYOUT = Layout(PurePosixPath("/"))


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Give this machine one more address: at port 80 of ::1 other tests want nobody to answer."""
    found = str(IPv6Address((0xFD66 << 112) | secrets.randbits(112)))
    own = (f"{found}/128", "dev", "lo")
    subprocess.run(["ip", "address", "add", *own, "nodad"], check=True)
    yield found
    subprocess.run(["ip", "address", "delete", *own], check=True)


@pytest.fixture
def six(pebble: Pebble, address: str) -> tuple[World, AcmeSource]:
    """Return a machine that has an IPv6 address, and whom it asks."""
    fakes = Fakes()
    fakes.sockets.own_addresses = ("192.168.1.5", address)
    world = replace(fakes.world(), acme=AcmeAuthorities(), clock=SystemClock(), responder=HttpResponder(_free(address)))
    return world, AcmeSource(rehearsal_url=pebble.url, trusted_roots=str(pebble.roots))


def test_who_answers_over_ipv6_is_seen(six: tuple[World, AcmeSource], address: str) -> None:
    world, source = six
    assert view_of(replace(world, responder=HttpResponder()), LAYOUT, source, address) == "open"


def test_who_does_not_answer_is_seen_not_to(six: tuple[World, AcmeSource], address: str) -> None:
    world, source = six
    assert view_of(world, LAYOUT, source, address) == "closed", "it waits at another port than the one that is come to"


def test_nobody_is_believed_who_cannot_be_asked(six: tuple[World, AcmeSource], address: str, tmp_path: Path) -> None:
    world, source = six
    assert view_of(world, LAYOUT, replace(source, rehearsal_url="https://127.60.0.1:9/dir"), address) == ""
    assert view_of(world, LAYOUT, replace(source, rehearsal_url=""), address) == ""
    assert view_of(world, LAYOUT, replace(source, webroot=str(tmp_path)), address) == ""


def _free(address: str) -> int:
    with socket.create_server((address, 0), family=socket.AF_INET6) as listener:
        return int(listener.getsockname()[1])
