"""The container engine through its API: Docker, or Podman's socket. Labels say which containers are ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

from xmpp_wizard.core.containers import PROJECT_LABEL, CommandResult, Report
from xmpp_wizard.core.errors import EngineError, ObstacleError
from xmpp_wizard.core.network.listeners import Neighbour
from xmpp_wizard.core.observed import ObservedContainer
from xmpp_wizard.core.target import Container
from xmpp_wizard.core.text import say
from xmpp_wizard.effects import docker_service
from xmpp_wizard.effects.base_image import provide
from xmpp_wizard.effects.docker_api import Engine, is_conflict, is_missing, translated
from xmpp_wizard.effects.docker_aside import aside_config, run_aside
from xmpp_wizard.effects.docker_build import build_image, tidy_images
from xmpp_wizard.effects.docker_exec import attach_command, run_command
from xmpp_wizard.effects.docker_neighbours import neighbour

HASH_LABEL = "xmpp-wizard.config-hash"
_MIB = 1024 * 1024


class DockerContainers:
    """:class:`~xmpp_wizard.core.containers.Containers` by the Docker Engine API ≥ 1.41."""

    def __init__(self) -> None:
        """Connect later: making one of these costs nothing."""
        self._engine = Engine()

    def can_start_engine(self) -> bool:
        """Ask the service manager; see :mod:`xmpp_wizard.effects.docker_service`."""
        return docker_service.can_start()

    def start_engine(self) -> None:
        """Have the service manager start it; see :mod:`xmpp_wizard.effects.docker_service`."""
        docker_service.start()

    def observe(self, project: str) -> Mapping[str, ObservedContainer]:
        """Return the containers of ``project`` by name."""
        with translated(say("cannot list the containers")):
            listed = self._engine.api.containers(all=True, filters={"label": f"{PROJECT_LABEL}={project}"})
        found = {}
        for item in listed:
            try:
                container = _observed(self._inspect(item["Id"]))
            except EngineError as error:
                if not is_missing(error):
                    raise
            else:
                found[container.name] = container
        return dict(sorted(found.items()))

    def neighbours(self) -> Sequence[Neighbour]:
        """Return what the engine lists, but for containers with a project of ours."""
        with translated(say("cannot list the containers")):
            listed = self._engine.api.containers()
        found = [neighbour(item) for item in listed if PROJECT_LABEL not in (item["Labels"] or {})]
        return sorted(found, key=lambda item: item.name)

    def has_image(self, tag: str) -> bool:
        """Say whether the image is on this host."""
        try:
            with translated(say("cannot look for the image {tag}", tag=tag)):
                self._engine.api.inspect_image(tag)  # type: ignore[no-untyped-call]
        except EngineError as error:
            if is_missing(error):
                return False
            raise
        return True

    def provide_base(self, tag: str, report: Report) -> str:
        """Find, pull or bootstrap the base image; see :mod:`xmpp_wizard.effects.base_image`."""
        return provide(self._engine, tag, report)

    def build(
        self, image: str, tag: str, context: Mapping[str, bytes], labels: Mapping[str, str], report: Report
    ) -> None:
        """Build the image; see :mod:`xmpp_wizard.effects.docker_build`."""
        build_image(self._engine, image, tag, context, labels, report)

    def create(self, container: Container, name: str) -> None:
        """Create the container; one of our own of that name that does not run is in the way and goes.

        Raises:
            ObstacleError: a container of somebody else has that name.
        """
        config = container_config(container)
        try:
            self._create(config, name)
        except EngineError as error:
            if is_conflict(error) and self._is_unfinished(name, container.project):
                self.remove(name)
            elif "log" in str(error) and "driver" in str(error):
                # an engine set up to keep logs in its own way keeps ours so, too
                del config["HostConfig"]["LogConfig"]
            else:
                raise
            self._create(config, name)

    def start(self, name: str) -> None:
        """Start it; a paused one from the beginning, so that it reads its files as every one does at its start."""
        try:
            with translated(say("cannot start {name}", name=name)):
                self._engine.api.start(name)
        except EngineError:
            state = self._inspect(name)["State"]
            if not state["Paused"]:
                raise
            self.restart(name, 0)

    def stop(self, name: str, seconds: int) -> None:
        """Stop it."""
        with translated(say("cannot stop {name}", name=name)):
            self._engine.api.stop(name, timeout=seconds)

    def restart(self, name: str, seconds: int) -> None:
        """Stop and start it, in one call."""
        with translated(say("cannot restart {name}", name=name)):
            self._engine.api.restart(name, timeout=seconds)

    def reload(self, name: str) -> None:
        """Send HUP."""
        with translated(say("cannot reload {name}", name=name)):
            self._engine.api.kill(name, "SIGHUP")

    def rename(self, name: str, new_name: str) -> None:
        """Give it another name."""
        with translated(say("cannot rename {name}", name=name)):
            self._engine.api.rename(name, new_name)

    def remove(self, name: str) -> None:
        """Remove it with its anonymous volumes; another removal that is under way is as good."""
        try:
            with translated(say("cannot remove {name}", name=name)):
                self._engine.api.remove_container(name, v=True, force=True)
        except EngineError as error:
            if not is_missing(error) and "already in progress" not in str(error):
                raise

    def remove_image(self, tag: str) -> None:
        """Remove the image unless it is used."""
        try:
            with translated(say("cannot remove the image {tag}", tag=tag)):
                self._engine.api.remove_image(tag)
        except EngineError as error:
            if not (is_missing(error) or is_conflict(error)):
                raise

    def tidy_images(self, repository: str) -> None:
        """Ask for the image by its label, which unnamed ones have, too."""
        with translated(say("cannot list the images")):
            is_here = bool(self._engine.api.images(name=repository))
        tidy_images(self._engine, repository.rpartition("/")[2], is_here=is_here)

    def run(
        self, name: str, command: Sequence[str], *, user: str = "", stdin: bytes = b"", timeout_seconds: float = 30
    ) -> CommandResult:
        """Run a command inside; see :func:`xmpp_wizard.effects.docker_exec.run_command`."""
        return run_command(self._engine, name, command, user, stdin, timeout_seconds)

    def run_aside(
        self,
        container: Container,
        name: str,
        command: Sequence[str],
        report: Report,
        *,
        user: str,
        silence_seconds: float = 300,
    ) -> CommandResult:
        """Run a command in a container of its own; see :func:`xmpp_wizard.effects.docker_aside.run_aside`."""
        self.remove(name)
        config = aside_config(container_config(container), command, user)
        self._create(config, name)
        try:
            return run_aside(self._engine, name, report, silence_seconds)
        finally:
            self.remove(name)

    def attach(self, name: str, command: Sequence[str], *, user: str = "") -> int:
        """Run a command inside with our terminal; see :func:`xmpp_wizard.effects.docker_exec.attach_command`."""
        return attach_command(self._engine, name, command, user)

    def logs(self, name: str, *, lines: int, follow: bool) -> Iterator[str]:
        """Yield whole lines, whatever the engine cuts them into."""
        with translated(say("cannot read the log of {name}", name=name)):
            stream: Any = self._engine.api.logs(name, stream=True, follow=follow, tail=lines)
            with closing(stream):
                yield from _whole_lines(stream)

    def _create(self, config: dict[str, Any], name: str) -> None:
        with translated(say("cannot create {name}", name=name)):
            self._engine.api.create_container_from_config(config, name)  # type: ignore[no-untyped-call]

    def _is_unfinished(self, name: str, project: str) -> bool:
        """Say whether the container of that name does not run; it must be one of ``project``."""
        found = self._inspect(name)
        if (found["Config"]["Labels"] or {}).get(PROJECT_LABEL) != project:
            raise ObstacleError(
                say("a container that is not part of this server has the name {name}", name=name),
                say("If nobody needs it any more: docker rm {name}. Else set up under another --instance.", name=name),
            )
        return not found["State"]["Running"]

    def _inspect(self, name: str) -> dict[str, Any]:
        with translated(say("cannot look at {name}", name=name)):
            return dict(self._engine.api.inspect_container(name))


def container_config(container: Container) -> dict[str, Any]:
    """Return the container as ``POST /containers/create`` takes it: all that is not named is taken away."""
    spec = container.spec
    return {
        "Image": container.tag,
        "Env": [f"{key}={value}" for key, value in sorted(spec.environment.items())],
        "StopTimeout": spec.stop_seconds,
        "Labels": {
            PROJECT_LABEL: container.project,
            HASH_LABEL: container.config_hash,
            # what makes `docker compose ls` and other tools show the containers together
            "com.docker.compose.project": container.project,
            "com.docker.compose.service": spec.name,
            "com.docker.compose.oneoff": "False",
        },
        "HostConfig": {
            "NetworkMode": "host" if spec.has_network else "none",
            "ReadonlyRootfs": True,
            "CapDrop": ["ALL"],
            "CapAdd": list(spec.capabilities),
            "SecurityOpt": ["no-new-privileges:true"],
            "Tmpfs": dict(spec.tmpfs),
            "Memory": spec.memory_mb * _MIB,
            "PidsLimit": spec.pids,
            # unless-stopped stays down after a crash of the engine, which stops what outlived it (tried on 20.10)
            "RestartPolicy": {"Name": "always"},
            "LogConfig": {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"}},
            "Mounts": [
                {"Type": "bind", "Source": bind.source, "Target": bind.target, "ReadOnly": not bind.is_writable}
                for bind in container.binds
            ],
        },
    }


def _whole_lines(pieces: Iterable[bytes]) -> Iterator[str]:
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield line.decode(errors="replace").rstrip("\r")
    if rest:
        yield rest.decode(errors="replace")


def _observed(item: Mapping[str, Any]) -> ObservedContainer:
    state, config = item["State"], item["Config"]
    health = (state.get("Health") or {}).get("Status", "")
    return ObservedContainer(
        name=item["Name"].removeprefix("/"),
        id=item["Id"],
        tag=config["Image"],
        config_hash=config["Labels"].get(HASH_LABEL, ""),
        # between two of its own restarts, and while it is paused, the engine calls it running, too
        is_running=state["Running"] and not state["Restarting"] and not state["Paused"],
        started_at=state["StartedAt"],
        exit_status=state["ExitCode"],
        health=health if health in {"healthy", "unhealthy", "starting"} else "",
    )
