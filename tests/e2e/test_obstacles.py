"""Things in the way: told clearly, with nothing half done; gone, the same command works."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.e2e.server.cut_off import with_fault
from tests.e2e.server.faults import small_disk
from tests.e2e.server.machine import PORTS, Server, program_environment, told

pytestmark = pytest.mark.e2e

LISTEN = """
import socket, sys
taken = socket.create_server((sys.argv[1], int(sys.argv[2])))
print("ready", flush=True)
sys.stdin.read()
"""


@contextmanager
def taken(address: str, port: int) -> Iterator[int]:
    """Let another program hold a port; yield its pid."""
    command = [sys.executable, "-c", LISTEN, address, str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield process.pid
        process.kill()


def last_words(server: Server) -> str:
    """Return how the last apply ended, text and hint in English."""
    end = server.journal()[-1]
    assert end["kind"] == "apply-ended", end
    return " ".join(_english(end[part]) for part in ("text", "hint"))


def _english(text: dict[str, object]) -> str:
    pairs = dict(text["values"])  # type: ignore[call-overload]
    values = {name: _english(value) if isinstance(value, dict) else value for name, value in pairs.items()}
    return str(text["message"]).format(**values) if values else str(text["message"])


def test_a_taken_port_is_told_with_who_holds_it(server: Server) -> None:
    with taken(server.address, PORTS["client"]) as pid:
        for command in ("apply", "plan"):
            words = ("--yes",) if command == "apply" else ()
            done = server.cli(command, "--answers", str(server.answers()), *words)
            assert done.returncode == 5, told(done)
            program = Path(f"/proc/{pid}/comm").read_text().strip()
            assert f"port 5222 (apps) is taken by {program} (pid {pid})" in " ".join(told(done).split())
        assert server.snapshot() == {}
        assert server.containers() == []
    server.apply()
    assert server.status()["healthy"]


def test_a_change_to_a_taken_port_leaves_everything_as_it_was(running: Server) -> None:
    before, began = running.snapshot(), running.started_at()
    with taken(running.address, 6223) as pid:
        done = running.try_apply({"network.client_tls_port": 6223})
    assert done.returncode == 5, told(done)
    assert f"pid {pid}" in done.stderr
    assert running.snapshot() == before
    assert running.started_at() == began


def test_two_servers_cannot_have_the_same_address(running: Server, server: Server) -> None:
    before = running.snapshot()
    done = server.try_apply({"network.listen": [running.address]})
    assert done.returncode == 5, told(done)
    assert "port 5222 (apps) is taken by" in " ".join(done.stderr.split())
    assert server.snapshot() == {}
    assert running.snapshot() == before


def test_an_engine_that_does_not_run_is_told_with_what_starts_it(server: Server) -> None:
    command = server.command("apply", "--answers", str(server.answers()), "--yes")
    environment = {name: value for name, value in program_environment().items() if name != "DOCKER_HOST"}
    # in a view of the machine without the engine's socket
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /run && exec "$@"', "sh", *command],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=environment,
    )
    assert done.returncode == 3, told(done)
    assert "the container engine is not running" in done.stderr
    assert "Start it: " in done.stderr
    assert server.snapshot() == {}


def test_an_engine_that_is_named_wrongly_is_told_with_its_name(server: Server) -> None:
    nowhere = f"unix:///run/{server.project}.sock"
    server.environment = {"DOCKER_HOST": nowhere}
    done = server.try_apply()
    assert done.returncode == 3, told(done)
    assert f"DOCKER_HOST is {nowhere}" in " ".join(done.stderr.split())
    assert server.snapshot() == {}


def test_a_disk_that_is_too_small_is_told_before_anything_is_written(server: Server) -> None:
    with small_disk(server.root, 60):
        done = server.try_apply()
        assert done.returncode == 5, told(done)
        assert "MB free; 100 MB are needed" in " ".join(done.stderr.split())
        assert server.containers() == []
        assert server.snapshot() == {}


def test_a_disk_that_fills_up_in_the_middle_loses_nothing(server: Server) -> None:
    with small_disk(server.root, 200):
        server.apply()
        server.add_user()
        kept = server.secrets()
        changes = {"features.file_sharing.max_file_mb": 5}
        for step in range(1, 6):
            server.answers(changes)
            done = with_fault(server, "fill", step)
            if step > 2 and done.returncode == 0:  # all is written, and the server does without more room
                with server.log_in() as ann:
                    ann.ping()
            else:
                assert done.returncode in (3, 6), f"step {step}: {told(done)}"
            assert "Traceback" not in done.stderr, f"step {step}: {told(done)}"
            full = server.try_apply(changes)
            assert full.returncode in ((3, 5) if done.returncode else (0,)), told(full)
            assert "Traceback" not in full.stderr, told(full)
            (server.root / "filler").unlink()
            server.apply(changes)
            assert server.status()["healthy"]
            assert server.secrets() == kept
            with server.log_in() as ann:
                ann.ping()
            server.apply()
        server.remove()


def test_an_image_that_cannot_be_built_leaves_the_server_alone(running: Server) -> None:
    running.apply()
    before, began = running.snapshot(), running.started_at()
    done = with_fault(running, "image")
    assert done.returncode == 3, told(done)
    said = last_words(running)
    assert "cannot build the image prosody" in said
    assert "no-such-package" in said
    assert running.started_at() == began
    new = {
        name
        for name in set(running.snapshot()) - set(before)
        if "/journal/" not in name and "/generations/" not in name
    }
    assert new == set()
    assert running.status()["healthy"]
    assert running.cli("apply", "--yes", "--no-proof").returncode == 0
