"""The container engine, as the engine of this program needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from xmpp_wizard.core.network.listeners import Neighbour
    from xmpp_wizard.core.observed import ObservedContainer
    from xmpp_wizard.core.target import Container

PROJECT_LABEL = "xmpp-wizard.project"
"""The label by which the containers of a server are found; its value is the project."""

Report: TypeAlias = Callable[[str], None]
"""Takes one line of what is going on."""


class Containers(Protocol):
    """The container engine (Docker Engine API ≥ 1.41, or Podman's socket).

    Each method raises :class:`~xmpp_wizard.core.errors.EngineError` where the engine does not answer or does not
    let us in; the hint says how to start it.
    """

    def can_start_engine(self) -> bool:
        """Say whether the engine is down and could be started from here."""

    def start_engine(self) -> None:
        """Start the engine itself, and wait until it is up.

        Raises:
            EngineError: it cannot be started from here, or does not come up.
        """

    def observe(self, project: str) -> Mapping[str, ObservedContainer]:
        """Return all containers labelled with ``project``, by their full name, stopped ones too."""

    def neighbours(self) -> Sequence[Neighbour]:
        """Return all running containers that are none of this program's, by name."""

    def has_image(self, tag: str) -> bool:
        """Say whether the image is on this host."""

    def provide_base(self, tag: str, report: Report) -> str:
        """Make sure that the base image is here: found, pulled, or bootstrapped from a Debian mirror.

        Returns its digest (image id).
        """

    def build(
        self, image: str, tag: str, context: Mapping[str, bytes], labels: Mapping[str, str], report: Report
    ) -> None:
        """Build ``tag`` from the files of ``context``; a half-built image never gets the tag.

        Raises:
            BuildError: with the last lines of the build.
        """

    def create(self, container: Container, name: str) -> None:
        """Create the container under ``name``, not started; an unfinished one of its project is replaced.

        Raises:
            ObstacleError: a container of another project, or of somebody else, has that name.
        """

    def start(self, name: str) -> None:
        """Start it."""

    def stop(self, name: str, seconds: int) -> None:
        """Stop it, killing after ``seconds``; nothing happens if it does not run."""

    def restart(self, name: str, seconds: int) -> None:
        """Stop and start it."""

    def reload(self, name: str) -> None:
        """Send HUP to its main process."""

    def rename(self, name: str, new_name: str) -> None:
        """Give it another name."""

    def remove(self, name: str) -> None:
        """Remove the container, running or not; nothing happens where there is none."""

    def remove_image(self, tag: str) -> None:
        """Remove the image; nothing happens where there is none or it is used."""

    def tidy_images(self, repository: str) -> None:
        """Remove what builds of ours have left unnamed for ``repository``, such as ``xmpp-wizard/turn``.

        While an image of that name is here, what is younger than an hour stays, as it may be part of a build, and of
        the stages the newest, for the next build to begin with; after that all goes. What is used stays.
        """

    def run(
        self, name: str, command: Sequence[str], *, user: str = "", stdin: bytes = b"", timeout_seconds: float = 30
    ) -> CommandResult:
        """Run ``command`` inside the running container and wait for its end."""

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
        """Run ``command`` in a container of its own under ``name``, which sees what ``container`` sees, until its end.

        ``report`` hears each line of its output as it comes. One that is there from before goes first; afterwards
        none is left. Where the engine is restarted, it does not come back.

        Raises:
            EngineError: it cannot be run, or said nothing for ``silence_seconds``.
        """

    def attach(self, name: str, command: Sequence[str], *, user: str = "") -> int:
        """Run ``command`` inside with this process's terminal or pipes; return its exit status."""

    def logs(self, name: str, *, lines: int, follow: bool) -> Iterator[str]:
        """Yield the log lines, oldest first; with ``follow`` go on until the container stops."""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a command inside a container ended."""

    status: int
    output: str
    errors: str
