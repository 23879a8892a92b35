"""Small facts that the program remembers between runs, each in a JSON file of its own below the state folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import PurePosixPath
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from xmpp_wizard.core.dns.change import Made
from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.observed import Loaded
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.storage.moving import StorageState
from xmpp_wizard.core.text import say

T = TypeVar("T")

_PINNED = TypeAdapter(dict[str, str])
_WRITTEN = TypeAdapter(dict[str, tuple[str, ...]])
_KEPT = TypeAdapter(dict[str, tuple[str, str]])
_LOADED = TypeAdapter(dict[str, Loaded])
_DNS = TypeAdapter(tuple[Made, ...])
_DNS_OF_ONE = TypeAdapter(Made)
"""What was written when all records were of one account."""
_STORAGE = TypeAdapter(StorageState)


def pinned(world: World, layout: Layout) -> dict[str, str]:
    """Return the facts that must not change once they were chosen."""
    return _load(world, layout.pinned, _PINNED)


def save_pinned(world: World, layout: Layout, facts: Mapping[str, str]) -> None:
    """Remember them."""
    _save(world, layout.pinned, _PINNED, dict(facts))


def written(world: World, layout: Layout) -> dict[str, tuple[str, ...]]:
    """Return, for each file of ours, the hashes that we wrote or were about to write."""
    return _load(world, layout.written, _WRITTEN)


def save_written(world: World, layout: Layout, hashes: Mapping[str, tuple[str, ...]]) -> None:
    """Remember them."""
    _save(world, layout.written, _WRITTEN, dict(hashes))


def sheets(world: World, layout: Layout) -> dict[str, str]:
    """Return the hash of each emergency sheet as it was written, by path."""
    return _load(world, layout.sheets, _PINNED)


def save_sheets(world: World, layout: Layout, hashes: Mapping[str, str]) -> None:
    """Remember them."""
    _save(world, layout.sheets, _PINNED, dict(hashes))


def kept(world: World, layout: Layout) -> dict[str, tuple[str, str]]:
    """Return hand edits that a person chose to keep: hash on disk, hash of what we would have written."""
    return _load(world, layout.kept, _KEPT)


def save_kept(world: World, layout: Layout, edits: Mapping[str, tuple[str, str]]) -> None:
    """Remember them."""
    _save(world, layout.kept, _KEPT, dict(edits))


def loaded(world: World, layout: Layout) -> dict[str, Loaded]:
    """Return what each container, by full name, has read since it started."""
    return _load(world, layout.loaded, _LOADED)


def save_loaded(world: World, layout: Layout, what: Mapping[str, Loaded]) -> None:
    """Remember it."""
    _save(world, layout.loaded, _LOADED, dict(what))


def storage(world: World, layout: Layout) -> StorageState:
    """Return what is remembered of data that were moved.

    Raises:
        EffectError: the record is damaged. It is not taken for none: data that were moved would be missed.
    """
    content = world.files.read(str(layout.storage))
    try:
        return _STORAGE.validate_json(content) if content else StorageState()
    except ValidationError as error:
        raise EffectError(
            say("{path} is damaged: it says where data lie that were moved", path=layout.storage),
            say("Put it back from a backup; if nothing was ever moved, delete it."),
        ) from error


def save_storage(world: World, layout: Layout, facts: StorageState) -> None:
    """Remember it."""
    world.files.write(str(layout.storage), _STORAGE.dump_json(facts), 0o600, (0, 0))


def dns_made(world: World, layout: Layout) -> tuple[Made, ...]:
    """Return the records that this program has made in DNS, or was about to make, for each account."""
    content = world.files.read(str(layout.dns_records))
    for adapter in (_DNS, _DNS_OF_ONE) if content else ():
        with suppress(ValidationError):
            found = adapter.validate_json(content or b"")
            return found if isinstance(found, tuple) else (found,)
    # see _load
    return ()


def save_dns_made(world: World, layout: Layout, made: Sequence[Made]) -> None:
    """Remember them; that can be before anything else of the server is there."""
    if world.files.stat(str(layout.state)) is None:
        world.files.make_folder(str(layout.state), 0o700, (0, 0))
    world.files.write(str(layout.dns_records), _DNS.dump_json(tuple(made)), 0o600, (0, 0))


def _load(world: World, path: PurePosixPath, adapter: TypeAdapter[dict[str, T]]) -> dict[str, T]:
    content = world.files.read(str(path))
    if content is None:
        return {}
    try:
        return adapter.validate_json(content)
    except ValidationError:
        # only ever replaced whole, so this is another version's or damage; both mean: not known
        return {}


def _save(world: World, path: PurePosixPath, adapter: TypeAdapter[dict[str, T]], value: dict[str, T]) -> None:
    world.files.write(str(path), adapter.dump_json(value), 0o600, (0, 0))
