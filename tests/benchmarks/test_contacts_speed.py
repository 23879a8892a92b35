"""What a log-in costs where everybody is in everybody's contact list: shared ones beside the same ones kept by each."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import pytest
from tests.benchmarks.crowd import Crowd
from tests.benchmarks.processes import cpu_seconds
from tests.benchmarks.rivals import PORT, make_people
from tests.e2e.server.machine import Server

pytestmark = [pytest.mark.benchmark, pytest.mark.e2e]

NAMES = [f"person{number}" for number in range(50)]
ROUNDS = 3
KINDS: Mapping[str, bool] = {"no contacts": False, "shared contacts": True, "contacts kept by each": False}
KEEP = (
    '> local store = require "prosody.core.storagemanager".open("{domain}", "roster", "keyval"); '
    "for one = 0, {last} do local list = {{ [false] = {{ version = 1 }} }}; for other = 0, {last} do "
    'if one ~= other then list["person" .. other .. "@{domain}"] = {{ subscription = "both", groups = {{}} }} end end; '
    'store:set("person" .. one, list) end; prosody.hosts["{domain}"].roster_cache = nil; return "kept"'
)


@pytest.fixture
def crowds(tmp_path: Path) -> Iterator[dict[str, tuple[str, Crowd]]]:
    """Give for each kind the container of a server with people, and their clients."""
    with ExitStack() as stack:
        found = {}
        for number, (kind, is_shared) in enumerate(KINDS.items()):
            server = Server(tmp_path / str(number))
            (tmp_path / str(number)).mkdir()
            stack.callback(server.remove)
            server.apply({"certificates.source": "local", "features.shared_contacts.enabled": is_shared})
            container = f"{server.project}-prosody"
            with server.engine() as engine:
                make_people(engine.containers.get(container), server.domain, NAMES, "5222")
            if kind == "contacts kept by each":
                program = KEEP.format(domain=server.domain, last=len(NAMES) - 1)
                assert "kept" in server.inside("prosodyctl", "shell", program)
            found[kind] = container, stack.enter_context(Crowd((server.address, PORT), server.domain, NAMES))
        yield found


def test_log_ins_with_contacts(crowds: dict[str, tuple[str, Crowd]]) -> None:
    costs: dict[str, list[float]] = {kind: [] for kind in crowds}
    for _ in range(ROUNDS + 1):
        for kind, (container, crowd) in crowds.items():
            before = cpu_seconds(container)
            crowd.come()
            costs[kind].append((cpu_seconds(container) - before) * 1000 / len(NAMES))
            crowd.leave()
    for kind, found in costs.items():
        # in the first round caches fill
        sys.stdout.write(f"\nlog-in with {kind}: {median(found[1:]):.1f} ms of processor time\n")
