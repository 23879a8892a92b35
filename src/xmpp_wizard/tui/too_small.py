"""What is shown in a window in which nothing else has room."""

from __future__ import annotations

from typing import ClassVar

from textual.geometry import Size
from textual.widgets import Static

COLUMNS, ROWS = 40, 10
"""The smallest window in which every screen can be used."""


def is_too_small(size: Size) -> bool:
    """Say whether nothing can be used in a window of this size."""
    return size.width < COLUMNS or size.height < ROWS


class TooSmall(Static, can_focus=False):
    """Covers a screen, which stays below it as it is."""

    DEFAULT_CSS: ClassVar[str] = """
    TooSmall {
        overlay: screen; position: absolute; offset: 0 0; width: 100vw; height: 100vh;
        background: ansi_default; color: ansi_default;
    }
    """

    def __init__(self, words: str) -> None:
        """``words`` say what to do."""
        super().__init__(words, markup=False)
