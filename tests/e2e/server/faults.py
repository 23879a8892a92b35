"""Things that go wrong around a server, made on purpose and taken back at the end of the block."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def unreachable(address: str, port: int) -> Iterator[None]:
    """Refuse every connection to a port of one loopback address; whoever listens there does not notice."""
    rule = ["INPUT", "-d", address, "-p", "tcp", "--dport", str(port), "-j", "REJECT", "--reject-with", "tcp-reset"]
    subprocess.run(["iptables", "-w", "-I", *rule], check=True)
    try:
        yield
    finally:
        subprocess.run(["iptables", "-w", "-D", *rule], check=True)


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[None]:
    """Mount a disk of this size at ``place``, a folder that is there."""
    image = place.with_name(f"{place.name}.img")
    with image.open("wb") as file:
        file.truncate(megabytes * 1_000_000)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-m", "0", str(image)], check=True)
    subprocess.run(["mount", "-o", "loop", str(image), str(place)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
        image.unlink()


def fill(path: Path) -> None:
    """Take all room that is left on the disk, to the last byte."""
    with path.open("wb", buffering=0) as file:
        size = 1 << 20
        while size:
            try:
                file.write(bytes(size))
            except OSError:
                size //= 2


def listens(address: str, port: int) -> bool:
    """Say whether somebody takes connections there."""
    with socket.socket() as probe:
        probe.settimeout(5)
        return probe.connect_ex((address, port)) == 0


def begin_well_before(period: float, seconds: float = 60) -> None:
    """Wait for the next ``period`` of the clock, such as a day in UTC, if few seconds are left of this one."""
    left = period - time.time() % period
    if left < seconds:
        time.sleep(left)


def wait_until(happened: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait until ``happened`` returns something true."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.02)
