"""From one source of certificates to another, and back: each serves its own, and nobody's are lost or left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.acme.pebble import Pebble
from tests.e2e.acme.serving import answers, cert_status, issuer, names, served
from tests.e2e.server.certificate_files import Files
from tests.e2e.server.machine import Server, told

pytestmark = [pytest.mark.e2e, pytest.mark.long]


@pytest.fixture
def pebble(server: Server, tmp_path: Path) -> Iterator[Pebble]:
    """Give an authority to which all names of the server lead to it."""
    with Pebble(tmp_path / "pebble", server.address) as running:
        yield running


def test_acme_then_local_then_files_and_back(server: Server, pebble: Pebble, tmp_path: Path) -> None:
    server.apply(answers(pebble))
    public = served(server)
    assert issuer(public).startswith("Pebble")
    server.apply({"certificates.source": "local"})
    local_issuer = issuer(served(server))
    assert local_issuer.startswith("xmpp-wizard ")
    assert server.nothing_to_do()
    assert cert_status(server)["troubles"] == []
    files = Files(tmp_path)
    files.make(*names(public))
    server.apply(files.answers())
    assert server.nothing_to_do()
    files_issuer = issuer(served(server))
    assert files_issuer in names(public)
    server.apply(answers(pebble))
    assert served(server) == public, "what was had before is served again, without asking anew"
    assert server.nothing_to_do()
    for number, its_issuer in ((3, files_issuer), (2, local_issuer), (1, issuer(public))):
        done = server.cli("undo", "--to", str(number), "--yes", "--no-proof")
        assert done.returncode == 0, told(done)
        assert issuer(served(server)) == its_issuer
    assert served(server) == public


def test_certificates_of_before_are_revoked_though_others_are_served(server: Server, pebble: Pebble) -> None:
    server.apply(answers(pebble))
    first = served(server)
    server.apply({"certificates.source": "local"})
    local = served(server)
    done = server.cli("cert", "revoke", "--yes", "--no-proof", "--key-stolen")
    assert done.returncode == 0, told(done)
    assert pebble.revocation(first.serial_number) == "Revoked"
    assert served(server) == local
    done = server.cli("cert", "revoke", "--yes", "--no-proof")
    assert done.returncode == 5, told(done)
    assert "no public certificates" in done.stderr
    server.apply(answers(pebble))
    again = served(server)
    assert issuer(again).startswith("Pebble")
    assert again.public_key() != first.public_key()
