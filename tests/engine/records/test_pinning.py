"""Pins of keys in DNS: only where DNSSEC protects them, and always before they are served."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.fakes import NOON, Fakes
from tests.servers import answers

from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.certificates.certificate import ObservedCertificate
from xmpp_wizard.core.dns.pins import SAFE_SECONDS, Pins, unready
from xmpp_wizard.core.errors import DnsProviderError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.engine.memory.pins import load_pins, waiting
from xmpp_wizard.engine.records.dns import report
from xmpp_wizard.engine.records.upkeep import keep_pins

D = "fam.example"
ANSWERS = """
[dns]
provider = "rfc2136"
key_file = "/root/key"
key_name = "k"
server = "192.0.2.1"
pins = true
"""
PORTS = (5222, 5223, 5269, 5270)
LAYOUT = Layout()


def certificate(key: str, *, days: int = 30) -> ObservedCertificate:
    """Return a certificate with this key."""
    end = NOON + timedelta(days=days)
    return ObservedCertificate((D,), NOON, end, "CN=x", 1, sha256="f", key_sha256=key)


@pytest.fixture
def fakes() -> Fakes:
    """Return a machine with a signed zone and one live certificate."""
    fakes = Fakes()
    fakes.sockets.own_addresses = ("9.9.9.9",)
    fakes.files.put("/root/key", "right")
    fakes.resolver.zone(D, ns1="192.0.2.1", ns2="192.0.2.2")
    fakes.resolver.put(D, "DS", "1 13 2 ab")
    fakes.resolver.signed.add(D)
    serve(fakes, 1)
    return fakes


def serve(fakes: Fakes, number: int) -> str:
    """Make a certificate with a new key the live one and return the sum of the key."""
    world, folder = fakes.world(), f"{LAYOUT.certificates}/generations/{number}"
    for path in (folder, f"{folder}/{D}"):
        world.files.make_folder(path, 0o750, (0, 0))
    files = world.authority.issue(world.authority.new_authority("x", NOON), (D,), NOON)
    world.files.write(f"{folder}/{D}/fullchain.pem", files.chain, 0o640, (0, 0))
    world.files.write(f"{folder}/{D}/privkey.pem", files.key, 0o640, (0, 0))
    world.files.link(f"{LAYOUT.certificates}/live", f"generations/{number}")
    return world.authority.inspect(files.chain).key_sha256


def published(fakes: Fakes) -> set[str]:
    """Return the pins in DNS, which are the same for all ports."""
    found = [fakes.resolver.records.get((f"_{port}._tcp.{D}", "TLSA"), ()) for port in PORTS]
    assert all(values == found[0] for values in found)
    return {value.rpartition(" ")[2] for value in found[0]}


def wanted() -> Answers:
    return answers(ANSWERS)


def test_the_key_that_is_served_is_pinned_for_every_port_but_the_webs(fakes: Fakes) -> None:
    key = serve(fakes, 2)
    keep_pins(fakes.world(), LAYOUT, wanted())
    assert published(fakes) == {key}
    assert (f"_443._tcp.{D}", "TLSA") not in fakes.resolver.records
    assert load_pins(fakes.world(), LAYOUT).seen_at == {key: NOON.timestamp()}
    assert not keep_pins(fakes.world(), LAYOUT, wanted())


def test_only_pins_are_touched(fakes: Fakes) -> None:
    keep_pins(fakes.world(), LAYOUT, wanted())
    assert (D, "A") not in fakes.resolver.records


def test_without_dnssec_nothing_is_pinned_and_that_is_told(fakes: Fakes) -> None:
    fakes.resolver.signed.clear()
    keep_pins(fakes.world(), LAYOUT, wanted())
    assert published(fakes) == set()
    found = {finding.key: finding for finding in report(fakes.world(), LAYOUT, wanted()).findings}
    assert "Switch DNSSEC on" in str(found["pins-unprotected"].advice)


def test_who_does_not_want_pins_gets_none(fakes: Fakes) -> None:
    keep_pins(fakes.world(), LAYOUT, answers(ANSWERS.replace("true", "false")))
    assert published(fakes) == set()


def test_a_pin_of_another_key_is_told(fakes: Fakes) -> None:
    for port in PORTS:
        fakes.resolver.put(f"_{port}._tcp.{D}", "TLSA", "3 1 1 " + "ab" * 32)
    findings = [item for item in report(fakes.world(), LAYOUT, wanted()).findings if item.key == "wrong-pin"]
    assert len(findings) == len(PORTS)
    assert all(item.level == "!" for item in findings)
    assert all("Servers that check it refuse yours. Replace it with: 3 1 1 " in str(item.advice) for item in findings)


def test_an_old_pin_goes_once_another_key_is_served(fakes: Fakes) -> None:
    keep_pins(fakes.world(), LAYOUT, wanted())
    new = serve(fakes, 2)
    keep_pins(fakes.world(), LAYOUT, wanted())
    assert published(fakes) == {new}


def test_a_new_key_waits_until_everybody_can_know_it(fakes: Fakes) -> None:
    world, live = fakes.world(), {D: certificate("old")}
    assert waiting(world, LAYOUT, {D: certificate("new")}, live) == frozenset()
    keep_pins(world, LAYOUT, wanted())
    assert waiting(world, LAYOUT, {D: certificate("new")}, live) == {D}
    assert waiting(world, LAYOUT, {D: certificate("old")}, live) == frozenset()


def test_the_order_of_a_change_of_keys() -> None:
    live, new = {D: certificate("old")}, {D: certificate("new")}
    pins = Pins().after(["old"], 1000)
    assert unready(new, live, pins, 2000) == {D}
    pins = pins.after(["old", "new"], 2000)
    assert unready(new, live, pins, 2000 + SAFE_SECONDS - 1) == {D}
    assert unready(new, live, pins, 2000 + SAFE_SECONDS) == frozenset()
    pins = pins.after(["new"], 4000)
    assert pins.seen_at == {"new": 2000}
    assert unready(new, {D: certificate("new")}, pins, 2001) == frozenset()


def test_nothing_waits_beside_a_certificate_that_has_ended() -> None:
    pins = Pins({"old": 0.0})
    assert unready({D: certificate("new")}, {D: certificate("old", days=-1)}, pins, NOON.timestamp()) == frozenset()
    assert unready({D: certificate("new")}, {}, pins, NOON.timestamp()) == frozenset()


def test_a_pin_that_not_every_server_has_does_not_count(fakes: Fakes) -> None:
    keep_pins(fakes.world(), LAYOUT, wanted())
    before = load_pins(fakes.world(), LAYOUT)
    serve(fakes, 2)
    for port in PORTS:
        fakes.resolver.said["192.0.2.2", f"_{port}._tcp.{D}", "TLSA"] = ("3 1 1 00",)
    with pytest.raises(DnsProviderError, match="not yet on all name servers"):
        keep_pins(fakes.world(), LAYOUT, wanted())
    assert load_pins(fakes.world(), LAYOUT) == before


def test_a_server_that_fails_just_now_may_come_back_with_old_pins(fakes: Fakes) -> None:
    keep_pins(fakes.world(), LAYOUT, wanted())
    before = load_pins(fakes.world(), LAYOUT)
    serve(fakes, 2)
    fakes.resolver.states["192.0.2.2", D] = "SERVFAIL"
    with pytest.raises(DnsProviderError, match="not yet on all name servers"):
        keep_pins(fakes.world(), LAYOUT, wanted())
    assert load_pins(fakes.world(), LAYOUT) == before
