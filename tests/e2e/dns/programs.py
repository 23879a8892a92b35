"""Servers from Debian's packages as processes of the tests; name servers have an address of their own and port 53."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

UNPACKED = Path(sys.prefix) / "servers"
"""Where run-tests.sh puts what this host does not have."""
KEY_NAME = "wizard-key"
ALGORITHM = "hmac-sha256"
PROOFS_KEY_NAME = "proofs-key"
PROOFS_SECRET = "c2VjcmV0IG9mIHRoZSBrZXkgZm9yIHByb29mcyBhbG9uZSE="
SECRET = "qfGZbU3sFFX4WbxRRL4Dp6G2fNrDWyxJxgVYQJ1AgFk="


def program(name: str) -> str:
    """Return the path of a server's program."""
    places = os.pathsep.join((str(UNPACKED / "usr/sbin"), str(UNPACKED / "usr/bin"), "/usr/sbin", os.environ["PATH"]))
    found = shutil.which(name, path=places)
    assert found, f"{name} is missing: run-tests.sh fetches it"
    return found


def environment() -> dict[str, str]:
    """Return an environment in which the unpacked programs find their libraries."""
    folders = (folder for folder in (UNPACKED / "usr/lib").glob("*-linux-*") if folder.is_dir())
    return {**os.environ, "LD_LIBRARY_PATH": os.pathsep.join(map(str, folders))}


def socket_folder() -> TemporaryDirectory[str]:
    """Make a folder for sockets, whose paths have 107 signs at most, wherever tests keep their other files."""
    return TemporaryDirectory(prefix="xw-", dir="/tmp")


class Process:
    """One server; its output goes to ``<name>.log``."""

    def __init__(self, folder: Path, name: str, *words: str | Path) -> None:
        """Know how to start it."""
        self.folder, self.name = folder, name
        self._words = [program(name), *map(str, words)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, address: str, port: int = 53) -> None:
        """Start it and wait until it answers at ``address``."""
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self._process = subprocess.Popen(self._words, stdout=log, stderr=log, env=environment())
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self._process.poll() is None:
            with socket.socket() as probe:
                probe.settimeout(1)
                if probe.connect_ex((address, port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError(f"{self.name}: {(self.folder / f'{self.name}.log').read_text()[-2000:]}")

    def stop(self) -> None:
        """Stop it."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def __enter__(self) -> Self:
        """Give it to a ``with``."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop it."""
        self.stop()


def keymgr(config: Path, *words: str) -> str:
    """Run knot's tool for keys and return what it prints."""
    command = [program("keymgr"), "-c", str(config), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment()).stdout
