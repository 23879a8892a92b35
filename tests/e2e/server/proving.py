"""What a proof finds on a server, as it is and with its configuration changed by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.e2e.server.faults import listens, wait_until
from tests.e2e.server.machine import PORTS, Server, told


def proven(server: Server) -> dict[str, dict[str, Any]]:
    """Return how each step came out."""
    done = server.cli("--json", "prove")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    found = {event["name"]: event for event in events if event["kind"] == "proof-ended"}
    assert done.returncode == (0 if all(event["is_green"] for event in found.values()) else 3), told(done)
    return found


def red(found: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Return the names of the steps that came out red."""
    return {name for name, event in found.items() if not event["is_green"]}


@contextmanager
def changed(server: Server, changes: Mapping[str, str]) -> Iterator[None]:
    """Run the server with another configuration for a while."""
    file = server.settings / "prosody" / "prosody.cfg.lua"
    good = text = file.read_text()
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    try:
        file.write_text(text)
        restart(server)
        yield
    finally:
        file.write_text(good)
        restart(server)


def restart(server: Server) -> None:
    """Restart Prosody and wait until it listens."""
    with server.engine() as engine:
        engine.containers.get(f"{server.project}-prosody").restart(timeout=5)
    wait_until(lambda: listens(server.address, PORTS["client"]), "Prosody listens again")
