"""Another key is served only when all who look its pin up in DNS can know it, wherever it comes from."""

from __future__ import annotations

from typing import Any

import pytest
import tomlkit
from tests.engine.conftest import TEMPLATES, end, run, validated
from tests.fakes import Fakes

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.engine.memory.pins import load_pins
from xmpp_wizard.engine.observe import live_certificates
from xmpp_wizard.engine.records.pin_upkeep import held
from xmpp_wizard.engine.setup import ApplyAnswers, current
from xmpp_wizard.engine.upkeep import Upkept, upkeep

D = "a.example"
LAYOUT = Layout()
PORTS = (5222, 5223, 5269, 5270)
HOUR = 3600.0
ACCOUNT = {"provider": "rfc2136", "key_file": "/root/key", "key_name": "k", "server": "192.0.2.1", "pins": True}
BY_HAND = {"pins": True}
FILES = {"source": "files", "files": [{"chain_file": "/ssl/chain.pem", "key_file": "/ssl/key.pem"}]}
STORE = {"source": "files", "store": "/ssl/store"}


@pytest.fixture
def fakes() -> Fakes:
    """Return a machine with a signed zone."""
    fakes = Fakes()
    fakes.appliance.texts = dict(TEMPLATES)
    fakes.sockets.own_addresses = ("9.9.9.9",)
    fakes.files.put("/root/key", "right")
    fakes.resolver.zone(D, ns1="192.0.2.1", ns2="192.0.2.2")
    fakes.resolver.put(D, "DS", "1 13 2 ab")
    fakes.resolver.signed.add(D)
    return fakes


def bring(fakes: Fakes, folder: str = "/ssl", names: tuple[str, str] = ("chain", "key")) -> str:
    """Let the admin have a certificate with a new key; return the sum of the key."""
    root = fakes.authority.new_authority("somebody", fakes.clock.now())
    files = fakes.authority.issue(root, [D, f"*.{D}"], fakes.clock.now())
    fakes.files.put(f"{folder}/{names[0]}.pem", files.chain)
    fakes.files.put(f"{folder}/{names[1]}.pem", files.key)
    return fakes.authority.inspect(files.chain).key_sha256


def keep(fakes: Fakes) -> str:
    """Let another program keep a certificate with a new key, as certbot does; return the sum of the key."""
    fakes.files.put("/ssl/store/README", "certbot's")
    return bring(fakes, f"/ssl/store/{D}", ("fullchain", "privkey"))


def apply(fakes: Fakes, certificates: dict[str, Any], dns: dict[str, Any]) -> None:
    values: dict[str, object] = {"domain": D, "certificates": certificates, "dns": dns}
    request = ApplyAnswers(validated(values), tomlkit.dumps(values), "/root/answers.toml")
    assert end(run(fakes, LAYOUT, request)).exit_status == 0


def served(fakes: Fakes) -> str:
    """Return the sum of the key that is served."""
    return live_certificates(fakes.world(), LAYOUT)[1][D].key_sha256


def pinned(fakes: Fakes) -> set[str]:
    """Return the sums that DNS names."""
    values = {value for port in PORTS for value in fakes.resolver.records.get((f"_{port}._tcp.{D}", "TLSA"), ())}
    return {value.rpartition(" ")[2] for value in values}


def enter(fakes: Fakes, *keys: str) -> None:
    """Name keys in DNS by hand."""
    for port in PORTS:
        fakes.resolver.put(f"_{port}._tcp.{D}", "TLSA", *(f"3 1 1 {key}" for key in keys))


def look_after(fakes: Fakes, seconds: float = HOUR) -> Upkept:
    fakes.clock.sleep(seconds)
    return upkeep(fakes.world(), LAYOUT)


@pytest.mark.parametrize(("answers", "renew"), [(FILES, bring), (STORE, keep)])
def test_a_new_key_of_the_admins_own_is_pinned_first(fakes: Fakes, answers: dict[str, Any], renew: Any) -> None:  # noqa: ANN401 a function
    old = renew(fakes)
    apply(fakes, answers, ACCOUNT)
    assert look_after(fakes) == Upkept()
    assert (served(fakes), pinned(fakes)) == (old, {old})
    new = renew(fakes)
    assert look_after(fakes, 60).exit_status == 0
    assert (served(fakes), pinned(fakes)) == (old, {old, new})
    (waits,) = held(fakes.world(), LAYOUT, current(fakes.world(), LAYOUT)[0])
    assert (waits.name, waits.key_sha256) == (D, new)
    assert 0 < waits.from_at - fakes.clock.timestamp() <= HOUR
    look_after(fakes, 300)
    assert served(fakes) == old
    look_after(fakes, 300)
    assert served(fakes) == new
    look_after(fakes)
    assert (served(fakes), pinned(fakes)) == (new, {new})


def test_a_zone_that_is_remembered_longer_makes_it_wait_longer(fakes: Fakes) -> None:
    old = bring(fakes)
    apply(fakes, FILES, ACCOUNT)
    fakes.resolver.ttl_seconds = 3600
    look_after(fakes)
    new = bring(fakes)
    for _ in range(2):
        look_after(fakes)
        assert served(fakes) == old
    look_after(fakes)
    assert served(fakes) == new


def test_from_our_own_authority_to_files_and_back_nobody_is_shut_out(fakes: Fakes) -> None:
    apply(fakes, {"source": "local"}, ACCOUNT)
    look_after(fakes)
    old = served(fakes)
    assert pinned(fakes) == {old}
    new = bring(fakes)
    apply(fakes, FILES, ACCOUNT)
    assert served(fakes) == old, "an apply does not hurry it either"
    look_after(fakes)
    look_after(fakes)
    assert served(fakes) == new
    apply(fakes, {"source": "local"}, ACCOUNT)
    assert served(fakes) == new, "a local certificate takes over the key that all know"


def test_pins_that_are_no_longer_wanted_are_taken_away_and_hold_nothing_back(fakes: Fakes) -> None:
    bring(fakes)
    apply(fakes, FILES, ACCOUNT)
    look_after(fakes)
    apply(fakes, FILES, {**ACCOUNT, "pins": False})
    look_after(fakes)
    assert pinned(fakes) == set()
    assert not load_pins(fakes.world(), LAYOUT).are_in_use()
    new = bring(fakes)
    look_after(fakes)
    assert served(fakes) == new


def test_who_enters_pins_by_hand_is_told_which_and_the_key_waits(fakes: Fakes) -> None:
    old = bring(fakes)
    apply(fakes, FILES, BY_HAND)
    enter(fakes, old)
    assert look_after(fakes).trouble is None
    new = bring(fakes)
    found = look_after(fakes)
    assert found.trouble is not None
    assert found.trouble.code == "key-not-in-dns"
    assert f"TLSA 3 1 1 {new} for: _5222._tcp.{D}, _5223._tcp.{D}" in str(found.trouble.hint)
    assert served(fakes) == old
    enter(fakes, old, new)
    assert look_after(fakes).trouble is None
    assert served(fakes) == old
    look_after(fakes)
    assert served(fakes) == new


def test_where_nobody_has_entered_pins_nothing_waits(fakes: Fakes) -> None:
    bring(fakes)
    apply(fakes, FILES, BY_HAND)
    look_after(fakes)
    new = bring(fakes)
    look_after(fakes)
    assert served(fakes) == new
