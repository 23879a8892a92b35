"""One server of a test: a folder, an instance and a loopback address of its own, steered only by the command line."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import docker
import tomlkit
from tests.addresses import own_address
from tests.e2e.server.faults import wait_until
from tests.e2e.server.xmpp import Client, Stream, log_in

from xmpp_wizard.effects.docker_build import PART_LABEL, STAGE_LABEL

ROOT = Path(__file__).parents[3]
PASSWORD = "a long pass phrase"
PORTS = {"client": 5222, "client_tls": 5223, "server": 5269, "server_tls": 5270, "https": 443}


def program_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what the program is run with, in English: nothing of ours that could be taken for an answer."""
    ours = ("XMPP_WIZARD", "PYTEST", "LANG", "LC_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "LANG": "C.UTF-8", "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "TERM": "xterm", **(extra or {})}


def keep_stages() -> None:
    """Give the newest stages of image builds a name: the last server would take them along."""
    with closing(docker.from_env()) as client:
        newest: dict[str, dict[str, Any]] = {}
        for image in client.api.images(filters={"dangling": True, "label": STAGE_LABEL}):
            name = image["Labels"][STAGE_LABEL] + image["Labels"].get(PART_LABEL, "")
            kept = newest.setdefault(name, image)
            if image["Created"] > kept["Created"]:
                newest[name] = image
        for name, image in newest.items():
            # a test beside this one may uninstall, too
            with suppress(docker.errors.NotFound):
                client.api.tag(image["Id"], "xmpp-wizard-test-stages", name)


