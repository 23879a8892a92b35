"""A container engine in memory, which builds and starts at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from tests.fakes.recorder import Recorder

from xmpp_wizard.core.containers import CommandResult, Report
from xmpp_wizard.core.errors import (
    BuildError,
    EngineError,
    ObstacleError,
)
from xmpp_wizard.core.network.listeners import Neighbour
from xmpp_wizard.core.observed import ObservedContainer
from xmpp_wizard.core.target import Container
from xmpp_wizard.core.text import say


@dataclass
class FakeContainer:
    """A container of :class:`FakeContainers`."""

    container: Container
    id: str
    is_running: bool = False
    is_paused: bool = False
    started_at: str = ""
    exit_status: int = 0
    reloads: int = 0


@dataclass
class FakeContainers(Recorder):
    """An engine that starts at once; ``on_run`` answers the commands run inside."""

    containers: dict[str, FakeContainer] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)
    unnamed: dict[str, list[str]] = field(default_factory=dict)
    """Stages that builds have left, by repository, the oldest first; all are older than an hour."""
    on_run: Callable[[str, Sequence[str], str, bytes], CommandResult] = lambda *_: CommandResult(0, "", "")
    on_aside: Callable[[str, Sequence[str]], CommandResult] = lambda *_: CommandResult(0, "", "")
    log_lines: dict[str, list[str]] = field(default_factory=dict)
    health: dict[str, str] = field(default_factory=dict)
    others: tuple[Neighbour, ...] = ()
    is_engine_down: bool = False
    """As after its service was stopped; it can be started again."""
    _count: int = 0

    def can_start_engine(self) -> bool:
        return self.is_engine_down

    def start_engine(self) -> None:
        self.hit("start_engine")
        if not self.is_engine_down:
            raise EngineError(say("nothing here can start the container engine"))
        self.is_engine_down = False

    def observe(self, project: str) -> Mapping[str, ObservedContainer]:
        self.hit("observe", project)
        if self.is_engine_down:
            raise EngineError(say("the container engine is not running"), say("Start it: sudo systemctl start docker"))
        return {
            name: ObservedContainer(
                name=name,
                id=item.id,
                tag=item.container.tag,
                config_hash=item.container.config_hash,
                is_running=item.is_running and not item.is_paused,
                started_at=item.started_at,
                exit_status=item.exit_status,
                health=self.health.get(name, ""),
            )
            for name, item in sorted(self.containers.items())
            if item.container.project == project
        }

    def neighbours(self) -> Sequence[Neighbour]:
        self.hit("neighbours")
        if self.is_engine_down:
            raise EngineError(say("the container engine is not running"))
        return self.others

    def has_image(self, tag: str) -> bool:
        self.hit("has_image", tag)
        return tag in self.images

    def provide_base(self, tag: str, report: Report) -> str:
        self.hit("provide_base", tag)
        if tag not in self.images:
            report(f"fetching {tag}")
            self.images[tag] = "sha256:" + sha256(tag.encode()).hexdigest()
        return self.images[tag]

    def build(
        self, image: str, tag: str, context: Mapping[str, bytes], labels: Mapping[str, str], report: Report
    ) -> None:
        self.hit("build", tag)
        report(f"Step 1/1 : {image}, {len(labels)} labels")
        if "Dockerfile" not in context:
            raise BuildError(say("cannot build the image {image}: it has no Dockerfile", image=image))
        self.images[tag] = "sha256:" + sha256(tag.encode()).hexdigest()
        self.unnamed.setdefault(tag.rpartition(":")[0], []).append(f"a stage of {tag}")

    def create(self, container: Container, name: str) -> None:
        self.hit("create", name)
        if container.tag not in self.images:
            raise EngineError(say("cannot create {name}: no such image: {tag}", name=name, tag=container.tag))
        old = self.containers.get(name)
        if old is not None and old.container.project != container.project:
            raise ObstacleError(say("a container that is not part of this server has the name {name}", name=name))
        if old is not None and old.is_running:
            raise EngineError(say("cannot create {name}: a running container has that name", name=name))
        self._count += 1
        self.containers[name] = FakeContainer(container, f"{self._count:064x}")

    def start(self, name: str) -> None:
        self.hit("start", name)
        item = self._known(name)
        item.is_running, item.is_paused = True, False
        item.started_at = f"2026-01-01T12:00:{len(self.calls):02}Z"

    def stop(self, name: str, seconds: int) -> None:
        self.hit("stop", name)
        assert seconds >= 0
        self._known(name).is_running = False

    def restart(self, name: str, seconds: int) -> None:
        self.hit("restart", name)
        assert seconds >= 0
        item = self._known(name)
        item.is_running, item.is_paused = True, False
        item.started_at = f"2026-01-01T12:00:{len(self.calls):02}Z"

    def reload(self, name: str) -> None:
        self.hit("reload", name)
        self._running(name).reloads += 1

    def rename(self, name: str, new_name: str) -> None:
        self.hit("rename", f"{name} {new_name}")
        item = self._known(name)
        if new_name in self.containers:
            raise EngineError(say("cannot rename {name}: {new} is taken", name=name, new=new_name))
        del self.containers[name]
        self.containers[new_name] = item

    def remove(self, name: str) -> None:
        self.hit("remove", name)
        self.containers.pop(name, None)

    def remove_image(self, tag: str) -> None:
        self.hit("remove_image", tag)
        if not any(item.container.tag == tag for item in self.containers.values()):
            self.images.pop(tag, None)

    def tidy_images(self, repository: str) -> None:
        self.hit("tidy_images", repository)
        left = self.unnamed.get(repository, [])
        is_here = any(tag.startswith(f"{repository}:") for tag in self.images)
        self.unnamed[repository] = left[-1:] if is_here else []

    def run(
        self, name: str, command: Sequence[str], *, user: str = "", stdin: bytes = b"", timeout_seconds: float = 30
    ) -> CommandResult:
        self.hit("run", f"{name} {' '.join(command)}")
        assert timeout_seconds > 0
        self._running(name)
        return self.on_run(name, command, user, stdin)

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
        self.hit("run_aside", f"{name} {' '.join(command)}")
        assert user
        assert silence_seconds > 0
        self.containers.pop(name, None)
        if container.tag not in self.images:
            raise EngineError(say("cannot create {name}: no such image: {tag}", name=name, tag=container.tag))
        result = self.on_aside(name, command)
        for line in result.output.splitlines():
            report(line)
        return result

    def attach(self, name: str, command: Sequence[str], *, user: str = "") -> int:
        self.hit("attach", f"{name} {' '.join(command)}")
        self._running(name)
        return self.on_run(name, command, user, b"").status

    def logs(self, name: str, *, lines: int, follow: bool) -> Iterator[str]:
        self.hit("logs", f"{name} follow" if follow else name)
        self._known(name)
        found = self.log_lines.get(name, [])
        yield from found[max(len(found) - lines, 0) :]

    def _known(self, name: str) -> FakeContainer:
        if name not in self.containers:
            raise EngineError(say("there is no container {name}", name=name))
        return self.containers[name]

    def _running(self, name: str) -> FakeContainer:
        item = self._known(name)
        if not item.is_running:
            raise EngineError(say("the container {name} is not running", name=name))
        if item.is_paused:
            raise EngineError(say("the container {name} is paused", name=name))
        return item
