"""No secret is where it does not belong: not in logs, journals, generations, process lists, nor with the engine."""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tests.e2e.server.machine import PASSWORD, Server, told

pytestmark = pytest.mark.e2e


class Processes:
    """Everything that stands in the process list, its arguments and environments, while this watches."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.seen: set[bytes] = set()
        self.rounds = 0

    def look(self) -> None:
        """Look once."""
        self.rounds += 1
        for folder in Path("/proc").glob("[0-9]*"):
            for name in ("cmdline", "environ"):
                with suppress(OSError):
                    self.seen.add((folder / name).read_bytes())


@contextmanager
def watched() -> Iterator[Processes]:
    """Look at all processes as fast as can be, until the end of the block."""
    processes, over = Processes(), threading.Event()

    def look_on() -> None:
        while not over.wait(0.002):
            processes.look()

    thread = threading.Thread(target=look_on, daemon=True)
    thread.start()
    yield processes
    over.set()
    thread.join()


def needles(server: Server, *passwords: str) -> dict[str, bytes]:
    """Return what must not be found anywhere else: passwords, generated secrets, bodies of private keys."""
    found = {password: password.encode() for password in passwords}
    keys = [*server.root.rglob("*.key"), *server.root.rglob("privkey.pem")]
    for path in (server.settings / "secrets").rglob("*"):
        if path.is_file() and path.suffix not in (".key", ".crt"):
            found[path.name] = path.read_bytes().strip()
    for path in keys:
        lines = [line for line in path.read_bytes().splitlines() if b"-----" not in line]
        found[str(path.relative_to(server.root))] = lines[1] if len(lines) > 2 else lines[0]
    return found


def hits(needles: dict[str, bytes], haystack: bytes) -> list[str]:
    """Return the names of the needles in it."""
    return [name for name, needle in needles.items() if needle in haystack]


def test_secrets_stay_where_they_belong(server: Server) -> None:
    # nobody else's: tests beside this one may write theirs into a command line
    first, second = (f"a long pass phrase {uuid.uuid4().hex}" for _ in range(2))
    with watched() as processes:
        applied = server.cli("apply", "--answers", str(server.answers({"security.log_level": "debug"})), "--yes")
        server.add_user("ann", first)
        server.cli("user", "passwd", "ann", "--password-stdin", stdin=f"{second}\n")
        made = server.json("user", "add", "bea")["password"]
        server.log_in("bea", made).__exit__(None, None, None)
        changed = server.cli("apply", "--yes", "--set", "features.file_sharing.max_file_mb=5")
        undone = server.cli("undo", "--yes", "--no-proof")
    secret = needles(server, first, second, made)
    assert len(secret) >= 6, secret.keys()
    assert all(len(needle) >= 12 for needle in secret.values())
    assert processes.rounds > 50
    assert any(server.instance.encode() in seen for seen in processes.seen), "it sees what runs"

    for done in (applied, changed, undone, server.cli("logs", "-n", "100000"), server.cli("status")):
        assert hits(secret, told(done).encode()) == []
    for seen in processes.seen:
        assert hits(secret, seen) == []
    assert hits(secret, json.dumps(server.container()).encode()) == []
    with server.engine() as engine:
        history = engine.images.get(server.container()["Config"]["Image"]).history()
        assert hits(secret, json.dumps(history).encode()) == []


def test_only_secret_folders_hold_secrets(running: Server) -> None:
    secret = needles(running, PASSWORD)
    own = re.compile(r"/secrets/|/certificates/generations/\d+/[^/]+/privkey\.pem$")
    for name, content in running.snapshot().items():
        if not own.search(name):
            assert hits(secret, content) == [], name


def test_others_on_the_machine_cannot_read_them(running: Server) -> None:
    for path in (running.settings / "secrets", running.state):
        assert path.stat().st_mode & 0o777 == 0o700, path
    for path in running.root.rglob("*"):
        if path.name == "privkey.pem" or ("secrets" in path.parts and path.name != "root.crt"):
            assert not path.stat().st_mode & 0o007, path
