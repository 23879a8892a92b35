"""Limits of authorities are kept before they are met."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from xmpp_wizard.core.acme.ledger import (
    Ledger,
    recent,
    wait_for_check,
    wait_for_names,
    with_failed,
    with_issued,
    with_order,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
NAMES = ("a.example", "b.example")


def issued(*days_ago: int, is_exempt: bool = False) -> Ledger:
    ledger = Ledger()
    for days in days_ago:
        ledger = with_issued(ledger, NOW - timedelta(days=days), reversed(NAMES), is_exempt=is_exempt)
    return ledger


def test_the_same_names_may_be_had_four_times_a_week() -> None:
    assert wait_for_names(issued(6, 5, 4), NAMES, NOW) is None
    assert wait_for_names(issued(8, 6, 5, 4), NAMES, NOW) is None
    wait = wait_for_names(issued(6, 5, 4, 3), NAMES, NOW)
    assert wait is not None
    assert wait.until == NOW + timedelta(days=1)
    assert str(wait.why) == "this certificate was made 4 times within a week"


def test_other_names_and_announced_renewals_do_not_count() -> None:
    assert wait_for_names(issued(6, 5, 4, 3), ("a.example",), NOW) is None
    assert wait_for_names(issued(6, 5, 4, 3, is_exempt=True), NAMES, NOW) is None
    assert wait_for_names(issued(6, 5, 4, 3), NAMES, NOW, is_exempt=True) is None


def test_a_loop_ends() -> None:
    ledger = Ledger()
    for minutes in range(50):
        ledger = with_order(ledger, NOW - timedelta(minutes=minutes))
    wait = wait_for_names(ledger, NAMES, NOW)
    assert wait is not None
    assert wait.until == NOW - timedelta(minutes=49) + timedelta(hours=3)


def test_a_name_that_fails_its_check_rests_for_an_hour() -> None:
    ledger = Ledger()
    for minutes in (50, 30, 10):
        assert wait_for_check(ledger, "a.example", NOW) is None
        ledger = with_failed(ledger, NOW - timedelta(minutes=minutes), ["a.example"])
    wait = wait_for_check(ledger, "a.example", NOW)
    assert wait is not None
    assert wait.until == NOW + timedelta(minutes=10)
    assert wait_for_check(ledger, "b.example", NOW) is None
    assert wait_for_check(ledger, "a.example", wait.until) is None


def test_what_no_limit_counts_any_more_is_forgotten() -> None:
    ledger = with_failed(with_order(issued(3), NOW), NOW, NAMES)
    assert recent(ledger, NOW) == ledger
    assert recent(ledger, NOW + timedelta(days=30)) == Ledger()
