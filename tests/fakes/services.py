"""A host with systemd, or with cron, or with neither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tests.fakes.files import FakeFiles
from tests.fakes.host import NOON
from tests.fakes.recorder import Recorder

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.observed import ObservedTimer
from xmpp_wizard.core.rendering.timer import Scheduler
from xmpp_wizard.core.text import say


@dataclass
class FakeServices(Recorder):
    """``on`` are the timers that wait; ``has_daemon`` says whether cron runs."""

    kind: Scheduler = "systemd"
    files: FakeFiles = field(default_factory=FakeFiles)
    on: set[str] = field(default_factory=set)
    has_daemon: bool = True
    next_at: datetime = NOON

    def scheduler(self) -> Scheduler:
        self.hit("scheduler")
        return self.kind

    def program(self) -> Sequence[str]:
        return ["/usr/local/bin/xmpp-wizard"]

    def timer(self, name: str) -> ObservedTimer:
        self.hit("timer", name)
        if self.kind == "systemd":
            if name in self.on:
                return ObservedTimer(name, self.kind, "waiting", self.next_at)
            is_there = self.files.stat(f"/etc/systemd/system/{name}.timer") is not None
            return ObservedTimer(name, self.kind, "off" if is_there else "missing")
        if self.files.stat(f"/etc/cron.d/{name}") is None:
            return ObservedTimer(name, self.kind, "missing")
        return ObservedTimer(name, self.kind, "waiting" if self.has_daemon else "no daemon")

    def start_timer(self, name: str) -> None:
        self.hit("start_timer", name)
        if self.files.stat(f"/etc/systemd/system/{name}.timer") is None:
            raise EffectError(say("systemctl enable {name}.timer: no such file", name=name))
        self.on.add(name)

    def stop_timer(self, name: str) -> None:
        self.hit("stop_timer", name)
        self.on.discard(name)
