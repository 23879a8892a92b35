"""When to try again, and what a person has to hear of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from xmpp_wizard.core.certificates.certificate import ObservedCertificate
from xmpp_wizard.core.upkeep import Trouble, ending, is_news, life_left, needs_person, pause_seconds

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = 3600


def living(days: float) -> ObservedCertificate:
    """Return a certificate with a life of so many days."""
    end = BEGIN + timedelta(days=days)
    return ObservedCertificate(("a.example",), BEGIN, end, "CN=ours", 7, sha256="f")


@pytest.mark.parametrize("days", [90, 45, 6, 825])
@pytest.mark.parametrize(
    ("share", "code"),
    [
        (0.74, ""),
        (0.76, "certificate-ends"),
        (0.87, "certificate-ends"),
        (0.88, "certificate-ends-very-soon"),
        (1.0, "certificate-ended"),
        (1.5, "certificate-ended"),
        (-0.01, "certificate-early"),
    ],
)
def test_a_certificate_is_told_of_by_the_share_of_its_life(days: float, share: float, code: str) -> None:
    now = BEGIN + timedelta(days=days) * share
    found = ending("a.example", living(days), "local", now)
    assert (found.code if found else "") == code


def test_who_brings_files_is_told_to_bring_another() -> None:
    found = ending("a.example", living(90), "files", BEGIN + timedelta(days=80))
    assert found is not None
    assert str(found.hint) == "give it a new file"


def test_life_left_is_a_share() -> None:
    assert life_left(living(90), BEGIN + timedelta(days=60)) == pytest.approx(1 / 3)
    assert life_left(replace(living(90), not_after=BEGIN + timedelta(days=10)), BEGIN + timedelta(days=20)) == -1


def test_tries_are_dense_at_first_and_a_day_apart_in_the_end() -> None:
    pauses = [pause_seconds(failures, 0.3) for failures in range(9)]
    assert pauses == [0, 0, 0, 2 * HOUR, 5 * HOUR, 11 * HOUR, 23 * HOUR, 23 * HOUR, 23 * HOUR]


def test_near_the_end_every_hour_counts() -> None:
    assert pause_seconds(20, 0.12) == 0


@pytest.mark.parametrize(
    ("status", "code", "failures", "left", "needed"),
    [
        (5, "obstacle", 1, 0.33, True),
        (5, "destroys", 1, 0.33, True),
        (5, "locked", 1, 0.33, False),
        (5, "locked", 3, 0.33, True),
        (3, "engine", 2, 0.33, False),
        (3, "engine", 3, 0.33, True),
        (3, "engine", 1, 0.25, True),
        (6, "rolled-back", 1, 0.33, False),
    ],
)
def test_a_person_is_called_only_if_one_must_act(
    status: int, code: str, failures: int, left: float, *, needed: bool
) -> None:
    assert needs_person(status, code, failures, left) is needed


def test_one_trouble_is_told_once_a_day() -> None:
    disk = Trouble("disk", text=None)  # type: ignore[arg-type]  # only its code counts
    assert is_news(disk, {}, 0.0)
    assert not is_news(disk, {"disk": 0.0}, 23 * HOUR)
    assert is_news(disk, {"disk": 0.0}, 24 * HOUR)
    assert is_news(disk, {"engine": 0.0}, 1.0)
