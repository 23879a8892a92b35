"""Certificates of a real authority, served by a real server: from the first apply to a renewal that nobody notices."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.acme.pebble import Pebble
from tests.e2e.acme.serving import answers, cert_status, issuer, names, served
from tests.e2e.server.faults import listens, wait_until
from tests.e2e.server.machine import PORTS, Server, told
from tests.e2e.server.xmpp import log_in

pytestmark = pytest.mark.e2e

LABELS = ("", "groups.", "share.")


@pytest.fixture
def pebble(server: Server, tmp_path: Path) -> Iterator[Pebble]:
    """Give an authority to which all names of the server lead to it."""
    with Pebble(tmp_path / "pebble", server.address) as running:
        yield running


def test_public_certificates_are_had_served_and_renewed(server: Server, pebble: Pebble) -> None:
    server.apply(answers(pebble))
    first = served(server)
    assert issuer(first).startswith("Pebble Intermediate CA")
    assert names(first) == {label + server.domain for label in LABELS}
    assert server.nothing_to_do()
    assert server.status()["healthy"]
    server.add_user()
    began = server.started_at()
    roots = pebble.roots.read_text()
    with log_in(server.address, PORTS["client"], f"ann@{server.domain}", "a long pass phrase", roots=roots) as ann:
        done = server.cli("cert", "renew", "--force", "--yes", "--no-proof")
        assert done.returncode == 0, told(done)
        ann.ping()
    second = served(server)
    assert second.serial_number != first.serial_number
    assert second.public_key() == first.public_key()
    assert server.started_at() == began


def test_a_closed_port_stops_no_apply_and_is_mended_by_itself(server: Server, pebble: Pebble) -> None:
    groups = f"groups.{server.domain}"
    pebble.lead(groups, "127.62.0.1")
    server.apply(answers(pebble))
    assert issuer(served(server)).startswith("Pebble Intermediate CA")
    assert names(served(server)) == {server.domain, f"share.{server.domain}"}
    found = cert_status(server)
    (trouble,) = found["troubles"]
    assert (trouble["name"], trouble["key"]) == (groups, "refused")
    assert trouble["next_attempt"]
    said = server.cli("status")
    assert said.returncode == 3
    assert f"{groups} is reached from outside, but port 80 there is closed" in " ".join(said.stdout.split())
    assert server.nothing_to_do()
    too_early = server.cli("cert", "renew", "--if-due")
    assert too_early.returncode == 3, told(too_early)
    assert "port 80 there is closed" in " ".join(too_early.stderr.split())
    # a record that was put right is noticed by the next run, whenever the next attempt would be
    pebble.lead_back(groups)
    done = server.cli("cert", "renew", "--if-due")
    assert done.returncode == 0, told(done)
    assert names(served(server)) == {label + server.domain for label in LABELS}
    assert cert_status(server)["troubles"] == []
    assert server.status()["healthy"]


def test_an_authority_that_is_away_stops_no_apply(server: Server, pebble: Pebble) -> None:
    pebble.stop()
    server.apply(answers(pebble))
    assert issuer(served(server)).startswith("xmpp-wizard ")
    assert {trouble["key"] for trouble in cert_status(server)["troubles"]} == {"offline"}
    pebble.start()
    done = server.cli("cert", "issue", "--yes", "--no-proof")
    assert done.returncode == 0, told(done)
    assert issuer(served(server)).startswith("Pebble Intermediate CA")


def test_a_renewal_by_hand_that_fails_is_told(server: Server, pebble: Pebble) -> None:
    server.apply(answers(pebble))
    first = served(server)
    pebble.stop()
    done = server.cli("cert", "renew", "--force", "--yes", "--no-proof")
    assert done.returncode == 3, told(done)
    assert "the authority is not reached from this machine" in " ".join(done.stderr.split())
    said = server.cli("cert", "status").stdout
    assert "what is there stays in use" in said
    assert "stands in" not in said
    assert served(server) == first


def test_a_renewal_comes_when_the_authority_wants_it(server: Server, pebble: Pebble) -> None:
    server.apply(answers(pebble))
    first = served(server)
    assert server.cli("cert", "renew", "--if-due").returncode == 0
    assert served(server) == first
    chain = server.state / "certificates" / "live" / server.domain / "fullchain.pem"
    past = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-02T00:00:00Z"}
    pebble.suggest(chain.read_bytes(), json.dumps({"suggestedWindow": past}))
    state = server.state / "acme" / "state.json"
    state.write_text(re.sub(r'"ask_renewal_at": "[^"]+"', '"ask_renewal_at": null', state.read_text()))
    done = server.cli("cert", "renew", "--if-due")
    assert done.returncode == 0, told(done)
    second = served(server)
    assert second.serial_number != first.serial_number
    assert second.public_key() == first.public_key()


def test_another_web_server_answers_the_checks_from_its_folder(server: Server, pebble: Pebble, tmp_path: Path) -> None:
    folder = tmp_path / "www"
    folder.mkdir()
    command = [sys.executable, "-m", "http.server", "80", "--bind", server.address, "--directory", str(folder)]
    web = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: listens(server.address, 80), "it has the port")
        server.apply(answers(pebble, challenge="http-01"))
        troubles = cert_status(server)["troubles"]
        assert {trouble["key"] for trouble in troubles} == {"port-taken"}
        assert f"(pid {web.pid})" in json.dumps(troubles)
        server.apply(answers(pebble, webroot=str(folder)))
        assert server.cli("cert", "issue", "--yes", "--no-proof").returncode == 0
        assert issuer(served(server)).startswith("Pebble Intermediate CA")
        assert list((folder / ".well-known" / "acme-challenge").iterdir()) == []
    finally:
        web.terminate()
        web.wait()


def test_revoked_certificates_are_replaced_at_once(server: Server, pebble: Pebble) -> None:
    server.apply(answers(pebble))
    first = served(server)
    done = server.cli("cert", "revoke", "--key-stolen", "--yes", "--no-proof")
    assert done.returncode == 0, told(done)
    assert pebble.revocation(first.serial_number) == "Revoked"
    second = served(server)
    assert second.public_key() != first.public_key()
    assert pebble.revocation(second.serial_number) == "Valid"
