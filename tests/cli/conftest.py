"""The program run in this process against a world of fakes, and as a process of its own against the real one."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.fakes import Fakes

from xmpp_wizard.__main__ import main
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.effects.appliance import ShippedAppliance
from xmpp_wizard.engine.memory import generations

SOURCES = Path(__file__).parents[2] / "src"
ANSWERS = "/root/answers.toml"


class Typed(io.TextIOWrapper):
    """A keyboard: what is typed is known beforehand."""

    def isatty(self) -> bool:
        return True


@dataclass
class Cli:
    """Runs commands and shows what they print."""

    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch
    fakes: Fakes = field(default_factory=Fakes)
    out: str = ""
    err: str = ""

    def run(self, *words: str, is_root: bool = True) -> int:
        """Return the exit status of one command."""
        self.capsys.readouterr()
        self.fakes.clock.sleep(1)
        status = main(words, world=self.fakes.world, is_root=is_root)
        self.out, self.err = self.capsys.readouterr()
        return status

    def json(self, *words: str, is_root: bool = True) -> Any:  # noqa: ANN401 that is what JSON is
        """Return what the command prints with ``--json``, line by line if there are several."""
        self.run(*words, "--json", is_root=is_root)
        found = [json.loads(line) for line in self.out.splitlines()]
        return found[0] if len(found) == 1 else found

    def type(self, text: str, *, is_terminal: bool = True) -> None:
        """Lay ready what the next command reads."""
        raw = io.BytesIO(text.encode())
        self.monkeypatch.setattr(sys, "stdin", Typed(raw) if is_terminal else io.TextIOWrapper(raw))
        self.monkeypatch.setattr(sys.stderr, "isatty", lambda: is_terminal)

    def set_up(self, answers: str = 'domain = "a.example"\n') -> None:
        """Set a server up that is well."""
        self.fakes.files.put(ANSWERS, answers)
        assert self.run("apply", "--answers", ANSWERS, "--yes", "--no-proof") == 0, self.err
        target = generations.load_target(self.fakes.world(), Layout(), 1)
        self.fakes.listen(target)


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Return a command line over fakes, with nobody at the keyboard."""
    cli = Cli(capsys, monkeypatch)
    cli.fakes.appliance.texts = dict(ShippedAppliance().templates())
    cli.type("", is_terminal=False)
    for name in [name for name in os.environ if name.startswith("XMPP_WIZARD__")]:
        monkeypatch.delenv(name)
    return cli


def process(*words: str, **settings: Any) -> subprocess.CompletedProcess[str]:  # noqa: ANN401 subprocess's own
    """Run the real program."""
    before: list[str] = settings.pop("before", [])
    return subprocess.run([*before, *python("-m", "xmpp_wizard", *words)], check=False, **_settings(settings))


def python(*words: str) -> list[str]:
    """Return the command line of this interpreter."""
    return [sys.executable, *words]


def script(text: str, **settings: Any) -> subprocess.CompletedProcess[str]:  # noqa: ANN401 subprocess's own
    """Run Python code that can import the program."""
    return subprocess.run(python("-c", text), check=False, **_settings(settings))


def _settings(settings: dict[str, Any]) -> dict[str, Any]:
    environment: dict[str, str] = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCES), "LC_ALL": "C.UTF-8"}
    environment.update(settings.pop("environment", {}))
    return {
        "env": environment,
        "text": True,
        "capture_output": True,
        "stdin": subprocess.DEVNULL,
        "timeout": 60,
        **settings,
    }


def as_nobody() -> dict[str, list[str]]:
    """Return settings for :func:`process` that take root away where this runs as root.

    The one right that stays is to read: a tree below root's own folder is closed to others.
    """
    if os.geteuid() != 0:
        return {}
    rights = "-all,+dac_read_search"
    kinds = [f"--{kind}={rights}" for kind in ("inh-caps", "ambient-caps", "bounding-set")]
    return {"before": ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *kinds]}
