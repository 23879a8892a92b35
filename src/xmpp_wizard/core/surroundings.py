"""What a set-up wants to know of the machine and the network round it before it asks anything: facts and their port."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

LOOK_SECONDS = 5.0
"""How long a look round may take: somebody waits for it while typing."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine: ``model`` is empty where it does not say what it is."""

    model: str
    system: str
    memory_mb: int


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk that holds a path."""

    kind: Literal["SD card", "SSD", "hard disk", "disk"]
    total_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a name leads to. ``is_known`` is False where DNS says that there is no such name, None without an answer."""

    addresses: tuple[str, ...] = ()
    is_known: bool | None = None


class Surroundings(Protocol):
    """Looks round; nothing is changed by it, and nobody outside learns more than a question for a name tells."""

    def machine(self) -> Machine:
        """Return what this machine is."""

    def disk(self, path: str) -> Disk:
        """Return the disk that holds ``path`` or its nearest existing parent."""

    def is_clock_set(self) -> bool:
        """Say whether the system keeps its clock right by the network."""

    def lookup(self, name: str, resolvers: Sequence[str], seconds: float) -> Lookup:
        """Return what ``name`` (A-labels) leads to, as this machine or the given resolvers have it."""

    def has_internet(self, seconds: float) -> bool:
        """Say whether names of the wide internet can be looked up."""
