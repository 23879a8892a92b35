"""What looks after certificates: a timer of systemd, or a line for cron where there is no systemd."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from xmpp_wizard.core.kit.feature import ConfigFile
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.front import PROGRAMS
from xmpp_wizard.core.rendering.templates import config_file
from xmpp_wizard.core.target import File, Target, Timer

if TYPE_CHECKING:
    from xmpp_wizard.core.observed import ObservedTimer

Scheduler: TypeAlias = Literal["systemd", "cron", ""]
"""What starts programs by the clock on a host; empty where nothing does."""

UPKEEP = ("cert", "renew", "--if-due")
"""The words of the command that is run."""

_ROOT = (0, 0)


def timer(
    scheduler: Scheduler, layout: Layout, target: Target, program: Sequence[str], templates: Mapping[str, str]
) -> tuple[Timer | None, tuple[File, ...]]:
    """Return the timer of ``target`` for this host, and its files.

    There is none where nothing runs programs by the clock, and none for a server below a folder of its own
    (``--root``): that is for trying out, and nothing outside the folder is touched.
    """
    paths = layout.timer_files(scheduler)
    if not paths:
        return None, ()
    domain = target.domains[0]
    values: dict[str, str | int | tuple[str, ...]] = {
        "title": domain,
        "command": _command(layout, program, is_systemd=scheduler == "systemd"),
        "settings": str(layout.settings),
        "state": str(layout.state),
        "writes": tuple(map(_quoted, _written(target))),
        **_when(f"{domain} {layout.project}", is_frequent=is_frequent(target)),
    }
    files = tuple(
        File(path, config_file(ConfigFile("host", "", _template(path), values), templates), 0o644, _ROOT)
        for path in paths
    )
    return Timer(layout.timer, paths), files


def is_frequent(target: Target) -> bool:
    """Say whether the timer comes every five minutes; most of these runs see that nothing is due yet, and end.

    So it does for a line whose address changes, and where a name may still lack its public certificate: who puts its
    record right must not have to wait for the hour. Some routers forget what they were told within the hour.
    """
    tells_router = bool(target.forwards or target.pinholes)
    return target.follows_address or tells_router or target.certificate_source.kind == "acme"


def _written(target: Target) -> tuple[str, ...]:
    """Return what is written to besides our own folders: a web server's, for authorities and by its own check."""
    acme, front = target.certificate_source.acme, target.front
    program = PROGRAMS.get(front.kind) if front is not None else None
    webroot = (acme.webroot,) if acme and acme.webroot else ()
    return (*webroot, *(f"/{folder}" for folder in (program.writes if program else ())))


def _when(name: str, *, is_frequent: bool) -> dict[str, str]:
    """Return when to come, as each scheduler wants it; not every server comes in the same minute."""
    minute = int(sha256(name.encode()).hexdigest(), 16) % 60
    if is_frequent:
        return {"calendar": "*:0/5", "spread": "4min", "cron": f"{minute % 5}-59/5 * * * *"}
    return {"calendar": "hourly", "spread": "55min", "cron": f"{minute} * * * *"}


def _template(path: str) -> str:
    kind = path.rpartition(".")[2]
    return f"systemd/renew.{kind}.j2" if kind in ("service", "timer") else "cron/renew.j2"


def _quoted(path: str) -> str:
    """Return a path as systemd reads it in a list; the hyphen says that it may be missing (systemd.syntax(7))."""
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"-{escaped}"'


def _command(layout: Layout, program: Sequence[str], *, is_systemd: bool) -> str:
    """Return the command line as the scheduler wants it: % means something to both of them."""
    instance = ["--instance", layout.instance] if layout.instance else []
    command = shlex.join([*program, *instance, *UPKEEP])
    return command.replace("%", "%%" if is_systemd else r"\%")


class Services(Protocol):
    """What runs programs by the clock: systemd where it is process 1, else cron."""

    def scheduler(self) -> Scheduler:
        """Return what this host has and lets us write to; empty where there is neither."""

    def program(self) -> Sequence[str]:
        """Return the words that start this program, the same over updates of it."""

    def timer(self, name: str) -> ObservedTimer:
        """Return how the timer ``name`` is.

        Raises:
            EffectError: the scheduler does not answer.
        """

    def start_timer(self, name: str) -> None:
        """Read the timer's files again and begin with it, now and after each reboot.

        Raises:
            EffectError: the scheduler refuses; its words are in the text.
        """

    def stop_timer(self, name: str) -> None:
        """Forget the timer; nothing happens where it is not known.

        Raises:
            EffectError: the scheduler refuses.
        """
