"""What users fail at most, made really: the authority, our account there, the line and this machine."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.core.acme.cases import CASES
from tests.e2e.acme.asking import Asking, words
from tests.e2e.acme.fault_proxy import FaultProxy
from tests.e2e.acme.pebble import HMAC_KEY, KEY_ID, Pebble, self_signed
from tests.e2e.server.faults import fill, small_disk
from tests.fakes.host import FakeClock

pytestmark = pytest.mark.e2e

NAMES = ("a.example", "groups.a.example")


@pytest.fixture
def asking(tmp_path: Path, pebble: Pebble, proxy: FaultProxy) -> Asking:
    """Give a machine that asks for two names, which both lead to it, with somebody on the line who can disturb it."""
    return Asking(tmp_path, pebble, NAMES, directory_url=proxy.url)


def told(asking: Asking, *, force: bool = False) -> str:
    """Ask and return what is told of all names."""
    (lack,) = asking.ask(force=force).values()
    assert lack.name == ""
    return words(lack)


def is_had(asking: Asking, *, force: bool = False) -> bool:
    """Ask and say whether all names have their certificate then."""
    return asking.ask(force=force) == {} and set(asking.had()) == set(asking.names)


LIMITS = {
    (20, "rate-duplicate"): ("this very certificate was made 5 times within a week", "Put the certificates back"),
    (21, "rate-domain"): ("has had its 50 certificates for this week", "choose a domain of your own"),
    (21, "rate-account"): ("too many accounts were made from your address", "put the account key back from a backup"),
    (21, "paused"): ("has stopped dealing with", "Open the link in that message"),
    (21, "rate-other"): ("the authority asks us to slow down", "the certificate that is served stays"),
}


@pytest.mark.parametrize(("number", "case"), LIMITS)
def test_case_of_a_limit(asking: Asking, proxy: FaultProxy, number: int, case: str) -> None:
    proxy.refuse("newOrder", 429, *CASES[case], Retry_After="7200")
    (lack,) = asking.ask().values()
    assert all(said in words(lack) for said in LIMITS[number, case]), words(lack)
    assert proxy.requests.count("/order-plz") == 1, "nobody hammers"
    # what a person has to end may be over at any time
    assert asking.wait_seconds() == (60 if case == "paused" else 7200)


def test_case_21_five_failed_checks_an_hour_are_never_reached(asking: Asking, proxy: FaultProxy) -> None:
    proxy.fail_checks(*CASES["closed"])
    for _ in range(6):
        found = asking.ask()
    # two names in three orders, and from then on none
    assert proxy.requests.count("/order-plz") == 3
    assert "nobody answers for" in words(found["a.example"])
    assert 3000 < asking.wait_seconds() <= 3600


@pytest.mark.parametrize("what", ["directory", "newOrder"])
def test_case_22_the_authority_is_down(asking: Asking, proxy: FaultProxy, what: str) -> None:
    assert is_had(asking)
    proxy.answer(what, 503, b"<html>maintenance</html>", Content_Type="text/html")
    assert told(asking, force=True) == (
        "the authority is down or very busy. Nothing to do: the certificate that is served stays, and it is tried "
        "again by itself."
    )
    assert set(asking.had()) == set(NAMES)
    assert asking.wait_seconds() == 60
    proxy.heal()
    assert is_had(asking, force=True)


def test_case_22_maintenance_with_an_end_is_waited_for(asking: Asking, proxy: FaultProxy) -> None:
    proxy.answer("newOrder", 503, b"", Retry_After="900")
    assert "down or very busy" in told(asking)
    assert asking.wait_seconds() == 900


def test_case_22_the_line_is_cut_in_the_midst(asking: Asking, proxy: FaultProxy) -> None:
    proxy.cut("newOrder", times=1)
    assert "the authority is not reached from this machine. Is the internet there?" in told(asking)
    assert is_had(asking)


def test_case_23_a_page_to_log_in_to_the_network(asking: Asking, proxy: FaultProxy) -> None:
    proxy.answer("directory", 200, b"<html>please log in</html>", Content_Type="text/html")
    said = told(asking)
    assert "what answers is no certificate authority" in said
    assert "A page to log in to the network first?" in said


def test_case_23_somebody_is_in_between_or_roots_are_missing(tmp_path: Path, pebble: Pebble) -> None:
    said = told(Asking(tmp_path, pebble, NAMES, trusted_roots=""))
    assert "somebody is in between, or ca-certificates is missing" in said
    assert "apt-get install ca-certificates" in said


def test_case_25_no_dns_and_no_network(tmp_path: Path, pebble: Pebble) -> None:
    said = told(Asking(tmp_path, pebble, NAMES, directory_url="https://no-such-name.invalid/dir"))
    assert "this machine cannot look up names. Look at its DNS settings (/etc/resolv.conf)." in said
    said = told(Asking(tmp_path, pebble, NAMES, directory_url="https://127.60.0.1:9/dir"))
    assert "Programs here must be allowed out to port 443." in said


@pytest.mark.parametrize("damage", ["gone", "half", "foreign"])
def test_case_26_the_account_key_is_lost(asking: Asking, pebble: Pebble, damage: str) -> None:
    assert is_had(asking)
    (key,) = Path(asking.layout.acme).glob("*/account.key")
    before = key.read_bytes()
    if damage == "gone":
        key.unlink()
    else:
        key.write_bytes(before[:40] if damage == "half" else pebble.key.read_bytes())
    asking.names = (*NAMES, "share.a.example")
    assert asking.ask() == {}
    assert "share.a.example" in asking.had()
    assert key.read_bytes() != before


def test_case_26_the_authority_has_lost_our_account(tmp_path: Path, host: str) -> None:
    with Pebble(tmp_path / "forgetful", host) as pebble:
        asking = Asking(tmp_path, pebble, NAMES)
        assert is_had(asking)
        pebble.stop()
        pebble.start()
        asking.names = (*NAMES, "share.a.example")
        assert asking.ask() == {}
        assert "share.a.example" in asking.had()


def test_case_26_there_are_new_terms(asking: Asking, proxy: FaultProxy) -> None:
    proxy.refuse("newOrder", 403, *CASES["terms"])
    assert told(asking) == (
        "the authority has new terms: Terms of service have changed: https://x. Read and accept them at the address in "
        "that message."
    )


@pytest.fixture(scope="module")
def bound(tmp_path_factory: pytest.TempPathFactory, host: str) -> Iterator[Pebble]:
    """Give an authority that wants an account of its own web site first."""
    with Pebble(tmp_path_factory.mktemp("bound"), host, externalAccountBindingRequired=True) as running:
        yield running


@pytest.mark.parametrize(
    ("key_id", "hmac", "said"),
    [
        ("", "", "Make one there; give its key id and HMAC key: certificates.acme.eab_key_id and eab_hmac_file."),
        (
            KEY_ID,
            "AAAA",
            "Compare certificates.acme.eab_key_id and the file eab_hmac_file with what the web site shows",
        ),
        ("kid-2", HMAC_KEY, "Compare certificates.acme.eab_key_id and the file eab_hmac_file"),
        (KEY_ID, None, "Make one there; give its key id and HMAC key"),
        (KEY_ID, HMAC_KEY, ""),
    ],
)
def test_case_26_an_account_of_the_web_site(
    tmp_path: Path, bound: Pebble, key_id: str, hmac: str | None, said: str
) -> None:
    file = tmp_path / "hmac.txt"
    if hmac is not None:
        file.write_text(f"{hmac}\n")
    asking = Asking(tmp_path, bound, NAMES, binding_key_id=key_id, binding_hmac_file=str(file) if key_id else "")
    if not said:
        assert is_had(asking)
        return
    assert said in told(asking)


def test_case_27_a_kind_of_certificate_that_is_gone(asking: Asking, proxy: FaultProxy) -> None:
    proxy.refuse("newOrder", 403, *CASES["profile"], times=1)
    assert is_had(asking)
    assert proxy.requests.count("/order-plz") == 2


def test_case_27_what_was_replaced_already(asking: Asking, proxy: FaultProxy) -> None:
    assert is_had(asking)
    proxy.refuse("newOrder", 409, "alreadyReplaced", "already replaced by another order", times=1)
    assert is_had(asking, force=True)
    assert proxy.requests.count("/order-plz") == 3


def test_case_28_an_order_is_stuck(asking: Asking, proxy: FaultProxy) -> None:
    clock = FakeClock(at=asking.world.clock.now())
    asking.world = replace(asking.world, clock=clock)

    def stuck(data: bytes) -> bytes:
        return json.dumps({**json.loads(data), "status": "processing"}).encode()

    proxy.change("order", stuck)
    said = told(asking)
    assert said.startswith("the authority took too long. Nothing to do:"), said
    orders = proxy.requests.count("/order-plz")
    proxy.heal()
    clock.sleep(60)
    assert is_had(asking)
    assert proxy.requests.count("/order-plz") == orders, "the order that was begun is gone on with"


class Unplugged:
    """A port 80 at which this process ends."""

    def serve(self, addresses: Sequence[str], proofs: Mapping[str, str]) -> AbstractContextManager[Sequence[str]]:
        """End."""
        assert addresses
        assert proofs
        raise SystemExit


def test_case_28_the_power_fails_in_the_midst(asking: Asking, proxy: FaultProxy) -> None:
    responder = asking.world.responder
    asking.world = replace(asking.world, responder=Unplugged())
    with pytest.raises(SystemExit):
        asking.ask()
    asking.world = replace(asking.world, responder=responder)
    assert is_had(asking)
    assert proxy.requests.count("/order-plz") == 1, "the order that was begun is gone on with"


def test_case_29_the_disk_is_full(asking: Asking) -> None:
    assert is_had(asking)
    before = asking.had()
    (place,) = Path(asking.layout.acme).glob("*/certificates")
    kept = place.rename(place.with_name("kept"))
    place.mkdir(mode=0o700)
    with small_disk(place, 3):
        shutil.copytree(kept / "a.example", place / "a.example")
        fill(place / "ballast")
        asking.names = (*NAMES, "share.a.example")
        said = told(asking)
        assert f"{place}" in said
        assert "No space left on device" in said
        assert "Make room on the disk; the certificate that is served stays." in said
        assert asking.had() == before, "what there is stays whole"
        (place / "ballast").unlink()
        assert is_had(asking)


@pytest.mark.parametrize("damage", ["other key", "half", "no certificate", "empty"])
def test_case_29_what_was_kept_is_damaged(asking: Asking, damage: str) -> None:
    assert is_had(asking)
    (folder,) = Path(asking.layout.acme).glob("*/certificates/a.example")
    chain, key = folder / "fullchain.pem", folder / "privkey.pem"
    if damage == "other key":
        key.write_bytes(self_signed(folder, "127.0.0.1")[1].read_bytes())
    elif damage == "half":
        chain.write_bytes(chain.read_bytes()[:300])
    else:
        chain.write_bytes(b"" if damage == "empty" else b"not a certificate")
    assert asking.had() == ()
    assert is_had(asking)
