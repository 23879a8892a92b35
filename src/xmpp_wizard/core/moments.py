"""Moments as people read them."""

from __future__ import annotations

from datetime import UTC, datetime


def minute(at: float) -> str:
    """Return a moment, in seconds since 1970, to the minute: ``2026-11-21 08:50 UTC``."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