class Server:
    """Calls the program as a person does, and looks at what it made with other tools."""

    def __init__(self, root: Path, domain: str = "", docker_host: str = "") -> None:
        """Take a name, an address and a folder that nobody else has."""
        name = uuid.uuid4().hex[:8]
        self.root = root
        self.instance = f"t-{name}"
        self.project = f"xmpp-wizard-{self.instance}"
        self.address = own_address()
        self.domain = domain or f"home-{name}.example"
        self.settings = root / "etc" / self.project
        self.state = root / "var" / "lib" / self.project
        self.environment = {"DOCKER_HOST": docker_host} if docker_host else {}
        self._docker_host = docker_host
        self.file = root / "answers.toml"

    def __enter__(self) -> Self:
        """Return itself; the end of the block removes it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove everything."""
        self.remove()

    # --- calling the program

    def command(self, *words: str) -> list[str]:
        """Return the command line of the program for this server."""
        where = ["--root", str(self.root), "--instance", self.instance]
        return [sys.executable, "-m", "xmpp_wizard", *where, *words]

    @property
    def called(self) -> str:
        """How people are told to call the program for this server."""
        return f"xmpp-wizard --root {self.root} --instance {self.instance}"

    def cli(self, *words: str, stdin: str = "", environment: Mapping[str, str] | None = None) -> Outcome:
        """Run a command to its end."""
        if "uninstall" in words and not self._docker_host:
            keep_stages()
        return subprocess.run(
            self.command(*words),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=800,
            env=program_environment({**self.environment, **(environment or {})}),
        )

    def json(self, *words: str, expect: int = 0) -> Any:  # noqa: ANN401 any JSON
        """Return what a command prints for scripts."""
        done = self.cli("--json", *words)
        assert done.returncode == expect, told(done)
        return json.loads(done.stdout)

    def answers(self, changes: Mapping[str, Any] | None = None) -> Path:
        """Write the answer file of this server with ``changes`` (dotted keys) and return its path.

        Calls are off, whose container takes a second to start, unless they are asked for.
        """
        values: dict[str, Any] = {
            "domain": self.domain,
            "network": {"listen": [self.address]},
            "features": {"calls": {"enabled": False}},
        }
        for key, value in (changes or {}).items():
            *groups, name = key.split(".")
            node = values
            for group in groups:
                node = node.setdefault(group, {})
            node[name] = value
        self.file.write_text(tomlkit.dumps(values))
        return self.file

    def try_apply(self, changes: Mapping[str, Any] | None = None, *words: str) -> Outcome:
        """Apply the answers with ``changes``, without the proof, and return how it went."""
        return self.cli("apply", "--answers", str(self.answers(changes)), "--yes", "--no-proof", *words)

    def apply(self, changes: Mapping[str, Any] | None = None, *words: str) -> Outcome:
        """Apply the answers with ``changes``; it has to go well."""
        done = self.try_apply(changes, *words)
        assert done.returncode == 0, told(done)
        return done

    def nothing_to_do(self) -> bool:
        """Say whether the answers as last written are an empty plan."""
        done = self.cli("plan", "--answers", str(self.file))
        assert done.returncode in (0, 2), told(done)
        return done.returncode == 0

    def status(self) -> dict[str, Any]:
        """Return ``status --json``."""
        done = self.cli("--json", "status")
        assert done.returncode in (0, 3), told(done)
        found: dict[str, Any] = json.loads(done.stdout)
        assert "healthy" in found, told(done)
        return found

    # --- people

    def add_user(self, name: str = "ann", password: str = PASSWORD) -> None:
        """Make an account by the program."""
        done = self.cli("user", "add", name, "--password-stdin", stdin=f"{password}\n")
        assert done.returncode == 0, told(done)

    def log_in(
        self, name: str = "ann", password: str = PASSWORD, port: int = PORTS["client"], source: str = ""
    ) -> Client:
        """Log in through the port for apps, believing only this server's own authority."""
        return log_in(self.address, port, f"{name}@{self.domain}", password, roots=self.authority(), source=source)

    def root_certificate(self) -> str:
        """Return the local authority's certificate by ``ca``, PEM."""
        done = self.cli("ca")
        assert done.returncode == 0, told(done)
        return done.stdout

    def authority(self) -> str:
        """Return the local authority's certificate from its file, which costs no run of the program, PEM."""
        return (self.settings / "secrets" / "authority" / "root.crt").read_text()

    # --- the engine's view

    @contextmanager
    def engine(self) -> Iterator[docker.DockerClient]:
        """Give the engine that this server runs on."""
        with closing(docker.DockerClient(self._docker_host) if self._docker_host else docker.from_env()) as engine:
            yield engine

    def restart(self) -> None:
        """Restart the container, as an admin does, and wait until people can connect again."""
        with self.engine() as engine:
            engine.containers.get(f"{self.project}-prosody").restart()
        wait_until(self.serves, f"{self.domain} is back")

    def serves(self, port: int = PORTS["client"]) -> bool:
        """Say whether people can connect."""
        try:
            Stream((self.address, port), self.domain).__exit__(None, None, None)
        except OSError:
            return False
        return True

    def containers(self) -> list[dict[str, Any]]:
        """Return all containers of this server, as the engine lists them."""
        with self.engine() as engine:
            found = engine.api.containers(all=True, filters={"label": f"xmpp-wizard.project={self.project}"})
            return [dict(item) for item in found]

    def container(self) -> dict[str, Any]:
        """Return what the engine knows of the Prosody container."""
        with self.engine() as engine:
            return dict(engine.api.inspect_container(f"{self.project}-prosody"))

    def started_at(self) -> str:
        """Return when the Prosody process started; another value means that people were cut off."""
        return str(self.container()["State"]["StartedAt"])

    @contextmanager
    def keeping_image(self, name: str) -> Iterator[None]:
        """Keep the image of one of its containers in use, so that no uninstall takes it from a test beside this one."""
        with self.engine() as engine:
            tag = engine.containers.get(f"{self.project}-{name}").attrs["Config"]["Image"]
            keeper = engine.containers.create(tag)
            try:
                yield
            finally:
                keeper.remove(v=True)

    def inside(self, *command: str) -> str:
        """Run a command in the Prosody container and return what it says."""
        with self.engine() as engine:
            found = engine.containers.get(f"{self.project}-prosody").exec_run(list(command))
        assert isinstance(found.output, bytes)
        return found.output.decode()

    # --- files

    def snapshot(self) -> dict[str, bytes]:
        """Return all files below the root but the test's answer file and people's data, which change by themselves."""
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in self.root.rglob("*")
            if path.is_file() and path != self.file and self.state / "data" not in path.parents
        }

    def secrets(self) -> dict[str, bytes]:
        """Return all generated secrets and keys, with the local authority."""
        return {name: content for name, content in self.snapshot().items() if "/secrets/" in name}

    def journal(self) -> list[dict[str, Any]]:
        """Return the events of the last apply."""
        last = max((self.state / "journal").glob("*.jsonl"), default=None)
        # what follows the last line's end is a line that is being written
        return [json.loads(line) for line in last.read_text().split("\n")[:-1]] if last else []

    # --- the end

    def workers(self) -> Iterator[int]:
        """Yield the processes that work on this server; nobody else has this folder in their command line."""
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if str(self.root).encode() in (folder / "cmdline").read_bytes() and int(folder.name) != os.getpid():
                    yield int(folder.name)

    def kill_workers(self) -> list[int]:
        """Kill the processes that work on this server, and return which they were."""
        found = list(self.workers())
        for pid in found:
            # it may have come to its end by itself
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return found

    def remove(self) -> None:
        """Remove everything, whatever state it is in."""
        self.kill_workers()
        with suppress(docker.errors.DockerException), self.engine() as engine:
            for container in self.containers():
                engine.api.remove_container(container["Id"], force=True, v=True)
        shutil.rmtree(self.root, ignore_errors=True)


Outcome = subprocess.CompletedProcess[str]


def told(done: Outcome) -> str:
    """Return all that the program said."""
    return f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
