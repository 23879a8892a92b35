"""What is remembered of a DNS that this program keeps: the line's addresses, what was entered, what went wrong."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.upkeep import Trouble


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


_LINE = TypeAdapter(Line)


def last_line(world: World, layout: Layout) -> Line:
    """Return what was seen last; nothing where that is not known."""
    try:
        return _LINE.validate_json(world.files.read(str(layout.address)) or b"{}")
    except ValidationError:
        return Line()


def remember_line(world: World, layout: Layout, line: Line) -> None:
    """Remember what is known now."""
    world.files.write(str(layout.address), _LINE.dump_json(line), 0o600, (0, 0))
