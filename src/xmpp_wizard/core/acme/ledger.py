"""What was asked of an authority lately, so that its limits are never run into (letsencrypt.org/docs/rate-limits)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from xmpp_wizard.core.text import Text, say

_HOUR, _WEEK, _THREE_HOURS = timedelta(hours=1), timedelta(days=7), timedelta(hours=3)
_SAME_NAMES_A_WEEK = 4
"""One less than are allowed: the last one is kept for a day when it is needed."""
_FAILURES_AN_HOUR = 3
"""Of five."""
_ORDERS = 50
"""Of 300 in three hours: more than that is a loop."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate that was given. ``is_exempt``: announced as a renewal, which limits do not count."""

    at: datetime
    names: tuple[str, ...]
    is_exempt: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """A check that a name failed."""

    at: datetime
    name: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """What happened with one authority within the last week."""

    orders: tuple[datetime, ...] = ()
    issued: tuple[Issued, ...] = ()
    failed: tuple[Failed, ...] = ()


@dataclass(frozen=True, slots=True)
class Wait:
    """A limit that is near."""

    until: datetime
    why: Text


def recent(ledger: Ledger, now: datetime) -> Ledger:
    """Return the ledger without what no limit counts any more, and what a wrong clock has put into the future."""
    return Ledger(
        tuple(at for at in ledger.orders if now - _THREE_HOURS < at <= now),
        tuple(item for item in ledger.issued if now - _WEEK < item.at <= now),
        tuple(item for item in ledger.failed if now - _HOUR < item.at <= now),
    )


def with_order(ledger: Ledger, at: datetime) -> Ledger:
    """Return the ledger with one more order."""
    return Ledger((*ledger.orders, at), ledger.issued, ledger.failed)


def with_issued(ledger: Ledger, at: datetime, names: Iterable[str], *, is_exempt: bool) -> Ledger:
    """Return the ledger with one more certificate."""
    return Ledger(ledger.orders, (*ledger.issued, Issued(at, tuple(sorted(names)), is_exempt)), ledger.failed)


def with_failed(ledger: Ledger, at: datetime, names: Iterable[str]) -> Ledger:
    """Return the ledger with a failed check for each of ``names``."""
    return Ledger(ledger.orders, ledger.issued, (*ledger.failed, *(Failed(at, name) for name in names)))


def wait_for_names(ledger: Ledger, names: Collection[str], now: datetime, *, is_exempt: bool = False) -> Wait | None:
    """Return until when a certificate for exactly ``names`` must wait, or None."""
    if is_exempt:
        return None
    counted = recent(ledger, now)
    same = sorted(item.at for item in counted.issued if item.names == tuple(sorted(names)) and not item.is_exempt)
    if len(same) >= _SAME_NAMES_A_WEEK:
        until = same[-_SAME_NAMES_A_WEEK] + _WEEK
        return Wait(until, say("this certificate was made {count} times within a week", count=len(same)))
    if len(counted.orders) >= _ORDERS:
        orders = sorted(counted.orders)
        until = orders[-_ORDERS] + _THREE_HOURS
        return Wait(until, say("{count} certificates were asked for within three hours", count=len(orders)))
    return None


def wait_for_check(ledger: Ledger, name: str, now: datetime) -> Wait | None:
    """Return until when the next check of ``name`` must wait, or None."""
    times = sorted(item.at for item in recent(ledger, now).failed if item.name == name)
    if len(times) < _FAILURES_AN_HOUR:
        return None
    until = times[-_FAILURES_AN_HOUR] + _HOUR
    return Wait(until, say("{name} failed its check {count} times within an hour", name=name, count=len(times)))
