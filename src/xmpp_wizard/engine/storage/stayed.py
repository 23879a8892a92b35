"""Data that stayed where they were when the server moved to another storage backend: told of, and let go at last."""

from __future__ import annotations

from dataclasses import dataclass, replace

from xmpp_wizard.core.containers import CommandResult
from xmpp_wizard.core.errors import EffectError, NeedsPersonError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.planning.storage import config_file
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.storage.backends import all_backends, title_of
from xmpp_wizard.core.storage.moving import Kept, reaching_both
from xmpp_wizard.core.storage.place import place_called
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.memory import generations, state
from xmpp_wizard.engine.setup import current
from xmpp_wizard.engine.storage.data_tool import data_tool, last_line
from xmpp_wizard.engine.storage_look import prosody_of


@dataclass(frozen=True, slots=True)
class Stay:
    """Where the data in use are, and what lies elsewhere from before, by backend."""

    live: str
    kept: tuple[tuple[str, Kept], ...]


def stay(world: World, layout: Layout) -> Stay:
    """Return what lies where; a copy that is being made now has not stayed anywhere.

    Raises:
        NotSetUpError: there is no server.
        EffectError: the record of it is damaged.
    """
    target, _ = current(world, layout)
    facts = state.storage(world, layout)
    is_moving = world.lock.holder(str(layout.lock)) is not None
    kept = [(name, one) for name, one in sorted(facts.kept.items()) if not (is_moving and one.is_half)]
    return Stay(facts.live or target.pinned.get("storage", ""), tuple(kept))


def discard(world: World, layout: Layout, backend: str) -> None:
    """Delete for ever what stayed in ``backend``.

    Raises:
        LockedError: an apply is going on.
        NeedsPersonError: nothing of before is there.
        EffectError: it could not be deleted; it is still told of then.
    """
    with world.lock.hold(str(layout.lock)):
        target, _ = current(world, layout)
        facts = state.storage(world, layout)
        kept = facts.kept.get(backend)
        if kept is None or backend == (facts.live or target.pinned.get("storage")):
            raise NeedsPersonError(
                say("nothing from before is in {backend}", backend=backend), say("See: xmpp-wizard storage")
            )
        _delete(world, layout, target, backend, kept)
        others = {name: item for name, item in facts.kept.items() if name != backend}
        state.save_storage(world, layout, replace(facts, kept=others))


def _delete(world: World, layout: Layout, target: Target, name: str, kept: Kept) -> None:
    place = place_called(name)
    backend = all_backends().get(place.backend)
    own = {spec.name for spec in backend.containers} if backend else set()
    if not own or own & {container.spec.name for container in target.containers}:
        source = generations.load_target(world, layout, kept.generation)
        container = reaching_both(prosody_of(target), prosody_of(source))
        with data_tool(world, layout, container, *_configs(target, source), lambda _: None) as tool:
            _check(tool.clear(), name)
        return
    if place.stores:
        # its database runs no more, so only the files are asked for
        with data_tool(world, layout, prosody_of(target), *_configs(target, target), lambda _: None) as tool:
            _check(tool.clear_files(place.stores), name)
    for container_name in own:
        world.containers.remove(layout.container(container_name))
        world.files.remove(str(layout.data(container_name)))


def _configs(old: Target, new: Target) -> tuple[str, str]:
    return config_file(old).text, config_file(new).text


def _check(result: CommandResult, name: str) -> None:
    if result.status != 0:
        values = {"backend": title_of(name), "reason": last_line(result)}
        raise EffectError(say("what stayed in {backend} could not be deleted: {reason}", **values))
