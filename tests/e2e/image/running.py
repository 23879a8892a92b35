"""Containers of the Prosody image as these tests start, ask and remove them."""

from __future__ import annotations

import json
import secrets
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from docker import DockerClient
from docker.models.containers import Container

WIZARD_CAPABILITIES = ["NET_BIND_SERVICE", "SETGID", "SETPCAP", "SETUID"]
START_SECONDS = 60.0
_HEADER = (
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0' "
    "xmlns:stream='http://etherx.jabber.org/streams' to='{domain}'>"
)

# An option of the engine's own.
Option: TypeAlias = Any

# Reads a configuration as Prosody does, and prints what came of it.
_DUMP = """
package.path = "/usr/lib/prosody/?.lua;" .. package.path
package.cpath = "/usr/lib/prosody/?.so;" .. package.cpath
require "loader"
prosody = { process_type = "prosody" }
local config = require "prosody.core.configmanager"
local ok, level, problem = config.load("/etc/prosody/prosody.cfg.lua")
if not ok then io.stderr:write(tostring(problem), "\\n") os.exit(1) end
for _, warning in ipairs(problem or {}) do io.stderr:write("warning: ", warning, "\\n") end
local plain = {}
for host, options in pairs(config.getconfig()) do
    plain[host] = {}
    for name in pairs(options) do plain[host][name] = rawget(options, name) end
end
print(require "prosody.util.json".encode(plain))
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command said, and how it ended."""

    status: int
    out: str
    error: str

    @property
    def text(self) -> str:
        return self.out + self.error


class Running:
    """One container that stays until it is removed."""

    def __init__(self, container: Container) -> None:
        self.container = container

    @property
    def address(self) -> str:
        """Its address on the bridge, reachable from this machine."""
        self.container.reload()
        networks: Mapping[str, Any] = self.container.attrs["NetworkSettings"]["Networks"]
        return str(next(iter(networks.values()))["IPAddress"])

    @property
    def status(self) -> int:
        self.container.reload()
        return int(self.container.attrs["State"]["ExitCode"])

    def logs(self) -> str:
        return str(self.container.logs().decode(errors="replace"))

    def run(self, *command: str, user: str = "") -> Ended:
        """Run a command in it, as root unless told otherwise."""
        ended: tuple[int, tuple[bytes | None, bytes | None]]
        ended = self.container.exec_run(list(command), user=user, demux=True)  # type: ignore[assignment]
        status, (out, error) = ended
        return Ended(status, (out or b"").decode(), (error or b"").decode())

    def prosodyctl(self, *arguments: str) -> str:
        ended = self.run("prosodyctl", *arguments)
        assert ended.status == 0, ended.text
        return ended.text

    def is_running(self) -> bool:
        self.container.reload()
        return bool(self.container.status == "running")

    def wait_for_log(self, text: str, seconds: float = START_SECONDS) -> str:
        """Wait until ``text`` is in the log; the container may end meanwhile."""
        deadline = time.monotonic() + seconds
        while text not in (logs := self.logs()):
            assert time.monotonic() < deadline, f"{text!r} is not in:\n{logs}"
            time.sleep(0.05)
        return logs

    def wait_for_stream(self, domain: str, address: str = "", port: int = 5222) -> str:
        """Wait until a stream for ``domain`` gets its features, and return them."""
        deadline = time.monotonic() + START_SECONDS
        while "<stream:features" not in (answer := stream_answer(address or self.address, port, domain)):
            assert time.monotonic() < deadline, f"no features but {answer!r}:\n{self.logs()}"
            assert self.is_running(), self.logs()
            time.sleep(0.05)
        return answer

    def wait_for_end(self, seconds: float = START_SECONDS) -> int:
        return int(self.container.wait(timeout=seconds)["StatusCode"])

    def process_status(self) -> dict[str, str]:
        """Return the kernel's view of the Prosody process."""
        ended = self.run(
            "sh",
            "-c",
            "for p in /proc/[0-9]*; do case $(cat $p/comm) in lua*|prosody) cat $p/status; exit;; esac; done",
        )
        lines = (line.split(":", 1) for line in ended.out.splitlines() if ":" in line)
        return {name: value.strip() for name, value in lines}


def stream_answer(address: str, port: int, domain: str) -> str:
    """Open a stream and return what is said, up to its features; empty if nobody answers."""
    received = b""
    try:
        with socket.create_connection((address, port), 2) as connection:
            connection.sendall(_HEADER.format(domain=domain).encode())
            while b"<stream:features" not in received and b"<stream:error" not in received:
                data = connection.recv(4096)
                if not data:
                    break
                received += data
    except OSError:
        pass
    return received.decode(errors="replace")


class Image:
    """The image under test, and the network that its containers share unless they ask for another."""

    def __init__(self, client: DockerClient, tag: str, network: str = "bridge") -> None:
        self.client = client
        self.tag = tag
        self._network = network

    @contextmanager
    def started(
        self, command: Sequence[str] | None = None, environment: Mapping[str, str] | None = None, **options: Option
    ) -> Iterator[Running]:
        """Start a container and remove it with its anonymous volumes whatever happens."""
        name = f"image-test-{secrets.token_hex(4)}"
        words = None if command is None else list(command)
        chosen: dict[str, Option] = {"name": name, "network_mode": self._network} | options
        container = self.client.containers.run(
            self.tag, words, environment=dict(environment or {}), detach=True, **chosen
        )
        try:
            yield Running(container)
        finally:
            container.remove(force=True, v=True)

    def run(self, *command: str, environment: Mapping[str, str] | None = None, **options: Option) -> Ended:
        """Run a command to its end."""
        with self.started(command, environment, **options) as running:
            status = running.wait_for_end()
            out = running.container.logs(stdout=True, stderr=False).decode()
            error = running.container.logs(stdout=False, stderr=True).decode()
            return Ended(status, out, error)

    def configuration(self, environment: Mapping[str, str], **options: Option) -> Configuration:
        """Return what Prosody makes of these variables."""
        ended = self.run("/usr/bin/lua5.4", "-e", _DUMP, environment=environment, **options)
        assert ended.status == 0, ended.text
        return Configuration(json.loads(ended.out), ended.error)


@dataclass(frozen=True, slots=True)
class Configuration:
    """Options by host ("*" holds those of the whole server), and what was said about them."""

    hosts: dict[str, dict[str, Any]]
    warnings: str

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 an option is of any type
        """Return an option of the whole server; ``None`` if it is not set."""
        return self.hosts["*"].get(name)
