"""Moments and spans of time in words."""

from __future__ import annotations

from datetime import UTC, datetime

from xmpp_wizard.core.text import Text, say

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


def day(at: float) -> str:
    """Return day and time, as they are at this machine."""
    return _local(at).strftime("%d %b %H:%M").lstrip("0")


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
