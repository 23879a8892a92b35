"""The few widgets that all screens are made of; each says by its shape what it is and whether it has the focus.

Only signs that the consoles' own fonts have are drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from textwrap import wrap
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Blur, Focus
from textual.geometry import Offset
from textual.message import Message
from textual.visual import VisualType
from textual.widget import Widget
from textual.widgets import Checkbox, Input, Static

from xmpp_wizard.core.states import state_word
from xmpp_wizard.core.text import NOTHING, Text
from xmpp_wizard.tui.typed import Typed

FOCUS = "»"
_MARK_STYLES = {
    "ok": "ansi_green",
    "done": "ansi_green",
    "FAIL": "bold ansi_red",
    "!": "bold ansi_yellow",
    "now": "bold",
    "later": "ansi_yellow",
}
"""Colours that repeat what state words say."""


class Plain(Static):
    """Text as it is: brackets in it mean nothing special."""

    def __init__(self, text: str | Content = "", *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 Textual's own name
        """Show ``text``."""
        super().__init__(text, id=id, classes=classes, markup=False)

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        """Show ``content``; where it is shown already nothing is laid out or drawn anew."""
        if content != self.content:
            super().update(content, layout=layout)


def words_of(widget: Widget) -> Callable[[Text], str]:
    """Return what turns sentences into the person's language on the screen that has ``widget``."""
    words: Callable[[Text], str] = getattr(widget.screen, "words", str)
    return words


def marked(word: str, text: str, *, words: Callable[[Text], str] = str) -> Content:
    """Return a line that begins with a state word such as ``ok``; its colour only repeats what it says."""
    return Content.assemble((f"{state_word(word, words):<5}", _MARK_STYLES.get(word, "")), " ", text)


def place_of(widget: Widget) -> Offset:
    """Return where the hardware cursor belongs while ``widget`` has the focus."""
    if isinstance(widget, Input):
        return widget.cursor_screen_offset
    place: Callable[[], Offset] | None = getattr(widget, "place", None)
    return widget.content_region.offset if place is None else place()


class Head(Static):
    """The first row, in reverse: product and screen at the left, host or domain and its state at the right."""

    def __init__(self) -> None:
        """Start empty."""
        super().__init__(markup=False)
        self._left, self._right = "", ""

    def show(self, left: str, right: str) -> None:
        """Show these words."""
        if (left, right) != (self._left, self._right):
            self._left, self._right = left, right
            self.refresh()

    def render(self) -> Content:
        """Return the row; where it is too narrow, the left side gives way last."""
        width = max(self.size.width - 2, 1)
        room = max(width - len(self._left) - 2, 0)
        right = self._right if len(self._right) <= room else self._right[: max(room - 1, 0)] + "~"
        return Content(f" {self._left}{right:>{max(width - len(self._left), 0)}} ")


class Line(Static):
    """A horizontal line."""

    def render(self) -> Content:
        """Return it."""
        return Content("─" * self.size.width)


class Keys(Static):
    """The last row: the keys that work now."""

    def __init__(self) -> None:
        """Start empty."""
        super().__init__(markup=False)
        self._keys: tuple[tuple[str, str], ...] = ()

    def show(self, keys: Sequence[tuple[str, str]]) -> None:
        """Show these."""
        if tuple(keys) != self._keys:
            self._keys = tuple(keys)
            self.refresh()

    def render(self) -> Content:
        """Return as many as there is room for: the first ones, and always the last, which leads back."""
        *keys, last = self._keys or (("", ""),)
        room = self.size.width - 1 - len(f"{last[0]} {last[1]}")
        parts: list[tuple[str, str] | str] = [" "]
        for key, what in keys:
            room -= len(key) + len(what) + 4
            if room < 0:
                break
            parts += [(key, "bold"), f" {what}   "]
        return Content.assemble(*parts, (last[0], "bold"), f" {last[1]}")


class Group(Vertical):
    """Things that belong together: arrows go about inside, Tab goes to the next group."""

    last: Widget | None = None
    """What had the focus in it last."""

    @staticmethod
    def of(widget: Widget | None) -> Group | None:
        """Return the group that the widget is in."""
        if widget is None:
            return None
        return next((parent for parent in widget.ancestors if isinstance(parent, Group)), None)

    def entry(self, chain: Sequence[Widget]) -> Widget:
        """Return where Tab enters it: where the focus was last, else its first thing."""
        inside = [widget for widget in chain if self in widget.ancestors]
        return self.last if self.last in inside and self.last is not None else inside[0]

    def on_descendant_focus(self, event: Focus) -> None:
        """Remember it."""
        self.last = self.screen.focused
        _ = event


