"""Where data are kept: a backend, and kinds of data that are plain files beside it; ``sqlite+history`` in short."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from xmpp_wizard.core.text import Text, say

STORES: Mapping[str, str] = {"history": "archive", "room_history": "muc_log", "waiting": "offline"}
"""Prosody's store for each kind of data that may be told apart, all of them lists of messages.

What people publish is not among them: Prosody has a store for each of their nodes, named by the node.
"""
FILES = "internal"
"""The backend that is plain files."""
_REST = ""


@dataclass(frozen=True, slots=True)
class Place:
    """One place; :func:`str` gives its name, which is that of the backend where no kind is told apart."""

    backend: str
    in_files: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the same name for the same place, in whatever order its kinds are told."""
        return "+".join((self.backend, *(kind for kind in STORES if kind in self.in_files)))

    @property
    def stores(self) -> tuple[str, ...]:
        """Return Prosody's names of what is in files."""
        return tuple(STORES[kind] for kind in self.in_files)

    @property
    def said(self) -> str:
        """Return it as the answers have it."""
        kinds = ", ".join(f'"{kind}"' for kind in self.in_files)
        return f"{self.backend} and storage.in_files = [{kinds}]" if kinds else self.backend

    def titled(self, title: Text) -> Text:
        """Return what people call it, whose backend has that ``title``."""
        if not self.in_files:
            return title
        return say("{backend} (in files: {kinds})", backend=title, kinds=", ".join(self.in_files))

    def overlaps(self, other: Place) -> bool:
        """Say whether some data would lie at the same spot in both."""
        return any(self._spot(kind) == other._spot(kind) for kind in (*STORES, _REST))

    def _spot(self, kind: str) -> str:
        return FILES if kind in self.in_files else self.backend


def place_called(name: str) -> Place:
    """Return the place of this name."""
    backend, *kinds = name.split("+")
    return Place(backend, tuple(kinds))


def in_the_way(kept: Collection[str], old: str, new: str) -> tuple[str, ...]:
    """Return those of the places with ``kept`` data that a move from ``old`` to ``new`` would mix with other data."""
    ends = (place_called(old), place_called(new))
    return tuple(name for name in kept if name != new and any(place_called(name).overlaps(end) for end in ends))
