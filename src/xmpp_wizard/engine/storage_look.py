"""Where everybody's data are: read before a plan, and only as far as they are to move."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress

from pydantic import TypeAdapter, ValidationError

from xmpp_wizard.core.containers import CommandResult
from xmpp_wizard.core.errors import EffectError, WizardError
from xmpp_wizard.core.layout import PROSODY_ID, Layout
from xmpp_wizard.core.planning.containers import full_name
from xmpp_wizard.core.planning.storage import config_file
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.storage.moving import Census, ObservedStorage
from xmpp_wizard.core.target import Container, Target
from xmpp_wizard.engine.memory import generations, state

PROGRAM = "/usr/local/bin/prosody-data"
CONFIG = "/etc/prosody/prosody.cfg.lua"
USER = f"{PROSODY_ID}:{PROSODY_ID}"
_CENSUS = TypeAdapter(Census)
_SECONDS = 60.0


def observed_storage(world: World, layout: Layout, target: Target) -> ObservedStorage:
    """Return where the data are; how much they are and the way to them only where ``target`` wants them elsewhere."""
    facts = state.storage(world, layout)
    name = facts.live or state.pinned(world, layout).get("storage", "")
    if name and name == target.pinned.get("storage", name):
        return ObservedStorage(name)
    good = _last_target(world, layout)
    name = name or _storage_of(good)
    if name in ("", target.pinned.get("storage", name)):
        return ObservedStorage(name)
    known = good if _storage_of(good) == name else _recorded(world, layout, facts.generation)
    if known is None:
        return ObservedStorage(name, kept=facts.kept)
    number, source = known
    container = prosody_of(source)
    census = counted(world, container)
    return ObservedStorage(name, container, config_file(source).text, number, census, facts.kept)


def prosody_of(target: Target) -> Container:
    """Return the container that has the data."""
    return next(container for container in target.containers if container.spec.name == "prosody")


def counted(world: World, container: Container) -> Census | None:
    """Return how much the running server keeps; None where it cannot say so."""
    with suppress(WizardError):
        result = world.containers.run(
            full_name(container), (PROGRAM, "census", CONFIG), user=USER, timeout_seconds=_SECONDS
        )
        return census_in(result, "census")
    return None


def census_in(result: CommandResult, event: str) -> Census | None:
    """Return what the tool has counted, in the line of this ``event``."""
    for line in told(result):
        if line.get("event") == event:
            with suppress(ValidationError):
                return _CENSUS.validate_python({key: value for key, value in line.items() if key != "event"})
    return None


def told(result: CommandResult) -> Iterator[Mapping[str, object]]:
    """Yield what the tool says; other lines are nothing of it."""
    for line in result.output.splitlines():
        with suppress(ValueError):
            found = json.loads(line)
            if isinstance(found, dict):
                yield found


def _storage_of(known: tuple[int, Target] | None) -> str:
    return known[1].pinned.get("storage", "") if known else ""


def _last_target(world: World, layout: Layout) -> tuple[int, Target] | None:
    good = generations.last_good(world, layout)
    return _recorded(world, layout, good.number) if good else None


def _recorded(world: World, layout: Layout, number: int) -> tuple[int, Target] | None:
    """Return a generation's target; None where there is none, or another version wrote it."""
    with suppress(EffectError, WizardError):
        return number, generations.load_target(world, layout, number)
    return None
