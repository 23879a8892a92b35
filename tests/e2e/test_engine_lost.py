"""The container engine goes away and comes back; the server does so without anybody."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.server.engine import OwnEngine
from tests.e2e.server.faults import unreachable, wait_until
from tests.e2e.server.machine import PORTS, Server, program_environment, told

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def engine(image: str) -> Iterator[OwnEngine]:
    """Give an engine of the test's own that has the image."""
    # the default folder of tests is too long for the name of a socket, /tmp may lie on an overlay
    with tempfile.TemporaryDirectory(prefix="engine-", dir="/var/tmp") as folder, OwnEngine(Path(folder)) as engine:
        engine.load(image)
        yield engine


@pytest.fixture
def server(engine: OwnEngine, tmp_path: Path) -> Iterator[Server]:
    """Give a server on that engine that nothing was applied to yet."""
    server = Server(tmp_path, docker_host=engine.host)
    yield server
    server.remove()


def test_a_restart_of_the_engine_brings_the_server_back(engine: OwnEngine, server: Server) -> None:
    server.apply()
    server.add_user()
    engine.stop()
    assert not server.serves()
    done = server.cli("status")
    assert done.returncode == 3, told(done)
    assert "the container engine is not running" in done.stderr
    engine.start()
    wait_until(server.serves, "the server is back")
    with server.log_in() as ann:
        ann.ping()
    assert server.nothing_to_do()
    assert server.status()["healthy"]


def test_a_killed_engine_interrupts_nobody_for_long(engine: OwnEngine, server: Server) -> None:
    server.apply()
    server.add_user()
    engine.kill()
    engine.start()
    wait_until(server.serves, "the server is back")
    wait_until(lambda: server.status()["healthy"], "the server is well")
    with server.log_in() as ann:
        ann.ping()
    assert server.nothing_to_do()


def test_an_engine_killed_in_the_middle_of_an_apply_leaves_work_that_the_next_run_finishes(
    engine: OwnEngine, server: Server
) -> None:
    command = server.command("apply", "--answers", str(server.answers()), "--yes", "--no-proof")
    with unreachable(server.address, PORTS["client"]):
        front = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=program_environment(server.environment),
        )
        wait_until(lambda: any(event["kind"] == "step-started" for event in server.journal()), "it works")
        wait_until(lambda: server.journal()[-1].get("id", "").startswith("health"), "it is at its last step")
        engine.kill()
        try:
            _, said = front.communicate(timeout=90)
        finally:
            engine.start()
    assert front.returncode == 3, said
    # the second is said of an engine that was asked something just then
    assert re.search("the container engine (is not running|went away)", " ".join(said.split())), said
    kept = server.secrets()
    server.apply()
    assert server.status()["healthy"]
    assert {name: server.secrets()[name] for name in kept} == kept


def test_a_server_whose_process_dies_is_started_again_by_the_engine(server: Server) -> None:
    server.apply()
    server.add_user()
    os.kill(server.container()["State"]["Pid"], signal.SIGKILL)
    wait_until(lambda: server.container()["RestartCount"] == 1 and server.serves(), "the server is back")
    with server.log_in() as ann:
        ann.ping()
    assert server.nothing_to_do()


def test_a_server_that_was_stopped_is_told_and_started_by_apply(server: Server) -> None:
    server.apply()
    with server.engine() as client:
        client.containers.get(f"{server.project}-prosody").stop()
    done = server.cli("status")
    assert done.returncode == 3, told(done)
    assert "is stopped" in " ".join(done.stdout.split())
    server.apply()
    assert server.status()["healthy"]


def test_a_server_whose_container_was_removed_is_made_again(server: Server) -> None:
    server.apply()
    server.add_user()
    with server.engine() as client:
        client.containers.get(f"{server.project}-prosody").remove(force=True)
    assert server.status()["healthy"] is False
    server.apply()
    with server.log_in() as ann:
        ann.ping()
