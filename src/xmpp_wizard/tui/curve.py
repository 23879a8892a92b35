"""Numbers over time as a small curve of two rows, drawn with signs that every console's font has."""

from __future__ import annotations

from collections.abc import Sequence

STEPS = " ░▒█"
ROWS = 2
_LABEL_EVERY = 12
_MARGIN = 6


def curve(values: Sequence[int | None]) -> tuple[str, ...]:
    """Return the rows from top to bottom: a column for each value, as high as its share of the largest one.

    A value of None, which nobody knows, leaves its column empty, as does 0. Whatever is more than 0 is seen.
    """
    most = max((value for value in values if value), default=0)
    height = ROWS * (len(STEPS) - 1)
    levels = [-(-(value or 0) * height // most) if most else 0 for value in values]
    scale = [str(most) if most else "", *[""] * (ROWS - 2), "0"]
    return tuple(
        f"{label:>{_MARGIN - 2}} ┤" + "".join(_cell(level, row) for level in levels).rstrip()
        for label, row in zip(scale, reversed(range(ROWS)), strict=True)
    )


def _cell(level: int, row: int) -> str:
    full = len(STEPS) - 1
    return STEPS[min(max(level - row * full, 0), full)]


def time_axis(labels: Sequence[str]) -> str:
    """Return the row below a curve; ``labels`` has one for each column, of which every twelfth is shown."""
    return " " * _MARGIN + "".join(f"{label:<{_LABEL_EVERY}}" for label in labels[::_LABEL_EVERY]).rstrip()
