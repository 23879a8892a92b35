"""Everybody's data move from one storage backend to another; see ``prosody-data`` in Prosody's image.

At each instant one place has the truth: the old one until ``storage.json`` names the new one, which is after the last
record is proven equal and the old server's container is gone, so that no restart of the machine brings it back.
Whoever is killed before that leaves the old data untouched and a half copy, which the next move deletes.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from xmpp_wizard.core.containers import CommandResult, Report
from xmpp_wizard.core.errors import DiskError, EffectError, NeedsPersonError, WizardError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.planning.containers import full_name
from xmpp_wizard.core.planning.files import content_hash
from xmpp_wizard.core.planning.move_data import MoveData
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.storage.backends import title_of
from xmpp_wizard.core.storage.moving import Census, Kept, StorageState, how_much, reaching_both
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.memory import state
from xmpp_wizard.engine.storage.data_tool import DataTool, data_tool, last_line
from xmpp_wizard.engine.storage_look import census_in, told

_TIMES_CONTENT = 4
"""What a database takes on the disk, with its indexes and its journal, is so many times its content."""
_ROOM_BYTES = 100_000_000
_GOES_ON = say("Nothing was stopped; the server goes on as before.")


def move(world: World, layout: Layout, action: MoveData, report: Report) -> None:
    """Move the data and start Prosody with them.

    Raises:
        WizardError: it could not be done; the old server runs again, and its data are as they were.
    """
    census = action.census
    if action.copies:
        _check_config(world, layout, action)
        container = reaching_both(action.container, action.source)
        with data_tool(world, layout, container, action.source_config, action.config.text, report) as tool:
            census = _copy(world, layout, action, tool)
    _change_over(world, layout, action, census)


def _check_config(world: World, layout: Layout, action: MoveData) -> None:
    """Refuse where somebody else's hand may have told the server to keep its data elsewhere."""
    path = action.config.path
    content = world.files.read(path)
    if content is not None and content_hash(content) not in state.written(world, layout).get(path, ()):
        raise NeedsPersonError(
            say("{path} was changed by hand, so nobody knows whether the data are where it said before", path=path),
            say("Put your own settings into conf.d beside it, and apply that before the data are moved."),
        )


def _copy(world: World, layout: Layout, action: MoveData, tool: DataTool) -> Census:
    census = _checked(action, tool.check())
    _check_room(world, layout, census)
    _begin(world, layout, action)
    try:
        if action.clears:
            _check_cleared(action, tool.clear())
        _stop(world, action)
        _check_moved(action, tool.move(census.records))
    except WizardError:
        # what fails here, too, the way back tries again, and the next move
        with suppress(WizardError):
            _start_old(world, layout, action)
        with suppress(WizardError):
            _tidy(world, layout, action, tool)
        raise
    return census


def _change_over(world: World, layout: Layout, action: MoveData, census: Census | None) -> None:
    """Let the new place be the one with the truth, then start Prosody with it."""
    name = full_name(action.container)
    _stop(world, action)
    world.containers.remove(name)
    facts = state.storage(world, layout)
    left = Kept(world.clock.timestamp(), action.source_generation, census or Census())
    kept = {key: item for key, item in {**facts.kept, action.old: left}.items() if key != action.new}
    state.save_storage(world, layout, StorageState(action.new, action.generation, kept))
    world.files.write(action.config.path, action.config.text.encode(), action.config.mode, action.config.owner)
    world.containers.create(action.container, name)
    world.containers.start(name)


def _begin(world: World, layout: Layout, action: MoveData) -> None:
    """Remember that what is at the new place from now on is a copy that has not come to its end."""
    facts = state.storage(world, layout)
    half = Kept(world.clock.timestamp(), action.generation, is_half=True)
    state.save_storage(world, layout, replace(facts, kept={**facts.kept, action.new: half}))


def _tidy(world: World, layout: Layout, action: MoveData, tool: DataTool) -> None:
    """Delete the half copy and forget it; what cannot be deleted now, the next move deletes."""
    if tool.clear().status == 0:
        facts = state.storage(world, layout)
        kept = {name: item for name, item in facts.kept.items() if name != action.new}
        state.save_storage(world, layout, replace(facts, kept=kept))


def _stop(world: World, action: MoveData) -> None:
    name = full_name(action.container)
    if name in world.containers.observe(action.container.project):
        world.containers.stop(name, action.source.spec.stop_seconds)


def _start_old(world: World, layout: Layout, action: MoveData) -> None:
    """Start what was stopped, which reads its old configuration and its old data."""
    name = full_name(action.container)
    if name in world.containers.observe(layout.project):
        world.containers.start(name)


def _checked(action: MoveData, result: CommandResult) -> Census:
    """Return how much there is, if all of it can be taken to the new place and nothing is there yet."""
    source, target = census_in(result, "source"), census_in(result, "target")
    if result.status != 0 or source is None or target is None:
        raise EffectError(
            say("the data cannot be looked at before they are moved: {reason}", reason=last_line(result)), _GOES_ON
        )
    hindrance = next((text for line in told(result) if (text := _hindrance(line))), NOTHING)
    if hindrance:
        raise EffectError(hindrance, _GOES_ON)
    if target.records and not action.clears:
        new = title_of(action.new)
        raise NeedsPersonError(
            say("{new} is not empty: {what} of an unknown origin are in it", new=new, what=how_much(target)),
            say("Nothing was stopped. Save them if you need them and empty {new}, then run again.", new=new),
        )
    return source


def _check_room(world: World, layout: Layout, census: Census) -> None:
    needed = census.bytes * _TIMES_CONTENT + _ROOM_BYTES
    free = world.files.free_bytes(str(layout.state))
    if free < needed:
        values = {"needed": needed // 1_000_000, "free": free // 1_000_000}
        raise DiskError(
            say("the copy needs {needed} MB on the disk, and {free} MB are free", **values),
            say("Nothing was stopped. Make room: df -h shows the disks."),
        )


def _check_cleared(action: MoveData, result: CommandResult) -> None:
    if result.status != 0:
        values = {"new": title_of(action.new), "reason": last_line(result)}
        raise EffectError(say("what is left in {new} cannot be deleted: {reason}", **values), _GOES_ON)


def _check_moved(action: MoveData, result: CommandResult) -> None:
    """Return if the tool has said that both are the same, in so many words: an end without one is none."""
    events = {line.get("event"): line for line in told(result)}
    if result.status == 0 and "same" in events:
        return
    if "differs" in events:
        where = events["differs"].get("source") or events["differs"].get("target")
        problem = say("the copy is not the same as what it was made of: {where}", where=where)
    else:
        problem = say("the data could not be copied: {reason}", reason=last_line(result))
    old = title_of(action.old)
    raise EffectError(problem, say("The server runs again with its data in {old}, which are untouched.", old=old))


def _hindrance(line: object) -> Text:
    match line:
        case {"event": "too-long", "name": name}:
            return say("the name {name} is too long for plain files", name=name)
        case {"event": "too-many", "name": name, "count": count, "limit": limit}:
            return say(
                "{name} has {count} messages, and plain files keep {limit} at most", name=name, count=count, limit=limit
            )
    return NOTHING
