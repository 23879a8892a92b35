"""When a failed attempt is made again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from xmpp_wizard.core.acme.advice import explain
from xmpp_wizard.core.acme.model import Problem
from xmpp_wizard.core.acme.retry import next_attempt

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
BUSY = Problem("busy", "HTTP 503")
CLOSED = Problem("connection", "Timeout during connect")
TXT = Problem("unauthorized", "No TXT record found at _acme-challenge.a.example")
OFFLINE = Problem("offline", "No route to host")
NEVER = Problem("rejectedIdentifier", "policy")


def waited(*problems: Problem, failures: int = 1) -> timedelta | None:
    found = next_attempt([advice for problem in problems for advice in explain(problem)], failures, NOW)
    return found - NOW if found else None


def test_waits_grow_to_a_day_and_stay_there() -> None:
    minutes = [waited(BUSY, failures=count) for count in (1, 2, 3, 4, 1000)]
    assert minutes == [timedelta(minutes=count) for count in (1, 10, 100, 1440, 1440)]


@pytest.mark.parametrize("problem", [CLOSED, TXT, OFFLINE])
def test_what_somebody_may_be_mending_is_looked_at_soon_and_then_by_each_hourly_run(problem: Problem) -> None:
    minutes = [waited(problem, failures=count) for count in (1, 2, 3, 4, 5, 6, 50, 173, 174)]
    assert minutes == [timedelta(minutes=count) for count in (1, 2, 5, 10, 20, 55, 55, 55, 360)]


def test_a_lost_account_makes_no_others_by_the_minute() -> None:
    assert waited(Problem("accountDoesNotExist", ""), failures=4) == timedelta(days=1)


@pytest.mark.parametrize(
    ("said", "obeyed"),
    [
        (7200, timedelta(hours=2)),
        (10**9, timedelta(days=7)),
        # more days than a computer counts
        (1e20, timedelta(days=7)),
        (float("inf"), timedelta(days=7)),
    ],
)
def test_a_time_that_the_authority_names_is_kept(said: float, obeyed: timedelta) -> None:
    limit = Problem("rateLimited", "already issued for this exact set of identifiers", retry_after_seconds=said)
    assert waited(limit, failures=9) == obeyed


def test_what_is_refused_for_good_is_not_asked_again() -> None:
    assert waited(NEVER) is None
    assert waited(NEVER, CLOSED) == waited(CLOSED)
    assert waited() is None
