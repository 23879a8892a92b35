"""A small computer in a network where some names are known."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.fakes.recorder import Recorder

from xmpp_wizard.core.surroundings import Disk, Lookup, Machine

_GIB = 1024**3


@dataclass
class FakeSurroundings(Recorder):
    """``names`` are what DNS knows; a name in ``silent`` is never answered (until ``released``)."""

    names: dict[str, Lookup] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    released: threading.Event = field(default_factory=threading.Event)
    is_online: bool = True
    is_set: bool = True
    disk_facts: Disk = field(default_factory=lambda: Disk("SD card", 32 * _GIB, 24 * _GIB))

    def machine(self) -> Machine:
        self.hit("machine")
        return Machine("Raspberry Pi 4", "Debian 13", 3900)

    def disk(self, path: str) -> Disk:
        self.hit("disk", path)
        return self.disk_facts

    def is_clock_set(self) -> bool:
        self.hit("is_clock_set")
        return self.is_set

    def lookup(self, name: str, resolvers: Sequence[str], seconds: float) -> Lookup:
        self.hit("lookup", f"{name} {' '.join(resolvers)}".strip())
        assert seconds > 0
        if name in self.silent:
            self.released.wait(10)
        return self.names.get(name, Lookup((), is_known=False))

    def has_internet(self, seconds: float) -> bool:
        self.hit("has_internet")
        assert seconds > 0
        return self.is_online
