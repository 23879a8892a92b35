"""Work that is cut off, held up, or done with a fault around it."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.server.faults import unreachable
from tests.e2e.server.machine import PORTS, ROOT, Outcome, Server, program_environment, told


def with_fault(server: Server, fault: str, number: int = 0, answers: Path | None = None) -> Outcome:
    """Apply ``answers``, else the server's own ones, with a fault around it (see run_work)."""
    words = [str(server.root), server.instance, str(answers or server.file), fault, str(number)]
    return subprocess.run(
        [sys.executable, "-m", "tests.e2e.server.run_work", *words],
        cwd=ROOT,
        env=program_environment(server.environment),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def killed(server: Server, answers: Path, number: int, fault: str = "kill") -> bool:
    """Apply and be killed as the numbered step begins; return False where the work ended before."""
    done = with_fault(server, fault, number, answers)
    assert done.returncode in (0, -signal.SIGKILL), told(done)
    return done.returncode != 0


@contextmanager
def held(server: Server) -> Iterator[None]:
    """Let an apply come as far as its look at the new server, and wait there until the end of the block."""
    with unreachable(server.address, PORTS["client"]):
        yield


def is_waiting(server: Server) -> bool:
    """Say whether the work is at its look at the new server."""
    events = server.journal()
    return bool(events) and events[-1]["kind"] == "step-started" and str(events[-1]["id"]).startswith("health")
