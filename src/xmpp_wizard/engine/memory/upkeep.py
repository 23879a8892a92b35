"""What the last run of the timer left for the next one, and for whoever asks how it went."""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.upkeep import Memory

_MEMORY = TypeAdapter(Memory)


def remembered(world: World, layout: Layout) -> Memory:
    """Return what the last run left; of a damaged or foreign record nothing."""
    try:
        return _MEMORY.validate_json(world.files.read(str(layout.upkeep)) or b"{}")
    except ValidationError:
        return Memory()


def remember(world: World, layout: Layout, memory: Memory) -> None:
    """Keep it for the next run."""
    world.files.write(str(layout.upkeep), _MEMORY.dump_json(memory), 0o600, (0, 0))
