"""What runs programs by the clock on this host: systemd's timers, else the files that a cron daemon reads."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.observed import ObservedTimer, TimerState
from xmpp_wizard.core.text import say
from xmpp_wizard.core.timer import Scheduler

_SECONDS = 30.0
_CRON_DAEMONS = frozenset({"cron", "crond", "bcron-sched", "fcron"})
_ASKED = "LoadState,ActiveState,UnitFileState,NextElapseUSecRealtime"


class HostServices:
    """:class:`~xmpp_wizard.core.ports.Services` of this host."""

    def __init__(self, root: Path = Path("/")) -> None:
        """``root`` is where ``run``, ``etc`` and ``proc`` are."""
        self._root = root

    def scheduler(self) -> Scheduler:
        """Look as sd_booted(3) does; a folder on a disk for reading only (NixOS) is no place for a timer."""
        if (self._root / "run/systemd/system").is_dir() and _is_writable(self._root / "etc/systemd/system"):
            return "systemd"
        return "cron" if (self._root / "etc/cron.d").is_dir() else ""

    def program(self) -> Sequence[str]:
        """Return the link that install.sh keeps, else what runs now."""
        link = shutil.which("xmpp-wizard", path="/usr/local/bin:/usr/bin")
        return [link] if link else [sys.executable, "-m", "xmpp_wizard"]

    def timer(self, name: str) -> ObservedTimer:
        """Ask systemd, or look for the file and for somebody who reads it."""
        kind = self.scheduler()
        if kind != "systemd":
            return ObservedTimer(name, kind, self._cron_state(name))
        shown = _systemctl("show", f"--property={_ASKED}", f"{name}.timer")
        facts = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
        return ObservedTimer(name, kind, _state(facts), _instant(facts.get("NextElapseUSecRealtime", "")))

    def start_timer(self, name: str) -> None:
        """Restart what may be waiting already: it goes by the file that it read when it began."""
        _systemctl("daemon-reload")
        _systemctl("enable", f"{name}.timer")
        _systemctl("restart", f"{name}.timer")

    def stop_timer(self, name: str) -> None:
        """Disable it while its file, which says for what it is enabled, is still there."""
        if self.scheduler() != "systemd":
            return
        # somebody may have changed files since systemd read them
        _systemctl("daemon-reload")
        if self.timer(name).state in ("waiting", "off", "failed"):
            _systemctl("disable", "--now", f"{name}.timer")
        # one that has failed is remembered even after its files are gone; it is no fault if there is none
        with suppress(EffectError):
            _systemctl("reset-failed", f"{name}.timer", f"{name}.service")

    def _cron_state(self, name: str) -> TimerState:
        if not (self._root / "etc/cron.d" / name).is_file():
            return "missing"
        programs = (folder / "comm" for folder in (self._root / "proc").glob("[0-9]*"))
        return "waiting" if any(_text(path) in _CRON_DAEMONS for path in programs) else "no daemon"


def _is_writable(folder: Path) -> bool:
    return folder.is_dir() and not os.statvfs(folder).f_flag & os.ST_RDONLY


def _state(facts: Mapping[str, str]) -> TimerState:
    if facts.get("LoadState") == "masked":
        return "masked"
    if facts.get("LoadState") != "loaded":
        return "missing"
    if facts.get("ActiveState") == "failed":
        return "failed"
    is_on = facts.get("ActiveState") == "active" and facts.get("UnitFileState") == "enabled"
    return "waiting" if is_on else "off"


def _instant(text: str) -> datetime | None:
    """Return the instant; systemd has another word, or none, where there is none."""
    try:
        return datetime.strptime(text, "%a %Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC)
    except ValueError:
        return None


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:  # it ended meanwhile
        return ""


def _systemctl(*words: str) -> str:
    """Run systemctl and return what it prints.

    Raises:
        EffectError: it failed, or did not end.
    """
    try:
        done = subprocess.run(  # noqa: S603 our own words; what a person typed is not among them
            ["systemctl", *words],  # noqa: S607 where PATH says
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
            env={**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC", "SYSTEMD_PAGER": ""},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EffectError(say("systemctl cannot be run: {reason}", reason=error)) from error
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
        raise EffectError(
            say("systemctl {words}: {reason}", words=" ".join(words), reason=lines[-1]),
            say("Look at: systemctl status {unit}", unit=words[-1]),
        )
    return done.stdout
