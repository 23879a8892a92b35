"""When the disk is full."""

from __future__ import annotations

import pytest
from tests.engine.conftest import validated

from xmpp_wizard.core.wanted.desired import desired
from xmpp_wizard.engine.plan_page.forecast import forecast, history_days, in_words, reckoned_with

_GB = 1_000_000_000


def words(free_gb: float, **answers: object) -> str:
    given = validated({"domain": "a.example", **answers})
    return str(in_words(forecast(given, desired(given), int(free_gb * _GB))))


def test_a_family_fits_on_a_card() -> None:
    assert words(24) == "with 20 people about 1.3 GB, 24 GB are free"


def test_a_small_disk_gets_full_and_when_is_said() -> None:
    assert words(0.5) == "with 20 people full in about 11 days"
    assert words(0.05) == "with 20 people full within a day"
    sharing = {"keep_days": 3650, "total_mb": 1_000_000}
    assert words(24, features={"file_sharing": sharing}) == "with 20 people full in about 18 months"


def test_what_is_kept_shorter_takes_less() -> None:
    days = {"multi_device": {"history_days": 0}, "file_sharing": {"keep_days": 1}}
    assert words(24, features=days) == "with 20 people about 0.0 GB, 24 GB are free"


@pytest.mark.parametrize(("level", "days"), [("compatible", 365), ("recommended", 30), ("strict", 7)])
def test_the_level_decides_how_long_messages_are_kept(level: str, days: int) -> None:
    assert history_days(desired(validated({"domain": "a.example", "security": {"level": level}}))) == days


def test_what_it_rests_on_is_said() -> None:
    given = validated({"domain": "a.example", "features": {"preset": "company"}})
    told = str(reckoned_with(forecast(given, desired(given), _GB)))
    assert told == "An estimate: 100 people, each 50 messages and 2 MB of files a day."
