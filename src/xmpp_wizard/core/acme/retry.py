"""When a failed attempt is made again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from xmpp_wizard.core.acme.advice import Advice

_AT_AUTHORITIES = tuple(timedelta(minutes=minutes) for minutes in (1, 10, 100))
"""Let's Encrypt's own advice, and from then on daily (letsencrypt.org/docs/integration-guide)."""
_LONGEST = timedelta(days=1)
_SOON = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 20))
"""Who is just entering records or opening a port should not have to wait for the hour."""
PATIENT_ATTEMPTS = len(_SOON)
"""So many attempts come soon after each other; before they are over nobody is called, as somebody may be at it."""
_HOURLY = timedelta(minutes=55)
"""Less than an hour, so that a timer that comes every hour does not leave every other one out."""
_HOURLY_ATTEMPTS = PATIENT_ATTEMPTS + 7 * 24
_SELDOM = timedelta(hours=6)
"""Very many failures in a row make authorities stop dealing with a name at all."""
_LONGEST_WAIT = timedelta(days=7)
"""An authority that says more is not believed: something may have gone wrong there."""


def next_attempt(problems: Iterable[Advice], failures: int, now: datetime) -> datetime | None:
    """Return when to try again, or None for never; ``failures`` is how many attempts in a row came to nothing.

    Where problems differ, the one that can be over first decides: another attempt is for its name alone.
    """
    found = [when for advice in problems if (when := _when(advice, failures, now)) is not None]
    return min(found, default=None)


def _when(advice: Advice, failures: int, now: datetime) -> datetime | None:
    if advice.retry == "never":
        return None
    if advice.retry == "at" and advice.wait_seconds is not None:
        return now + timedelta(seconds=min(advice.wait_seconds, _LONGEST_WAIT.total_seconds()))
    past = max(failures - 1, 0)
    if advice.retry != "user" and advice.blame in {"authority", "request"}:
        return now + (_AT_AUTHORITIES[past] if past < len(_AT_AUTHORITIES) else _LONGEST)
    if past < len(_SOON):
        return now + _SOON[past]
    return now + (_HOURLY if past < _HOURLY_ATTEMPTS else _SELDOM)
