"""What a client costs that is only there: TLS, a kept session, copies, contacts; beside plain Prosody."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from tests.benchmarks.crowd import Crowd
from tests.benchmarks.processes import unique_kib
from tests.benchmarks.rivals import PORT, Place, make_people, plain_prosody
from tests.e2e.server.machine import Server

pytestmark = [pytest.mark.benchmark, pytest.mark.e2e]

NAMES = [f"person{number}" for number in range(1000)]
SETTLE_SECONDS = 10
WANTED_KB = 130


def kb_each(container: str, address: str, domain: str) -> float:
    """Return by how much 1,000 clients make the container larger, each, in kB."""
    time.sleep(SETTLE_SECONDS)
    before = unique_kib(container)
    with Crowd((address, PORT), domain, NAMES) as crowd:
        crowd.come()
        time.sleep(SETTLE_SECONDS)
        return (unique_kib(container) - before) * 1.024 / len(NAMES)


def test_memory_of_idle_clients(tmp_path: Path) -> None:
    server = Server(tmp_path / "ours")
    server.root.mkdir()
    try:
        server.apply({"certificates.source": "local"})
        with server.engine() as engine:
            make_people(engine.containers.get(f"{server.project}-prosody"), server.domain, NAMES, "5222")
        server.restart()
        ours = kb_each(f"{server.project}-prosody", server.address, server.domain)
        live = server.state / "certificates/live" / server.domain
        chain, key = ((live / name).read_text() for name in ("fullchain.pem", "privkey.pem"))
    finally:
        server.remove()
    place = Place(tmp_path / "plain", "127.49.0.7", server.domain, chain, key)
    with plain_prosody(place, NAMES) as container:
        plain = kb_each(container, place.address, place.domain)
    sys.stdout.write(f"\n1,000 idle clients: {ours:.0f} kB each, plain Prosody {plain:.0f} (wanted {WANTED_KB})\n")
