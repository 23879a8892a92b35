"""When a failed attempt is made again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from xmpp_wizard.core.acme.advice import Advice

_FIRST = timedelta(minutes=1)
_FACTOR = 10
_GROWS = 3
_LONGEST = timedelta(days=1)
_HOURLY = timedelta(minutes=55)
"""What a person has to mend is looked at each time that the hourly timer comes."""
_LONGEST_WAIT = timedelta(days=7)
"""An authority that says more is not believed: something may have gone wrong there."""


def next_attempt(problems: Iterable[Advice], failures: int, now: datetime) -> datetime | None:
    """Return when to try again, or None for never; ``failures`` is how many attempts in a row came to nothing.

    Where problems differ, the one that can be over first decides: another attempt is for its name alone.
    """
    found = [when for advice in problems if (when := _when(advice, failures, now)) is not None]
    return min(found, default=None)


def _when(advice: Advice, failures: int, now: datetime) -> datetime | None:
    match advice.retry:
        case "never":
            return None
        case "user":
            return now + _HOURLY
        case "at" if advice.wait_seconds is not None:
            return now + min(timedelta(seconds=advice.wait_seconds), _LONGEST_WAIT)
        case _:
            return now + (_FIRST * _FACTOR ** max(failures - 1, 0) if failures <= _GROWS else _LONGEST)
