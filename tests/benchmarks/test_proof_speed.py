"""All features at once, with a database: how long their proof takes, and what memory they take."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest
from tests.e2e.server.databases import memory_kb
from tests.e2e.server.machine import Server, told

from xmpp_wizard.core.features import optional_features

pytestmark = [pytest.mark.benchmark, pytest.mark.e2e]

ROUNDS = 3
WANTED_SECONDS = 60
WANTED_MB = 140
ALONE = ("jwt", "ldap")
"""Where accounts are kept elsewhere, nobody joins here: such a server cannot have everything."""
EVERYTHING = {
    **{f"features.{feature.name}.enabled": True for feature in optional_features() if feature.name not in ALONE},
    "features.federation.mode": "open",
    "storage.backend": "postgresql",
    "certificates.source": "local",
}


def test_the_proof_of_everything(tmp_path: Path) -> None:
    server = Server(tmp_path)
    taken, steps = [], []
    memory: dict[str, float] = {}
    try:
        server.apply(EVERYTHING)
        for _ in range(ROUNDS):
            began = time.perf_counter()
            done = server.cli("--json", "prove")
            taken.append(time.perf_counter() - began)
            events = [json.loads(line) for line in done.stdout.splitlines()]
            steps = [event for event in events if "is_green" in event]
            assert done.returncode == 0, told(done)
        with server.engine() as engine:
            for name in ("prosody", "turn", "postgresql"):
                memory[name] = memory_kb(engine.containers.get(f"{server.project}-{name}")) / 1000
    finally:
        server.remove()
    slowest = sorted(((step["seconds"], step["name"]) for step in steps), reverse=True)[:8]
    sys.stdout.write(
        f"\nproof of everything: {max(taken):.1f} s at most of {ROUNDS} (wanted {WANTED_SECONDS}), {len(steps)} steps; "
        f"slowest: {', '.join(f'{name} {seconds:.1f} s' for seconds, name in slowest)}\n"
        f"memory with nobody there: {sum(memory.values()):.0f} MB (wanted {WANTED_MB}): "
        f"{', '.join(f'{name} {size:.0f}' for name, size in memory.items())}\n"
    )
