"""A whole computer with Debian 13 in QEMU: its keyboard, the picture on its monitor, and a way in beside them."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.e2e.vm.disk import READY, Disk
from tests.e2e.vm.picture import Picture, read_ppm

UNPACKED = Path(sys.prefix) / "emulator"
"""Where run-tests.sh unpacks QEMU; it is not installed."""
QEMU = shutil.which("qemu-system-x86_64", path=f"{UNPACKED / 'usr/bin'}:{os.environ['PATH']}") or ""
"""Empty where there is none."""
HOST = "10.0.2.2"
"""What the machine calls the one that it runs on."""
_BOOT_SECONDS = 300.0
_KEY_SECONDS = 0.02
_QUIET_SECONDS = 600.0
_KEYS = {
    " ": "spc", "\n": "ret", "\t": "tab", "-": "minus", "=": "equal", "[": "bracket_left", "]": "bracket_right",
    "\\": "backslash", ";": "semicolon", "'": "apostrophe", "`": "grave_accent", ",": "comma", ".": "dot", "/": "slash",
}  # fmt: skip
_SHIFTED = dict(zip('~!@#$%^&*()_+{}|:"<>?', "`1234567890-=[]\\;',./", strict=True))


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command in the machine ended; both outputs in one."""

    status: int
    text: str


class Machine:
    """Two processors and 2 GB, without hardware virtualisation, which not every host of tests can give."""

    def __init__(self, disk: Disk, folder: Path) -> None:
        """``folder`` gets its sockets, logs and pictures; its name must be short."""
        self._folder = folder
        self._process = subprocess.Popen(
            _command(disk, folder), env=_environment(), stdin=subprocess.DEVNULL, start_new_session=True
        )
        self._monitor = _Monitor(_connected(folder / "monitor", self._process))
        self._shell = _connected(folder / "shell", self._process)
        self._pictures = 0

    def __enter__(self) -> Self:
        """Wait until it has started."""
        self.wait_for_start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Pull the plug."""
        if error is not None:
            self.picture("at-the-end")
        self._process.kill()
        self._process.wait()
        self._monitor.close()
        self._shell.close()

    # --- the way in beside keyboard and monitor

    def run(self, command: str, seconds: float = 120) -> Ended:
        """Run a shell command as root."""
        mark = uuid.uuid4().hex
        self._shell.sendall(f"{{ {command}\n}} </dev/null 2>&1; printf '\\n%s %s\\n' {mark} $?\n".encode())
        text = self._read_until(f"\n{mark} ".encode(), seconds, command)
        status = self._read_until(b"\n", seconds, command)
        return Ended(int(status), text.removeprefix("\n"))

    def expect(self, command: str, seconds: float = 120) -> str:
        """Run a command that must succeed."""
        ended = self.run(command, seconds)
        assert ended.status == 0, f"{command}: status {ended.status}\n{ended.text}"
        return ended.text

    def wait_for(self, command: str, seconds: float) -> str:
        """Run a command again and again until it succeeds, and return what it says then."""
        deadline = time.monotonic() + seconds
        while (ended := self.run(command)).status != 0:
            assert time.monotonic() < deadline, f"{command}: still status {ended.status}\n{ended.text}"
            time.sleep(1)
        return ended.text

    def wait_for_start(self) -> None:
        """Wait until systemd says that all is started."""
        self._read_until(f"\n{READY}\n".encode(), _BOOT_SECONDS, "start")
        self.run("systemctl is-system-running --wait", _BOOT_SECONDS)

    def reboot(self) -> None:
        """Restart it in order."""
        before = self.expect("cat /proc/sys/kernel/random/boot_id")
        self._shell.sendall(b"systemctl reboot\n")
        self.wait_for_start()
        assert self.expect("cat /proc/sys/kernel/random/boot_id") != before

    # --- keyboard and monitor

    def type(self, text: str) -> None:
        """Type letters on its keyboard, which is an American one."""
        for sign in text:
            plain = _SHIFTED.get(sign, sign.lower())
            self.press(*(["shift"] if plain != sign else []), _KEYS.get(plain, plain))

    def press(self, *keys: str) -> None:
        """Press keys together, by QEMU's names."""
        self._monitor.ask("send-key", keys=[{"type": "qcode", "data": key} for key in keys])
        time.sleep(_KEY_SECONDS)

    def picture(self, name: str = "") -> Picture:
        """Return what its monitor shows; with a name it is kept in the machine's folder."""
        file = self._folder / "picture.ppm"
        self._monitor.ask("screendump", filename=str(file))
        if name:
            self._pictures += 1
            kept = self._folder / f"{self._pictures:02}-{name}.png"
            self._monitor.ask("screendump", filename=str(kept), format="png")
        return read_ppm(file.read_bytes())

    def _read_until(self, end: bytes, seconds: float, command: str) -> str:
        deadline, found = time.monotonic() + seconds, b""
        self._shell.settimeout(1)
        while not found.endswith(end):
            assert time.monotonic() < deadline, f"{command}: not within {seconds} s\n{found.decode(errors='replace')}"
            assert self._process.poll() is None, "the machine is off"
            try:
                found += self._shell.recv(1)
            except TimeoutError:
                continue
        return found.removesuffix(end).decode(errors="replace")


class _Monitor:
    """QEMU's own protocol of commands (QMP)."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._file = line.makefile("rw")
        self._file.readline()
        self.ask("qmp_capabilities")

    def ask(self, command: str, **arguments: object) -> Any:  # noqa: ANN401 any JSON
        self._file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._file.flush()
        while True:
            answer = json.loads(self._file.readline())
            assert "error" not in answer, answer
            if "return" in answer:
                return answer["return"]

    def close(self) -> None:
        """Let go of the line."""
        self._file.close()
        self._line.close()


def _command(disk: Disk, folder: Path) -> list[str]:
    return [
        QEMU, "-accel", "tcg,thread=multi", "-cpu", "max,-cx16", "-smp", "2", "-m", "2048",
        "-L", str(UNPACKED / "usr/share/qemu"), "-L", str(UNPACKED / "usr/share/seabios"),
        "-display", "none", "-vga", "std", "-nodefaults", "-device", "virtio-rng-pci",
        "-kernel", str(disk.kernel), "-initrd", str(disk.initrd),
        "-append", "root=/dev/vda rw quiet console=ttyS1 console=tty0",
        "-drive", f"file={disk.image},format=raw,if=virtio,cache=unsafe,discard=unmap",
        "-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,romfile=,addr=0x5",
        "-qmp", f"unix:{folder / 'monitor'},server=on,wait=off",
        "-serial", f"unix:{folder / 'shell'},server=on,wait=off",
        "-serial", f"file:{folder / 'kernel.log'}",
    ]  # fmt: skip


def _environment() -> dict[str, str]:
    folders = [UNPACKED / part / "x86_64-linux-gnu" for part in ("usr/lib", "lib")]
    modules = UNPACKED / "usr/lib/x86_64-linux-gnu/qemu"
    return {**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, folders)), "QEMU_MODULE_DIR": str(modules)}


def _connected(path: Path, process: subprocess.Popen[bytes]) -> socket.socket:
    deadline = time.monotonic() + 30
    line = socket.socket(socket.AF_UNIX)
    while True:
        assert process.poll() is None, "QEMU does not start"
        try:
            line.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            return line


def wait(happened: Callable[[], object], what: Callable[[], str], seconds: float) -> None:
    """Wait until ``happened`` returns something true; ``what`` says what was waited for."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what()}"
        time.sleep(0.3)
