"""Does the work of an apply in this very process, with one fault put into the real world around it.

Arguments: root, instance, answer file, fault, number. Faults: ``kill`` (the process kills itself as the numbered
step begins; one more than there are steps: after the last one), ``kill-call`` (it kills itself after so many things
were done to containers), ``fill`` (the disk of the root is full from the numbered step on), ``image`` (the image is
another one, which cannot be built).
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from xmpp_wizard.core.answers.file import load
from xmpp_wizard.core.events import StepEnded, StepStarted, from_json
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.engine.applying.apply import Consent, work
from xmpp_wizard.engine.memory.journal import new_journal
from xmpp_wizard.engine.setup import ApplyAnswers
from xmpp_wizard.wiring import world

_CHANGING = frozenset(("create", "start", "stop", "restart", "reload", "rename", "remove", "run_aside"))
_BROKEN = b'FROM debian:trixie-slim\nRUN echo "halfway there" && apt-get install -y no-such-package\n'


@dataclass
class FilesWithFault:
    """The real files, but for what happens as the journal tells of a step."""

    real: Any
    number: int
    fault: Callable[[], None]
    begun: int = 0
    ended: int = 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 whatever the real one has
        """Hand everything else on."""
        return getattr(self.real, name)

    def append(self, path: str, line: str) -> None:
        """Write the line, then let the fault happen if this is its moment."""
        self.real.append(path, line)
        event = from_json(line)
        self.begun += isinstance(event, StepStarted)
        self.ended += isinstance(event, StepEnded)
        is_begin = isinstance(event, StepStarted) and self.begun == self.number
        if is_begin or (isinstance(event, StepEnded) and self.ended + 1 == self.number):
            self.fault()


@dataclass
class ContainersWithFault:
    """The real engine, but for what happens after a number of calls that change something."""

    real: Any
    number: int
    fault: Callable[[], None]
    done: int = 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 whatever the real one has
        """Hand everything on, counting what changes something."""
        call = getattr(self.real, name)
        return partial(self._count, call) if name in _CHANGING else call

    def _count(self, call: Callable[..., object], *arguments: object, **names: object) -> object:
        result = call(*arguments, **names)
        self.done += 1
        if self.done == self.number:
            self.fault()
        return result


@dataclass
class ApplianceWithFault:
    """The real files of the program, but for an image that cannot be built."""

    real: Any

    def image(self, name: str) -> Mapping[str, bytes]:
        """Return the build context, its Dockerfile broken."""
        return {**self.real.image(name), "Dockerfile": _BROKEN}

    def templates(self) -> Mapping[str, str]:
        """Return the real templates."""
        found: Mapping[str, str] = self.real.templates()
        return found

    def catalogue(self, language: str) -> str:
        """Return the real catalogue."""
        found: str = self.real.catalogue(language)
        return found


def main(root: str, instance: str, answer_file: str, fault: str, number: str) -> int:
    """Return the exit status that the journal ends with."""
    layout = Layout(PurePosixPath(root), instance)
    real = world()
    answers, text = load(Path(answer_file).read_bytes(), answer_file, {}, ())
    request = ApplyAnswers(answers, text, answer_file)
    record = new_journal(real, layout)
    return work(_with_fault(real, root, fault, int(number)), layout, request, Consent(wants_proof=False), record)


def _with_fault(real: World, root: str, fault: str, number: int) -> World:
    if fault == "image":
        return replace(real, appliance=ApplianceWithFault(real.appliance))
    if fault == "kill-call":
        return replace(real, containers=ContainersWithFault(real.containers, number, _kill))
    happen = _kill if fault == "kill" else lambda: _fill(Path(root))
    return replace(real, files=FilesWithFault(real.files, number, happen))


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _fill(root: Path) -> None:
    """Take what is left of the disk: in large pieces, then in ever smaller ones."""
    handle = os.open(root / "filler", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    for size in (1_000_000, 4096, 1):
        with suppress(OSError):
            while True:
                os.write(handle, b"0" * size)
    os.close(handle)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
