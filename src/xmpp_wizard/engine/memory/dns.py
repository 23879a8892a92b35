"""What is remembered of a DNS that this program keeps: the line's addresses, what was entered, what went wrong."""

from __future__ import annotations

from dataclasses import dataclass

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.upkeep import Trouble
from xmpp_wizard.engine.memory.memo import Memo


@dataclass(frozen=True, slots=True)
class Line:
    """The line's addresses as they were seen last, and when (seconds since 1970); and how DNS came along."""

    addresses: tuple[str, ...] = ()
    seen_at: float = 0.0
    failing_since: float = 0.0
    """When DNS could not be corrected for the first time in a row; 0: it could."""
    trouble: Trouble | None = None
    entered: str = ""
    """The mark of the records that were entered by themselves, all of them."""
    entering: str = ""
    """The mark of those that were begun with last."""


_LINE = Memo(Line)


def last_line(world: World, layout: Layout) -> Line:
    """Return what was seen last; nothing where that is not known."""
    return _LINE.load(world, layout.address) or Line()


def remember_line(world: World, layout: Layout, line: Line) -> None:
    """Remember what is known now."""
    _LINE.save(world, layout.address, line)
