"""Certificates that the admin has already: served as they are, read again when they change, refused when unfit."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from tests.e2e.server.certificate_files import Files
from tests.e2e.server.machine import PORTS, Server, told
from tests.e2e.server.xmpp import Stream, log_in

pytestmark = pytest.mark.e2e


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Give places for a certificate."""
    return Files(tmp_path)


def names(server: Server) -> tuple[str, ...]:
    """Return all names that the server needs."""
    return tuple(f"{label}{server.domain}" for label in ("", "groups.", "share."))


def served(server: Server) -> int:
    """Return the serial number that people get."""
    with Stream((server.address, PORTS["client"]), server.domain) as stream:
        return x509.load_der_x509_certificate(stream.certificate).serial_number


def test_own_files_are_served_and_read_again_when_they_change(server: Server, files: Files) -> None:
    first = files.make(*names(server))
    server.apply(files.answers())
    assert served(server) == first
    assert not (server.settings / "secrets" / "authority").exists(), "no authority is made that nobody needs"
    assert server.nothing_to_do()
    server.add_user()
    began = server.started_at()
    with log_in(server.address, PORTS["client"], f"ann@{server.domain}", "a long pass phrase") as ann:
        second = files.make(*names(server))
        server.apply(files.answers())
        ann.ping()
    assert served(server) == second != first
    assert server.started_at() == began


@pytest.mark.parametrize("days", [-1, 90])
def test_unfit_files_are_refused_before_anything_is_done(server: Server, files: Files, days: int) -> None:
    is_ended = days < 0
    files.make(*(names(server) if is_ended else (server.domain,)), days=days)
    done = server.try_apply(files.answers())
    assert done.returncode == 5, told(done)
    reason = "ended on" if is_ended else f"none of your certificate files is for groups.{server.domain}"
    assert reason in " ".join(done.stderr.split())
    assert server.snapshot() == {}


def test_a_key_of_another_certificate_is_refused(server: Server, files: Files) -> None:
    files.make(*names(server))
    key = files.key.read_bytes()
    files.make(*names(server))
    files.key.write_bytes(key)
    done = server.try_apply(files.answers())
    assert done.returncode == 5, told(done)
    assert f"{files.chain} + {files.key}: the private key belongs to another certificate" in " ".join(
        done.stderr.split()
    )
    assert server.snapshot() == {}


def spoil(files: Files, how: str) -> None:
    """Make the files unfit."""
    if how == "encrypted":
        key = load_pem_private_key(files.key.read_bytes(), None)
        secret = BestAvailableEncryption(b"secret")
        files.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, secret))
    elif how == "a folder":
        files.key.unlink()
        files.key.mkdir()
    elif how == "half":
        files.chain.write_bytes(files.chain.read_bytes()[:200])
    else:
        files.chain.write_bytes(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("encrypted", "key.pem: the private key is encrypted"),
        ("encrypted", "Write it down without one: openssl pkey -in KEY -out NEW-KEY"),
        ("a folder", "key.pem: Is a directory Something else has that name."),
        ("half", "key.pem: this is no certificate"),
        ("garbage", "A certificate file begins with -----BEGIN CERTIFICATE-----"),
    ],
)
def test_case_29_files_that_cannot_be_used_are_told(server: Server, files: Files, how: str, said: str) -> None:
    files.make(*names(server))
    spoil(files, how)
    done = server.cli("plan", "--answers", str(server.answers(files.answers())))
    assert done.returncode == (3 if how == "a folder" else 5), told(done)
    assert said in " ".join(done.stderr.split())
    assert server.snapshot() == {}


def test_files_that_are_gone_are_told(server: Server, files: Files) -> None:
    done = server.try_apply(files.answers())
    assert done.returncode == 5, told(done)
    for path in (files.chain, files.key):
        assert f"{path} (certificates.files) cannot be read" in " ".join(done.stderr.split())
    assert server.snapshot() == {}
