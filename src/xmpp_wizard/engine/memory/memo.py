"""How a small thing is remembered between runs: in a JSON file of its own, for root alone, only ever replaced whole."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from pathlib import PurePosixPath
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from xmpp_wizard.core.ports import World

T = TypeVar("T")


class Memo(Generic[T]):
    """Reads and writes things of one kind."""

    def __init__(self, kind: type[T]) -> None:
        """Take the kind, whatever pydantic knows to read and write."""
        self._kind = kind

    def load(self, world: World, path: PurePosixPath) -> T | None:
        """Return what is remembered; None where nothing is, or what is there is damaged or another version's."""
        content = world.files.read(str(path))
        if content:
            with suppress(ValidationError):
                return self._adapter.validate_json(content)
        return None

    def save(self, world: World, path: PurePosixPath, value: T) -> None:
        """Remember it."""
        world.files.write(str(path), self._adapter.dump_json(value, indent=1), 0o600, (0, 0))

    @cached_property
    def _adapter(self) -> TypeAdapter[T]:
        """It takes a while to make, and most runs need only some."""
        return TypeAdapter(self._kind)
