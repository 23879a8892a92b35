"""Running one of the host's own programs to its end."""

from __future__ import annotations

import os
import shutil
import subprocess

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.text import say

_SECONDS = 30.0
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""What the host's own tools need; an admin's shell may lack the sbin folders."""


def has_program(name: str) -> bool:
    """Say whether the host has it."""
    return shutil.which(name, path=_path()) is not None


def run_program(name: str, *words: str, stdin: str = "", fails: bool = False) -> str:
    """Run it and return what it prints; ``fails`` says that its failing is an answer, too.

    Raises:
        EffectError: it failed, could not be run, or did not end within half a minute.
    """
    try:
        done = subprocess.run(  # noqa: S603 our own words; no shell reads them
            [name, *words],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
            env={**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC", "SYSTEMD_PAGER": "", "PATH": _path()},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EffectError(say("{program} cannot be run: {reason}", program=name, reason=error)) from error
    if done.returncode != 0 and not fails:
        lines = (done.stderr or done.stdout).strip().splitlines() or [f"status {done.returncode}"]
        # nft shows the place below what it says of it
        reason = next((line.partition("Error: ")[2] for line in lines if "Error: " in line), lines[-1])
        raise EffectError(
            say("{program} {words}: {reason}", program=name, words=" ".join(words), reason=reason),
            say("Look at it by hand: sudo {program} {words}", program=name, words=" ".join(words)),
        )
    return done.stdout


def _path() -> str:
    return ":".join(filter(None, (os.environ.get("PATH", ""), _PATH)))
