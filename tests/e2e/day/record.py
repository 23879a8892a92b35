"""What happened on a day: all that was sent, taken, heard and kept, to be compared in the evening."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field


@dataclass(slots=True)
class Record:
    """Messages are known by their id; an upload by its address."""

    sent: dict[str, str] = field(default_factory=dict)
    """The bare address that each message went to."""
    taken: set[str] = field(default_factory=set)
    """Those that the server acknowledged."""
    refused: dict[str, str] = field(default_factory=dict)
    """Those that came back as an error, with its condition."""
    heard: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """For each message the archive's ids under which its receiver got it: more than one is a message seen twice."""
    uploads: dict[str, bytes] = field(default_factory=dict)
    """The digest of each file that the server took."""
    deeds: Counter[str] = field(default_factory=Counter)
    """How often everybody did what."""

    def lost(self, archives: dict[str, set[str]]) -> list[str]:
        """Return messages that the server took, and that neither reached anybody nor lie in the receiver's archive."""
        counted = self.taken - self.refused.keys()
        return sorted(
            number for number in counted if number not in self.heard and number not in archives[self.sent[number]]
        )

    def seen_twice(self) -> list[str]:
        """Return messages that apps would show twice: the same one under two ids."""
        return sorted(number for number, ids in self.heard.items() if len(ids) > 1)
