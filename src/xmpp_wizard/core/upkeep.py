"""What looking after a server by the clock decides: when to try again, and what a person has to hear of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from xmpp_wizard.core.errors import LockedError, NeedsPersonError
from xmpp_wizard.core.text import NOTHING, Text, say

_HOUR = 3600.0
_PAUSES = (0.0, 0.0, 0.0, 2 * _HOUR, 5 * _HOUR, 11 * _HOUR)
"""Seconds to leave out after so many failures in a row; the timer itself comes about every hour."""
_LONGEST_PAUSE = 23 * _HOUR
_FAILURES_TO_TELL = 3
_DAY = 24 * _HOUR
_WARNING = 1 / 4
_ALARM = 1 / 8


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong; ``code`` stays the same while it is the same thing."""

    code: str
    text: Text
    hint: Text = NOTHING
    is_fresh: bool = False
    """Whether somebody may be at it just now, so that nobody is called yet."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered from one run to the next; times in seconds since 1970, 0 for never."""

    last_at: float = 0.0
    failures: int = 0
    """In a row."""
    next_try_at: float = 0.0
    trouble: Trouble | None = None
    """What the last run found."""
    told: Mapping[str, float] = field(default_factory=dict)
    """When people were told last of each trouble that is not over."""


class Life(Protocol):
    """A certificate, as far as its life goes; times are UTC."""

    @property
    def not_before(self) -> datetime: ...

    @property
    def not_after(self) -> datetime: ...


def life_left(certificate: Life, now: datetime) -> float:
    """Return the share of its life that a certificate still has, from 1 down to 0 and below."""
    return (certificate.not_after - now) / (certificate.not_after - certificate.not_before)


def ending(name: str, certificate: Life, source: str, now: datetime) -> Trouble | None:
    """Return what to tell of a certificate that nobody renewed in time; None while there is time.

    A quarter of its life before its end it is time to look, at an eighth it is urgent.
    """
    left = life_left(certificate, now)
    values = {"name": name, "day": certificate.not_after.date()}
    if now < certificate.not_before:
        day = certificate.not_before.date()
        text = say("the certificate of {name} is not valid before {day}", name=name, day=day)
        return Trouble("certificate-early", text, say("is the clock right?"))
    how = say("give it a new file") if source == "files" else say("run sudo xmpp-wizard cert renew, which says why")
    if left <= 0:
        return Trouble("certificate-ended", say("the certificate of {name} ended on {day}", **values), how)
    if left <= _ALARM:
        text = say("the certificate of {name} ends very soon, on {day}", **values)
        return Trouble("certificate-ends-very-soon", text, how)
    if left <= _WARNING:
        return Trouble("certificate-ends", say("the certificate of {name} ends on {day}", **values), how)
    return None


def pause_seconds(failures: int, least_life_left: float) -> float:
    """Return how long not to try again; where little life is left, every hour counts."""
    if least_life_left <= _ALARM or failures == 0:
        return 0.0
    return _PAUSES[failures] if failures < len(_PAUSES) else _LONGEST_PAUSE


def needs_person(exit_status: int, code: str, failures: int, least_life_left: float) -> bool:
    """Say whether a person must act: what may pass by itself is told only when it does not, or when time is short.

    ``exit_status`` and ``code`` are those of the error, ``failures`` how many there were in a row.
    """
    if exit_status == NeedsPersonError.exit_status and code != LockedError.code:
        return True
    return failures >= _FAILURES_TO_TELL or least_life_left <= _WARNING


def is_news(trouble: Trouble, told: Mapping[str, float], now: float) -> bool:
    """Say whether people are to be told: of one trouble once a day at most."""
    # told in the future: by a clock that was wrong
    return not 0 <= now - told.get(trouble.code, -_DAY) < _DAY
