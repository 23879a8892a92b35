"""How many people are here: the numbers that the server itself writes down (``mod_head_count`` of its image).

Read from the disk: whoever asks the server leaves two lines in its log each time.
"""

from __future__ import annotations

from pydantic import NonNegativeInt, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import say

HALF_HOUR = 1800
COLUMNS = 48
"""Half hours of a day."""
_LATE_SECONDS = 400
"""The server writes at least every 300 seconds, and within 15 when something changes."""
_MOST_BYTES = 100_000


@dataclass(frozen=True)
class HeadCount:
    """``at`` in seconds since 1970; ``half_hours`` are pairs of a half hour's beginning and the most people in it."""

    at: int
    people: NonNegativeInt
    devices: NonNegativeInt
    servers: NonNegativeInt
    half_hours: tuple[tuple[int, NonNegativeInt], ...]

    def is_late(self, now: float) -> bool:
        """Say whether the server has stopped counting."""
        return not -_LATE_SECONDS <= now - self.at <= _LATE_SECONDS

    def last_day(self, now: float) -> tuple[tuple[int, int | None], ...]:
        """Return the 48 half hours up to now: beginning, and the most people or None where nobody counted."""
        known = dict(self.half_hours)
        last = int(now) - int(now) % HALF_HOUR
        moments = range(last - (COLUMNS - 1) * HALF_HOUR, last + 1, HALF_HOUR)
        return tuple((moment, known.get(moment)) for moment in moments)


_ADAPTER = TypeAdapter(HeadCount)


def head_count(world: World, layout: Layout) -> HeadCount | None:
    """Return the numbers; None where the server does not count yet.

    Raises:
        EffectError: what it wrote cannot be read.
    """
    content = world.files.read(str(layout.data("prosody") / "head_count.json"), most=_MOST_BYTES)
    if content is None:
        return None
    try:
        return _ADAPTER.validate_json(content)
    except ValidationError as error:
        raise EffectError(say("the number of people here cannot be read: the file is damaged")) from error
