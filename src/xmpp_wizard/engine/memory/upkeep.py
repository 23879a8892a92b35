"""What the last run of the timer left for the next one, and for whoever asks how it went."""

from __future__ import annotations

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.upkeep import Memory
from xmpp_wizard.engine.memory.memo import Memo

_MEMORY = Memo(Memory)


def remembered(world: World, layout: Layout) -> Memory:
    """Return what the last run left; of a damaged or foreign record nothing."""
    return _MEMORY.load(world, layout.upkeep) or Memory()


def remember(world: World, layout: Layout, memory: Memory) -> None:
    """Keep it for the next run."""
    _MEMORY.save(world, layout.upkeep, memory)
