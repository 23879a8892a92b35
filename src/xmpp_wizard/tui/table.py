"""A table of any length: only the lines in sight are made, so that thousands of rows cost no more than twenty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, TypeVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Blur, Focus
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from xmpp_wizard.tui.widgets import FOCUS

T = TypeVar("T")
Cells = tuple[str, str, str]
"""Mark, title and value of a row."""


class Table(ScrollView, Generic[T], can_focus=True):
    """Rows with a cursor: arrows, Page Up and Down, Home and End go about; Enter opens."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "edge(0)", show=False),
        Binding("end", "edge(-1)", show=False),
        Binding("enter", "open", show=False),
    ]

    class Opened(Message):
        """Enter was pressed on a row."""

    class Moved(Message):
        """Another row has the cursor, or what it is about changed."""

    def __init__(
        self,
        key: Callable[[T], str],
        cells: Callable[[T], Cells],
        *,
        title_width: int,
        id: str | None = None,  # noqa: A002 Textual's own name
    ) -> None:
        """``key`` tells an item from all others; ``cells`` says what is shown of it."""
        super().__init__(id=id)
        self._key, self._cells, self._title_width = key, cells, title_width
        self.items: Sequence[T] = ()
        self.cursor = 0

    def show(self, items: Sequence[T]) -> None:
        """Show these items; the cursor stays on the one that it is on, or where that was."""
        here = self.chosen
        self.items = items
        if here is not None:
            name = self._key(here)
            self.cursor = next((at for at, item in enumerate(items) if self._key(item) == name), self.cursor)
        self.cursor = max(min(self.cursor, len(items) - 1), 0)
        self.virtual_size = Size(self.size.width, len(items))
        self._follow()

    @property
    def chosen(self) -> T | None:
        """The item with the cursor."""
        return self.items[self.cursor] if self.cursor < len(self.items) else None

    def place(self) -> Offset:
        """Return where the terminal's own cursor belongs: on the row, where a braille display looks."""
        return self.content_region.offset + Offset(0, self.cursor - round(self.scroll_offset.y))

    def render_line(self, y: int) -> Strip:
        """Return the line at ``y`` of what is in sight."""
        at, width = y + round(self.scroll_offset.y), self.scrollable_content_region.width
        if at >= len(self.items):
            return Strip.blank(width, self.rich_style)
        has_cursor = at == self.cursor and self.has_focus
        mark, title, value = self._cells(self.items[at])
        sign = FOCUS if has_cursor else " "
        text = f"{sign}{mark:<1} {_fit(title, self._title_width)}{value}"
        style = self.rich_style + Style(reverse=True) if has_cursor else self.rich_style
        return Strip([Segment(_fit(text, width), style)], width)

    def action_move(self, step: int) -> None:
        """Go up or down, round the ends."""
        if self.items:
            self._go((self.cursor + step) % len(self.items))

    def action_page(self, step: int) -> None:
        """Go up or down by what is in sight."""
        self._go(self.cursor + step * max(self.size.height - 1, 1))

    def action_edge(self, at: int) -> None:
        """Go to the first row, or with -1 to the last."""
        self._go(at % max(len(self.items), 1))

    def action_open(self) -> None:
        """Tell that the row with the cursor is to be opened."""
        if self.items:
            self.post_message(self.Opened())

    def _go(self, at: int) -> None:
        self.cursor = max(min(at, len(self.items) - 1), 0)
        self._follow()
        self.post_message(self.Moved())

    def _follow(self) -> None:
        """Keep the cursor in sight."""
        self.scroll_to_region(Region(0, self.cursor, 1, 1), animate=False, force=True, immediate=True)
        self.refresh()

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self.virtual_size = Size(self.size.width, len(self.items))
        self.call_after_refresh(self._follow)

    def on_focus(self, _: Focus) -> None:
        """Draw the cursor."""
        self.refresh()

    def on_blur(self, _: Blur) -> None:
        """Take it away."""
        self.refresh()


def _fit(text: str, width: int) -> str:
    """Return ``text`` in exactly ``width`` cells; what is cut off ends with ``~``."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, max(width - 2, 0)) + "~ " if width > 1 else text[:width]
