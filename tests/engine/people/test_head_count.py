"""What the server wrote down about how many people are here."""

from __future__ import annotations

import json

import pytest
from tests.fakes import Fakes

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.engine.people.head_count import HALF_HOUR, HeadCount, head_count

NOW = 1_700_000_000
SLOT = NOW - NOW % HALF_HOUR


def write(fakes: Fakes, layout: Layout, content: bytes) -> None:
    path = layout.data("prosody")
    fakes.files.make_folder(str(path), 0o700, (0, 0))
    fakes.files.write(str(path / "head_count.json"), content, 0o600, (0, 0))


def test_a_server_that_does_not_count_yet(fakes: Fakes, layout: Layout) -> None:
    assert head_count(fakes.world(), layout) is None


def test_the_numbers_are_read(fakes: Fakes, layout: Layout) -> None:
    found = {"at": NOW, "people": 3, "devices": 5, "servers": 2, "half_hours": [[SLOT, 3]]}
    write(fakes, layout, json.dumps(found).encode())
    assert head_count(fakes.world(), layout) == HeadCount(NOW, 3, 5, 2, ((SLOT, 3),))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"at":1}', b"\xff\xfe", b"0" * 300_000])
def test_a_damaged_file_is_said(fakes: Fakes, layout: Layout, content: bytes) -> None:
    write(fakes, layout, content)
    with pytest.raises(EffectError, match="damaged"):
        head_count(fakes.world(), layout)


def test_a_day_has_48_half_hours_and_the_last_one_is_now() -> None:
    count = HeadCount(
        NOW, 3, 5, 2, ((SLOT - 47 * HALF_HOUR, 9), (SLOT - 48 * HALF_HOUR, 1), (SLOT, 3), (SLOT + 1800, 7))
    )
    day = count.last_day(NOW)
    assert len(day) == 48
    assert day[0] == (SLOT - 47 * HALF_HOUR, 9)
    assert day[1] == (SLOT - 46 * HALF_HOUR, None)
    assert day[-1] == (SLOT, 3)


def test_a_server_that_stopped_counting_is_noticed_whichever_way_the_clock_went() -> None:
    count = HeadCount(NOW, 3, 5, 2, ())
    assert not count.is_late(NOW + 300)
    assert count.is_late(NOW + 401)
    assert count.is_late(NOW - 401)
