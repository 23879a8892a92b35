"""Other processors on this machine: QEMU, known to the kernel while a test needs it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

FORMATS = Path("/proc/sys/fs/binfmt_misc")


@dataclass(frozen=True, slots=True)
class Processor:
    """A processor as Debian, Docker, QEMU and the kernel call it."""

    debian: str
    platform: str
    qemu: str
    magic: bytes
    mask: bytes


ARM64 = Processor(
    "arm64",
    "linux/arm64",
    "aarch64",
    b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\xb7\x00",
    b"\xff" * 7 + b"\x00" + b"\xff" * 8 + b"\xfe\xff\xff\xff",
)
ARMHF = Processor(
    "armhf",
    "linux/arm/v7",
    "arm",
    b"\x7fELF\x01\x01\x01" + bytes(9) + b"\x02\x00\x28\x00",
    b"\xff" * 7 + b"\x00" + b"\xff" * 8 + b"\xfe\xff\xff\xff",
)


@contextmanager
def emulated(processor: Processor) -> Iterator[None]:
    """Let the kernel start the processor's programs, in containers too; what it knew before stays as it is."""
    program = shutil.which(f"qemu-{processor.qemu}-static")
    assert program, "./run-tests.sh all installs qemu-user-static"
    with _formats():
        entry = FORMATS / f"qemu-{processor.qemu}"
        if entry.exists():
            yield
            return
        # F: the program is opened now, so that containers need not have it.
        line = f":{entry.name}:M::{_escaped(processor.magic)}:{_escaped(processor.mask)}:{program}:F"
        (FORMATS / "register").write_text(line)
        try:
            yield
        finally:
            entry.write_text("-1")


@contextmanager
def _formats() -> Iterator[None]:
    """Mount the kernel's list of formats while it is needed, unless it is mounted."""
    if (FORMATS / "register").exists():
        yield
        return
    subprocess.run(["mount", "-t", "binfmt_misc", "binfmt_misc", str(FORMATS)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(FORMATS)], check=True)


def _escaped(data: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in data)
