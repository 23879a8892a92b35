"""A container engine of a test's own, which it may stop and kill."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import docker
from tests.e2e.server.faults import wait_until


class OwnEngine:
    """A second dockerd beside the machine's: no bridge, no firewall rules, everything in one folder."""

    def __init__(self, folder: Path) -> None:
        """Take a folder that is there; its path must be short enough for a socket."""
        self._folder = folder
        self.host = f"unix://{folder}/docker.sock"
        self._log = (folder / "dockerd.log").open("ab")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Remove its containers and stop it, its containerd and all."""
        if self._process is None:
            self.start()
        with closing(docker.DockerClient(self.host)) as client:
            for container in client.containers.list(all=True):
                container.remove(force=True)
        self.stop()
        # one that outlived a killed dockerd is not stopped with the next
        pid_file = self._folder / "run" / "containerd" / "containerd.pid"
        with suppress(FileNotFoundError, ProcessLookupError):
            os.kill(int(pid_file.read_text()), signal.SIGTERM)
        self._log.close()

    def start(self) -> None:
        """Start it and wait until it answers."""
        folder = self._folder
        (folder / "docker.pid").unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [
                "dockerd",
                f"--host={self.host}",
                f"--data-root={folder}/data",
                f"--exec-root={folder}/run",
                f"--pidfile={folder}/docker.pid",
                "--bridge=none",
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
        assert self._process is not None
        assert self._process.poll() is None, (self._folder / "dockerd.log").read_text()[-2000:]
        try:
            with closing(docker.DockerClient(self.host)) as client:
                return bool(client.ping())
        except docker.errors.DockerException:
            return False
