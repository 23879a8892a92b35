"""Moments, spans of time and sizes in words."""

from __future__ import annotations

from datetime import UTC, datetime

from xmpp_wizard.core.text import Text, say, say_as

_MONTHS = (
    say_as("month", "Jan"),
    say_as("month", "Feb"),
    say_as("month", "Mar"),
    say_as("month", "Apr"),
    say_as("month", "May"),
    say_as("month", "Jun"),
    say_as("month", "Jul"),
    say_as("month", "Aug"),
    say_as("month", "Sep"),
    say_as("month", "Oct"),
    say_as("month", "Nov"),
    say_as("month", "Dec"),
)
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def ago(seconds: float) -> Text:
    """Return how long ago something was."""
    if seconds < _MINUTE:
        return say("{count} s ago", count=max(round(seconds), 0))
    if seconds < 2 * _HOUR:
        return say("{count} min ago", count=round(seconds / _MINUTE))
    if seconds < 2 * _DAY:
        return say("{count} h ago", count=round(seconds / _HOUR))
    return say("{count} days ago", count=round(seconds / _DAY))


def clock(at: float) -> str:
    """Return the time of day, as it is at this machine."""
    return _local(at).strftime("%H:%M:%S")


def minute(at: float) -> str:
    """Return the time of day without its seconds."""
    return _local(at).strftime("%H:%M")


def day(at: float) -> Text:
    """Return day and time, as they are at this machine."""
    local = _local(at)
    return say("{day} {month} {time}", day=local.day, month=_MONTHS[local.month - 1], time=local.strftime("%H:%M"))


def _local(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC).astimezone()


def span(seconds: float) -> Text:
    """Return how long something lasts."""
    if seconds < 2 * _MINUTE:
        return say("{count} s", count=max(round(seconds), 0))
    if seconds < 2 * _HOUR:
        return say("{count} min", count=round(seconds / _MINUTE))
    if seconds < 2 * _DAY:
        return say("{count} h", count=round(seconds / _HOUR))
    return say("{count} days", count=round(seconds / _DAY))


_UNITS = (("TB", 1024**4), ("GB", 1024**3), ("MB", 1024**2))


def size(count: int) -> str:
    """Return so many bytes in the largest unit that fits, as people know it from their disks."""
    for unit, worth in _UNITS:
        if count >= worth:
            digits = 1 if count < 10 * worth else 0
            return f"{count / worth:.{digits}f} {unit}"
    return f"{-(-count // 1024)} kB"
