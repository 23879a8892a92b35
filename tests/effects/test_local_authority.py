"""Certificates as OpenSSL sees them, and keys that people really have."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.effects.local_authority import LocalAuthority

NOW = datetime.now(UTC)


def openssl(*arguments: str) -> str:
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("purpose", ["sslserver", "sslclient"])
def test_openssl_trusts_a_certificate_of_ours_strictly(tmp_path: Path, purpose: str) -> None:
    authority = LocalAuthority()
    root = authority.new_authority("Chat at home", NOW)
    files = authority.issue(root, ["chat.example", "groups.chat.example"], NOW)
    (tmp_path / "root.pem").write_bytes(root[0])
    (tmp_path / "chain.pem").write_bytes(files.chain)
    told = openssl(
        "verify", "-x509_strict", "-purpose", purpose, "-verify_hostname", "groups.chat.example",
        "-CAfile", f"{tmp_path}/root.pem", f"{tmp_path}/chain.pem",
    )  # fmt: skip
    assert told.endswith(": OK\n")


def test_the_certificate_says_what_it_is_for(tmp_path: Path) -> None:
    authority = LocalAuthority()
    root = authority.new_authority("Chat at home", NOW)
    (tmp_path / "root.pem").write_bytes(root[0])
    (tmp_path / "chain.pem").write_bytes(authority.issue(root, ["chat.example"], NOW).chain)
    text = openssl("x509", "-noout", "-text", "-in", f"{tmp_path}/chain.pem")
    for part in ("CA:FALSE", "TLS Web Server Authentication, TLS Web Client Authentication", "DNS:chat.example",
                 "prime256v1", "Subject Key Identifier", "Authority Key Identifier"):  # fmt: skip
        assert part in text
    assert "CA:TRUE, pathlen:0" in openssl("x509", "-noout", "-text", "-in", f"{tmp_path}/root.pem")


def test_a_name_too_long_for_a_subject_is_still_certified() -> None:
    name = "a" * 60 + ".chat.example"
    authority = LocalAuthority()
    files = authority.issue(authority.new_authority("Chat at home", NOW), [name], NOW)
    assert authority.inspect(files.chain).names == (name,)


def test_a_certificate_does_not_outlive_its_root() -> None:
    authority = LocalAuthority()
    root = authority.new_authority("Chat at home", NOW - timedelta(days=3500))
    files = authority.issue(root, ["chat.example"], NOW)
    assert authority.inspect(files.chain).not_after <= authority.inspect(root[0]).not_after


def test_an_expired_certificate_is_a_fact() -> None:
    authority = LocalAuthority()
    then = NOW - timedelta(days=2000)
    files = authority.issue(authority.new_authority("Old", then), ["chat.example"], then)
    assert authority.inspect(files.chain, files.key).not_after < NOW


def test_the_first_certificate_of_a_chain_counts() -> None:
    authority = LocalAuthority()
    root = authority.new_authority("Chat at home", NOW)
    files = authority.issue(root, ["chat.example"], NOW)
    assert authority.inspect(files.chain + root[0], files.key).names == ("chat.example",)


def test_keys_of_other_kinds_are_told_apart() -> None:
    authority = LocalAuthority()
    root = authority.new_authority("Chat at home", NOW)
    chain = authority.issue(root, ["chat.example"], NOW).chain
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encrypted = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"password"),
    )
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    with pytest.raises(EffectError, match="encrypted") as caught:
        authority.inspect(chain, encrypted)
    assert "openssl pkey" in str(caught.value.hint)
    with pytest.raises(EffectError, match="another certificate"):
        authority.inspect(chain, plain)
    with pytest.raises(EffectError, match="not one that this program made"):
        authority.issue((root[0], plain), ["chat.example"], NOW)


def test_a_key_that_no_app_accepts_is_refused_beforehand(tmp_path: Path) -> None:
    openssl(
        "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-days", "9", "-subj", "/CN=chat.example",
        "-addext", "subjectAltName=DNS:chat.example", "-keyout", f"{tmp_path}/key.pem", "-out", f"{tmp_path}/chain.pem",
    )  # fmt: skip
    with pytest.raises(EffectError, match="too short"):
        LocalAuthority().inspect((tmp_path / "chain.pem").read_bytes(), (tmp_path / "key.pem").read_bytes())
