"""The container engine as a service of this machine, where systemd runs it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from xmpp_wizard.core.errors import EngineError
from xmpp_wizard.core.text import say

_UNIT = "docker.service"
_SYSTEMD = Path("/run/systemd/system")
_ASK_SECONDS = 5.0
_START_SECONDS = 60.0


def can_start(systemd: Path = _SYSTEMD) -> bool:
    """Say whether the engine is a service of this machine that does not run; ``systemd`` is there where it is."""
    if os.environ.get("DOCKER_HOST") or not systemd.is_dir():
        return False
    try:
        return _systemctl("is-active", "--quiet", _UNIT, seconds=_ASK_SECONDS).returncode != 0
    except EngineError:
        return False


def start(systemd: Path = _SYSTEMD) -> None:
    """Start it and wait until systemd says that it is up.

    Raises:
        EngineError: there is no systemd, or the service does not start.
    """
    if not systemd.is_dir():
        raise EngineError(
            say("nothing here can start the container engine"),
            say("Start it: run install.sh again, it starts what does not run."),
        )
    ended = _systemctl("start", _UNIT, seconds=_START_SECONDS)
    if ended.returncode != 0:
        reason = (ended.stderr.strip().splitlines() or [f"status {ended.returncode}"])[0]
        raise EngineError(
            say("the container engine does not start: {reason}", reason=reason),
            say("Its own log says more: journalctl -u docker"),
        )


def _systemctl(*words: str, seconds: float) -> subprocess.CompletedProcess[str]:
    try:
        command = ["systemctl", *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)  # noqa: S603 constant words
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineError(
            say("the container engine does not start: {reason}", reason=error),
            say("Its own log says more: journalctl -u docker"),
        ) from error
