"""A part of a screen that scrolls, with a bar that every console's font can draw."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.scrollbar import ScrollBar, ScrollBarRender


class WholeCells(ScrollBarRender):
    """Draws whole cells only: eighths of a block are no letters of a console's font."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "]
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "]


class Scroll(VerticalScroll, can_focus=False, inherit_bindings=False):
    """Scrolls to what has the focus; never has it itself, and leaves the arrows to what is in it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "page_up", show=False),
        Binding("pagedown", "page_down", show=False),
    ]


def use_plain_bars() -> None:
    """Draw all bars with whole cells from now on."""
    ScrollBar.renderer = WholeCells
