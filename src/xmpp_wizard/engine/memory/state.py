"""Small facts that the program remembers between runs, each in a JSON file of its own below the state folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xmpp_wizard.core.dns.change import Made
from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.observed import Loaded
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.storage.moving import StorageState
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.memory.memo import Memo

_PINNED = Memo(dict[str, str])
_WRITTEN = Memo(dict[str, tuple[str, ...]])
_KEPT = Memo(dict[str, tuple[str, str]])
_LOADED = Memo(dict[str, Loaded])
_DNS = Memo(tuple[Made, ...])
_DNS_OF_ONE = Memo(Made)
"""What was written when all records were of one account."""
_STORAGE = Memo(StorageState)


def pinned(world: World, layout: Layout) -> dict[str, str]:
    """Return the facts that must not change once they were chosen."""
    return _PINNED.load(world, layout.pinned) or {}


def save_pinned(world: World, layout: Layout, facts: Mapping[str, str]) -> None:
    """Remember them."""
    _PINNED.save(world, layout.pinned, dict(facts))


def written(world: World, layout: Layout) -> dict[str, tuple[str, ...]]:
    """Return, for each file of ours, the hashes that we wrote or were about to write."""
    return _WRITTEN.load(world, layout.written) or {}


def save_written(world: World, layout: Layout, hashes: Mapping[str, tuple[str, ...]]) -> None:
    """Remember them."""
    _WRITTEN.save(world, layout.written, dict(hashes))


def sheets(world: World, layout: Layout) -> dict[str, str]:
    """Return the hash of each emergency sheet as it was written, by path."""
    return _PINNED.load(world, layout.sheets) or {}


def save_sheets(world: World, layout: Layout, hashes: Mapping[str, str]) -> None:
    """Remember them."""
    _PINNED.save(world, layout.sheets, dict(hashes))


def kept(world: World, layout: Layout) -> dict[str, tuple[str, str]]:
    """Return hand edits that a person chose to keep: hash on disk, hash of what we would have written."""
    return _KEPT.load(world, layout.kept) or {}


def save_kept(world: World, layout: Layout, edits: Mapping[str, tuple[str, str]]) -> None:
    """Remember them."""
    _KEPT.save(world, layout.kept, dict(edits))


def loaded(world: World, layout: Layout) -> dict[str, Loaded]:
    """Return what each container, by full name, has read since it started."""
    return _LOADED.load(world, layout.loaded) or {}


def save_loaded(world: World, layout: Layout, what: Mapping[str, Loaded]) -> None:
    """Remember it."""
    _LOADED.save(world, layout.loaded, dict(what))


def storage(world: World, layout: Layout) -> StorageState:
    """Return what is remembered of data that were moved.

    Raises:
        EffectError: the record is damaged. It is not taken for none: data that were moved would be missed.
    """
    found = _STORAGE.load(world, layout.storage)
    if found is None and world.files.read(str(layout.storage)):
        raise EffectError(
            say("{path} is damaged: it says where data lie that were moved", path=layout.storage),
            say("Put it back from a backup; if nothing was ever moved, delete it."),
        )
    return found or StorageState()


def save_storage(world: World, layout: Layout, facts: StorageState) -> None:
    """Remember it."""
    _STORAGE.save(world, layout.storage, facts)


def dns_made(world: World, layout: Layout) -> tuple[Made, ...]:
    """Return the records that this program has made in DNS, or was about to make, for each account."""
    found = _DNS.load(world, layout.dns_records)
    if found is None and (one := _DNS_OF_ONE.load(world, layout.dns_records)) is not None:
        return (one,)
    return found or ()


def save_dns_made(world: World, layout: Layout, made: Sequence[Made]) -> None:
    """Remember them; that can be before anything else of the server is there."""
    if world.files.stat(str(layout.state)) is None:
        world.files.make_folder(str(layout.state), 0o700, (0, 0))
    _DNS.save(world, layout.dns_records, tuple(made))
