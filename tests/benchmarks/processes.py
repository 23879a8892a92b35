"""What the processes of a container take of the machine."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import docker

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(container: str) -> float:
    """Return the processor time of all its living processes since they began."""
    fields = [(Path("/proc") / pid / "stat").read_text().rpartition(")")[2].split() for pid in _pids(container)]
    return sum(int(user) + int(system) for user, system in (field[11:13] for field in fields)) / _TICKS


def unique_kib(container: str) -> int:
    """Return the unique set size of all its processes, in KiB.

    Pages shared with others are left out: how much of these each one bears depends on who else runs.
    """
    total = 0
    for pid in _pids(container):
        lines = (Path("/proc") / pid / "smaps_rollup").read_text().splitlines()
        total += sum(int(line.split()[1]) for line in lines if line.startswith(("Private_Clean:", "Private_Dirty:")))
    return total


def _pids(container: str) -> list[str]:
    with closing(docker.from_env()) as engine:
        return [str(pid) for (pid,) in engine.containers.get(container).top(ps_args="-o pid")["Processes"]]
