"""The curve."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from xmpp_wizard.tui.curve import curve, time_axis

VALUES = st.lists(st.none() | st.integers(0, 10_000), max_size=48)


def test_it_rises_in_six_steps() -> None:
    assert curve([0, 1, 2, 3, 4, 5, 6, None, 6]) == (
        "   6 ┤    ░▒█ █",
        "   0 ┤ ░▒████ █",
    )


def test_somebody_among_thousands_is_seen() -> None:
    assert curve([5000, 1]) == ("5000 ┤█", "   0 ┤█░")


def test_nobody_at_all_leaves_the_frame() -> None:
    assert curve([0, None]) == ("     ┤", "   0 ┤")
    assert curve([]) == ("     ┤", "   0 ┤")


def test_the_axis_has_a_label_every_six_hours() -> None:
    labels = [f"{(half // 2 + 14) % 24:02}:00" for half in range(48)]
    assert time_axis(labels) == "      14:00       20:00       02:00       08:00"


@given(VALUES)
def test_columns_stay_below_their_moment_and_higher_is_more(values: list[int | None]) -> None:
    top, bottom = (row.partition("┤")[2].ljust(len(values)) for row in curve(values))
    assert len(top) == len(bottom) == len(values)
    heights = [" ░▒█".index(over) + " ░▒█".index(under) for over, under in zip(top, bottom, strict=True)]
    for value, height in zip(values, heights, strict=True):
        assert (height > 0) == bool(value)
        for other, beside in zip(values, heights, strict=True):
            assert (value or 0) <= (other or 0) or height >= beside
    assert not any(over != " " and under != "█" for over, under in zip(top, bottom, strict=True)), "nothing floats"
