"""What runs programs by the clock on this host: systemd's timers, else the files that a cron daemon reads."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.observed import ObservedTimer, TimerState
from xmpp_wizard.core.rendering.timer import Scheduler
from xmpp_wizard.effects.program import run_program

_CRON_DAEMONS = frozenset({"cron", "crond", "bcron-sched", "fcron"})
_ASKED = "LoadState,ActiveState,UnitFileState,NextElapseUSecRealtime"


class HostServices:
    """:class:`~xmpp_wizard.core.rendering.timer.Services` of this host."""

    def __init__(self, root: Path = Path("/")) -> None:
        """``root`` is where ``run``, ``etc`` and ``proc`` are."""
        self._root = root

    def scheduler(self) -> Scheduler:
        """Look as sd_booted(3) does; a folder on a disk for reading only (NixOS) is no place for a timer."""
        if (self._root / "run/systemd/system").is_dir() and _is_writable(self._root / "etc/systemd/system"):
            return "systemd"
        return "cron" if (self._root / "etc/cron.d").is_dir() else ""

    def program(self) -> Sequence[str]:
        """Return the link that install.sh keeps, else what runs now; on the engine that the admin has chosen."""
        link = shutil.which("xmpp-wizard", path="/usr/local/bin:/usr/bin")
        engine = os.environ.get("DOCKER_HOST")
        setting = ["/usr/bin/env", f"DOCKER_HOST={engine}"] if engine else []
        return [*setting, *([link] if link else [sys.executable, "-P", "-m", "xmpp_wizard"])]

    def timer(self, name: str) -> ObservedTimer:
        """Ask systemd, or look for the file and for somebody who reads it."""
        kind = self.scheduler()
        if kind != "systemd":
            return ObservedTimer(name, kind, self._cron_state(name))
        shown = run_program("systemctl", "show", f"--property={_ASKED}", f"{name}.timer")
        facts = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
        return ObservedTimer(name, kind, _state(facts), _instant(facts.get("NextElapseUSecRealtime", "")))

    def start_timer(self, name: str) -> None:
        """Restart what may be waiting already: it goes by the file that it read when it began."""
        run_program("systemctl", "daemon-reload")
        run_program("systemctl", "enable", f"{name}.timer")
        run_program("systemctl", "restart", f"{name}.timer")

    def stop_timer(self, name: str) -> None:
        """Disable it while its file, which says for what it is enabled, is still there."""
        if self.scheduler() != "systemd":
            return
        # somebody may have changed files since systemd read them
        run_program("systemctl", "daemon-reload")
        if self.timer(name).state in ("waiting", "off", "failed"):
            run_program("systemctl", "disable", "--now", f"{name}.timer")
        # one that has failed is remembered even after its files are gone; it is no fault if there is none
        with suppress(EffectError):
            run_program("systemctl", "reset-failed", f"{name}.timer", f"{name}.service")

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
