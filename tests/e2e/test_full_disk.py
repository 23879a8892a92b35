"""A server whose disk is full says so, wherever somebody meets it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.e2e.server.faults import fill, small_disk
from tests.e2e.server.machine import Server, told

pytestmark = pytest.mark.e2e


@pytest.fixture
def full(server: Server) -> Iterator[Server]:
    """Give a server whose people's data lie on a disk of their own, without room for one byte more."""
    data = server.state / "data"
    data.mkdir(parents=True)
    with small_disk(data, 30):
        server.apply()
        fill(data / "ballast")
        yield server


def test_a_full_disk_is_told_as_that(full: Server) -> None:
    [problem] = full.json("status", expect=3)["problems"]
    assert problem.startswith(f"only 0 MB are free on the disk with {full.state}/data")
    proof = full.cli("prove")
    assert proof.returncode == 3, told(proof)
    words = " ".join(proof.stdout.split())
    assert "disk is full" in words
    assert "an invitation cannot be saved" in words
    assert "nil value" not in words
    added = full.cli("user", "add", "zoe")
    assert added.returncode == 3, told(added)
    assert "disk is full" in " ".join(added.stderr.split())
    assert "Make room" in added.stderr
