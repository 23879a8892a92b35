"""A container engine of a test's own, which it may stop and kill."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import docker
from tests.e2e.server.faults import wait_until


class OwnEngine:
    """A second dockerd beside the machine's: a bridge of its own, no firewall rules, everything in one folder."""

    def __init__(self, folder: Path) -> None:
        """Take a folder that is there; its path must be short enough for a socket."""
        self._folder = folder
        self._bridge = f"xw-own-{os.getpid()}"
        self.host = f"unix://{folder}/docker.sock"
        self._log = (folder / "dockerd.log").open("ab")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Remove its containers and stop it, its containerd and all."""
        try:
            if not self._answers():
                self.start()
            with closing(docker.DockerClient(self.host)) as client:
                for container in client.containers.list(all=True):
                    container.remove(force=True)
            self.stop()
        finally:
            self._log.close()
            self._clear()

    def start(self) -> None:
        """Start it and wait until it answers."""
        folder = self._folder
        (folder / "docker.pid").unlink(missing_ok=True)
        # with no bridge at all ("none") dockerd deletes docker0, which is the other engine's
        subprocess.run(["ip", "link", "add", self._bridge, "type", "bridge"], check=False, capture_output=True)
        self._process = subprocess.Popen(
            [
                "dockerd",
                f"--host={self.host}",
                f"--data-root={folder}/data",
                f"--exec-root={folder}/run",
                f"--pidfile={folder}/docker.pid",
                f"--bridge={self._bridge}",
                "--iptables=false",
                "--ip6tables=false",
            ],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )
        wait_until(self._answers, "dockerd answers", 40)

    def stop(self) -> None:
        """Stop it as a shutdown of the machine does: its containers stop, too."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it; its containers go on."""
        self._end(signal.SIGKILL)
        # its containerd dies with it; where process 1 does not bury the dead, the next dockerd waits for that one
        wait_until(lambda: not self._containerd(), "containerd is gone")
        (self._folder / "run" / "containerd" / "containerd.pid").unlink()

    def load(self, image: str) -> None:
        """Copy an image from the machine's engine."""
        with (
            closing(docker.from_env(timeout=120)) as source,
            closing(docker.DockerClient(self.host, timeout=120)) as client,
        ):
            archive = self._folder / "image.tar"
            with archive.open("wb") as file:
                for piece in source.images.get(image).save(named=True):
                    file.write(piece)
            with archive.open("rb") as file:
                client.images.load(file)
            archive.unlink()

    def _end(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)
        self._process.wait(30)
        self._process = None

    def _answers(self) -> bool:
        if self._process is None:
            return False
        assert self._process.poll() is None, (self._folder / "dockerd.log").read_text()[-2000:]
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(self.host.removeprefix("unix://"))
                client.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
                return client.recv(100).startswith(b"HTTP/1.0 200")
        except OSError:
            return False

    def _containerd(self, name: str = "containerd") -> list[int]:
        """Return the living processes of this name that serve this engine."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                program, *words = (folder / "cmdline").read_bytes().decode().split("\0")
                if Path(program).name.startswith(name) and any(str(self._folder) in word for word in words):
                    is_shim = "shim" in program
                    found += [int(folder.name)] if is_shim == ("shim" in name) else []
        return found

    def _clear(self) -> None:
        """End what outlived a killed dockerd and is not stopped with the next, and what it has mounted."""
        for pid in self._containerd("containerd-shim"):
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            for each in (*map(int, children), pid):
                os.kill(each, signal.SIGKILL)
        mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
        for mount in sorted((name for name in mounts if name.startswith(f"{self._folder}/")), reverse=True):
            subprocess.run(["umount", "--lazy", mount], check=False)
        subprocess.run(["ip", "link", "delete", self._bridge], check=False, capture_output=True)
