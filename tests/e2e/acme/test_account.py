"""The account with a real authority: another key for it, and what a lost one means."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.e2e.acme.pebble import Pebble
from tests.e2e.acme.serving import answers, issuer, served
from tests.e2e.server.machine import Server, told

pytestmark = pytest.mark.e2e


def account(server: Server) -> dict[str, str]:
    found: dict[str, str] = json.loads(server.cli("--json", "cert", "account").stdout)["account"]
    return found


def key(server: Server) -> Path:
    (found,) = server.state.glob("acme/*/account.key")
    return found


def renewed(server: Server) -> int:
    """Renew everything and return the serial number of what is served then."""
    done = server.cli("cert", "renew", "--force", "--yes", "--no-proof")
    assert done.returncode == 0, told(done)
    assert issuer(served(server)).startswith("Pebble Intermediate CA")
    return served(server).serial_number


def test_another_key_and_then_none(server: Server, tmp_path: Path) -> None:
    with Pebble(tmp_path / "pebble", server.address) as pebble:
        server.apply(answers(pebble))
        first, before, old = served(server).serial_number, account(server), key(server).read_bytes()
        done = server.cli("cert", "account", "rollover")
        assert done.returncode == 0, told(done)
        assert key(server).read_bytes() != old
        # cut off between the authority's yes and the disk: the old key lies where it lay, the new one beside it
        key(server).rename(key(server).with_name("account.next"))
        next_key = next(server.state.glob("acme/*/account.next"))
        next_key.with_name("account.key").write_bytes(old)
        second = renewed(server)
        assert account(server)["url"] == before["url"], "the old key has made no account"
        assert not next_key.exists()
        key(server).unlink()
        third = renewed(server)
        after = account(server)
        assert (after["former_url"], after["url"] != before["url"]) == (before["url"], True)
        assert len({first, second, third}) == 3
        said = " ".join(server.cli("cert", "status").stdout.split())
        assert f"CAA records that name {before['url']} must name {after['url']} instead" in said
