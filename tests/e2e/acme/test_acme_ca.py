"""The client for ACME against a real authority."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from tests.e2e.acme.conftest import Get, prove
from tests.e2e.acme.pebble import HMAC_KEY, KEY_ID, PROFILES, Pebble

from xmpp_wizard.core.acme.model import AcmeError, CertificateAuthority, ExternalBinding, KeyKind
from xmpp_wizard.effects.acme_ca import AcmeAuthorities

pytestmark = pytest.mark.e2e


def leaf(chain: bytes) -> x509.Certificate:
    return x509.load_pem_x509_certificates(chain)[0]


@pytest.mark.parametrize("kind", ["ec256", "ec384", "rsa2048"])
def test_an_account_is_made_once_for_each_key(pebble: Pebble, kind: KeyKind) -> None:
    key = AcmeAuthorities().new_key(kind)
    assert AcmeAuthorities().key_kind(key) == kind
    first, second = (AcmeAuthorities().connect(pebble.url, key, str(pebble.roots)).log_in() for _ in range(2))
    assert first == second != ""


def test_the_directory_tells_of_itself(authority: CertificateAuthority) -> None:
    facts = authority.facts
    assert set(facts.profiles) == set(PROFILES)
    assert facts.has_renewal_info


def test_a_certificate_has_its_names_and_its_chain(get: Get) -> None:
    names = ["a.example", *(f"n{number}.a.example" for number in range(12))]
    chain = get(*names)
    found = leaf(chain).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert sorted(found.get_values_for_type(x509.DNSName)) == sorted(names)
    assert len(x509.load_pem_x509_certificates(chain)) == 2
    usage = leaf(chain).extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]


@pytest.mark.parametrize("profile", PROFILES)
def test_profiles_decide_how_long_it_lasts(get: Get, profile: str) -> None:
    certificate = leaf(get("a.example", profile=profile))
    lasts = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    expected = timedelta(seconds=int(str(PROFILES[profile]["validityPeriod"])))
    assert abs(lasts - expected) < timedelta(hours=1)


@pytest.mark.parametrize("kind", ["ec256", "ec384", "rsa2048"])
def test_keys_of_each_kind_are_certified(get: Get, kind: KeyKind) -> None:
    key = AcmeAuthorities().new_key(kind)
    chain = get("a.example", key=key)
    again = get("a.example", key=key)
    assert leaf(chain).public_key() == leaf(again).public_key()


def test_an_unknown_profile_is_told(authority: CertificateAuthority) -> None:
    with pytest.raises(AcmeError) as caught:
        authority.order(["a.example"], "gold")
    assert caught.value.problem.type == "invalidProfile"


def test_a_check_that_fails_says_why(authority: CertificateAuthority, pebble: Pebble, host: str) -> None:
    pebble.lead("closed.example", "127.62.0.1")
    order = authority.order(["a.example", "closed.example"])
    came_out = {one.name: one for one in prove(authority, order, host)}
    assert came_out["a.example"].status == "valid"
    assert came_out["closed.example"].status == "invalid"
    problem = next(item.problem for item in came_out["closed.example"].challenges if item.problem)
    assert problem.type == "connection"
    assert "refused" in problem.detail


def test_wildcards_are_marked(authority: CertificateAuthority) -> None:
    order = authority.order(["a.example", "*.a.example"])
    found = {(one := authority.authorization(url)).identifier: one for url in order.authorizations}
    assert set(found) == {"a.example", "*.a.example"}
    kinds = {item.kind for item in found["*.a.example"].challenges}
    assert "dns-01" in kinds
    assert "http-01" not in kinds


def test_a_renewal_names_what_it_replaces_once(get: Get, authority: CertificateAuthority, pebble: Pebble) -> None:
    old = get("a.example")
    get("a.example", replaces=old)
    before = pebble.said()
    assert authority.order(["a.example"], replaces=old).status == "pending"
    # the authority knows of a successor already: asked again without it, not given up
    assert pebble.said().removeprefix(before).count("POST /order-plz") == 2


def test_another_account_renews_too_as_the_first_may_be_lost(get: Get, pebble: Pebble) -> None:
    old = get("a.example")
    another = AcmeAuthorities().connect(pebble.url, AcmeAuthorities().new_key("ec256"), str(pebble.roots))
    another.log_in()
    assert another.order(["a.example"], replaces=old).status == "pending"


def test_the_authority_says_when_to_renew(get: Get, authority: CertificateAuthority) -> None:
    chain = get("a.example", profile="classic")
    info = authority.renewal_info(chain)
    assert info is not None
    assert leaf(chain).not_valid_before_utc < info.start < info.end < leaf(chain).not_valid_after_utc
    assert 60 <= info.check_again_seconds <= 86400
    authority.revoke(chain, 4)
    info = authority.renewal_info(chain)
    assert info is not None
    assert info.end < datetime.now(UTC) + timedelta(minutes=1)


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[]",
        '{"suggestedWindow": null}',
        '{"suggestedWindow": {"start": "x", "end": "y"}}',
        '{"suggestedWindow": {"start": "2026-12-01T00:00:00", "end": "2026-12-02T00:00:00"}}',
        '{"suggestedWindow": {"start": "2026-12-02T00:00:00Z", "end": "2026-12-01T00:00:00Z"}}',
    ],
)
def test_nonsense_about_renewals_counts_as_nothing(
    get: Get, authority: CertificateAuthority, pebble: Pebble, body: str
) -> None:
    chain = get("a.example")
    pebble.suggest(chain, body)
    assert authority.renewal_info(chain) is None


def test_revoking_works_once(get: Get, authority: CertificateAuthority, pebble: Pebble) -> None:
    chain = get("a.example")
    authority.revoke(chain, 1)
    assert pebble.revocation(leaf(chain).serial_number) == "Revoked"
    with pytest.raises(AcmeError) as caught:
        authority.revoke(chain, 1)
    assert caught.value.problem.type == "alreadyRevoked"


def test_accounts_of_a_web_site_are_bound(folder: Path, host: str, account_key: bytes) -> None:
    with Pebble(folder / "bound", host, externalAccountBindingRequired=True) as pebble:
        authority = AcmeAuthorities().connect(pebble.url, account_key, str(pebble.roots))
        with pytest.raises(AcmeError) as caught:
            authority.log_in()
        assert caught.value.problem.type == "externalAccountRequired"
        with pytest.raises(AcmeError) as caught:
            authority.log_in(ExternalBinding(KEY_ID, "AAAA"))
        assert caught.value.problem.type == "unauthorized"
        assert authority.log_in(ExternalBinding(KEY_ID, HMAC_KEY))


def test_an_authority_that_lost_its_memory_says_so(folder: Path, host: str, account_key: bytes) -> None:
    with Pebble(folder / "forgetful", host) as pebble:
        authority = AcmeAuthorities().connect(pebble.url, account_key, str(pebble.roots))
        authority.log_in()
        pebble.stop()
        pebble.start()
        with pytest.raises(AcmeError) as caught:
            authority.order(["a.example"])
        assert caught.value.problem.type == "accountDoesNotExist"
        assert authority.log_in()
        assert authority.order(["a.example"]).status == "pending"


def test_many_nonces_may_be_bad(folder: Path, host: str, account_key: bytes) -> None:
    with Pebble(folder / "nonces", host) as pebble:
        pebble.stop()
        # of a hundred: some of the orders below meet a bad one, and hardly ever one meets so many that it gives up
        pebble.start({"PEBBLE_WFE_NONCEREJECT": "10"})
        authority = AcmeAuthorities().connect(pebble.url, account_key, str(pebble.roots))
        authority.log_in()
        for _ in range(30):
            assert authority.order(["a.example"]).status in {"pending", "ready"}