class Row(Static, can_focus=True):
    """One thing with its name and value; Enter opens it. ``why`` is for the message line while it has the focus."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "open", show=False)]

    class Opened(Message):
        """Enter was pressed on a row."""

        def __init__(self, row: Row) -> None:
            """``row`` is the row."""
            super().__init__()
            self.row = row

        @property
        def control(self) -> Row:
            """The row, for ``@on`` with a selector."""
            return self.row

    def __init__(
        self,
        title: str,
        value: str = "",
        *,
        mark: str = "",
        why: Text = NOTHING,
        name_width: int = 14,
        id: str | None = None,  # noqa: A002 Textual's own name
    ) -> None:
        """``mark`` is a state word, ``value`` may have several lines and is folded."""
        super().__init__(markup=False, id=id)
        self.title, self.value, self.mark, self.why = title, value, mark, why
        self.name_width = name_width

    def show(self, value: str, *, mark: str = "", why: Text | None = None) -> None:
        """Change what it says; nothing is drawn where nothing changed."""
        why = self.why if why is None else why
        if (value, mark, why) != (self.value, self.mark, self.why):
            has_height = len(self._lines()) == len(self._lines(value))
            self.value, self.mark, self.why = value, mark, why
            self.refresh(layout=not has_height)

    def render(self) -> Content:
        """Return focus sign, state word, name and value."""
        sign = FOCUS if self.has_focus else " "
        word = self.mark.strip()
        mark = state_word(word, words_of(self)).ljust(max(len(self.mark), 1))
        # in reverse a coloured word is hardly read, on the Linux console least of all
        style = "" if self.has_focus else _MARK_STYLES.get(word, "")
        first, *rest = self._lines() or [""]
        indent = " " * (3 + len(mark) - 1 + self.name_width)
        lines = "".join(f"\n{indent}{line}" for line in rest)
        return Content.assemble(sign, (mark, style), f" {self.title:<{self.name_width}}{first}{lines}")

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """Return how many lines the folded value takes."""
        _ = container, viewport
        return max(len(self._lines(width=width)), 1)

    def action_open(self) -> None:
        """Tell that it is to be opened."""
        self.post_message(self.Opened(self))

    def _lines(self, value: str | None = None, width: int = 0) -> list[str]:
        room = max((width or self.size.width or 80) - 3 - max(len(self.mark), 1) - self.name_width, 10)
        text = self.value if value is None else value
        found = [part for line in text.splitlines() for part in (wrap(line, room) if len(line) > room else [line])]
        # a name that takes all its columns stands on a line of its own
        return ["", *found] if found and 0 < self.name_width <= len(self.title) else found

    def on_focus(self, _: Focus) -> None:
        """Draw the focus sign."""
        self.refresh()

    def on_blur(self, _: Blur) -> None:
        """Take it away."""
        self.refresh()


class Press(Row):
    """A button: ``[ Apply ]``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "screen.walk(1)", show=False),
        Binding("left", "screen.walk(-1)", show=False),
        Binding("space", "open", show=False),
    ]

    is_possible = True

    def name_it(self, title: str, *, is_possible: bool = True) -> None:
        """Call it ``title``; what is not possible yet is in round brackets, and says why when it is opened."""
        if (title, is_possible) != (self.title, self.is_possible):
            self.title, self.is_possible = title, is_possible
            self.refresh(layout=True)

    def render(self) -> Content:
        """Return it with the focus sign."""
        left, right = "[]" if self.is_possible else "()"
        return Content(f"{FOCUS if self.has_focus else ' '} {left} {self.title} {right}")

    def get_content_width(self, container: object, viewport: object) -> int:
        """Return the width of its words."""
        _ = container, viewport
        return len(self.title) + 6

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """Return one line."""
        _ = container, viewport, width
        return 1


class Tick(Checkbox):
    """``[x]`` or ``[ ]`` with a label."""

    BUTTON_LEFT, BUTTON_RIGHT = "[", "]"

    def __init__(self, label: str, *, value: bool = False, why: Text = NOTHING, id: str | None = None) -> None:  # noqa: A002
        """``why`` is for the message line while it has the focus."""
        super().__init__(Content(label), value, id=id, compact=True)
        self.why = why

    @property
    def BUTTON_INNER(self) -> str:  # type: ignore[override]  # noqa: N802 Textual's own name, a constant there
        """The shape says what the colour says."""
        return "x" if self.value else " "


class Field(Typed):
    """A line of text with a border whose shape shows the focus."""

    def __init__(self, value: str = "", *, why: Text = NOTHING, max_length: int = 2000, id: str | None = None) -> None:  # noqa: A002
        """More than ``max_length`` signs cannot be typed or pasted."""
        super().__init__(value, id=id, max_length=max_length, select_on_focus=False)
        self.why = why
