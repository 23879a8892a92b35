"""The controls of a form: one of several, any of several, and a line of text, each on as few rows as it needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Blur, Focus
from textual.geometry import Offset, Size
from textual.message import Message
from textual.widget import Widget

from xmpp_wizard.core.text import NOTHING, Text
from xmpp_wizard.tui.typed import Typed

_GAP = 2


class Answered(Message):
    """A control has another value than before."""

    def __init__(self, control: Widget) -> None:
        """``control`` is the control."""
        super().__init__()
        self._control = control

    @property
    def control(self) -> Widget:
        """The control, for ``@on`` with a selector."""
        return self._control


class _Options(Widget, can_focus=True):
    """Words with a mark before each; in one row if there is room, else below each other."""

    def __init__(self, labels: Sequence[str], *, why: Text = NOTHING, id: str | None = None) -> None:  # noqa: A002 Textual's own name
        """``why`` is for the message line while it has the focus."""
        super().__init__(id=id)
        self.labels = tuple(labels)
        self.why = why
        self.at = 0

    def sign(self, number: int) -> str:
        """Return the mark before an option."""
        raise NotImplementedError

    def render(self) -> Content:
        """Return the options; the one with the cursor is reversed while this has the focus."""
        parts: list[str | tuple[str, str]] = []
        between = "\n" if self._is_tall(self.size.width) else " " * _GAP
        for number, label in enumerate(self.labels):
            style = "reverse" if self.has_focus and number == self.at else ""
            parts += [between if number else "", (f"{self.sign(number)} {label}", style)]
        return Content.assemble(*parts)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return one row, or one for each option."""
        _ = container, viewport
        return len(self.labels) if self._is_tall(width) else 1

    def place(self) -> Offset:
        """Return where the hardware cursor belongs."""
        corner = self.content_region.offset
        if self._is_tall(self.size.width):
            return corner + Offset(0, self.at)
        return corner + Offset(sum(len(label) + 4 + _GAP for label in self.labels[: self.at]), 0)

    def move(self, step: int) -> None:
        """Move the cursor."""
        self.at = min(max(self.at + step, 0), len(self.labels) - 1)
        self.app.cursor_position = self.place()
        self.refresh()

    def on_focus(self, _: Focus) -> None:
        """Show the cursor."""
        self.refresh()

    def on_blur(self, _: Blur) -> None:
        """Hide it."""
        self.refresh()

    def _is_tall(self, width: int) -> bool:
        return sum(len(label) + 4 + _GAP for label in self.labels) - _GAP > max(width, 1)


class Choice(_Options):
    """One of several: ``(*) on   ( ) off``. Left and right, or Space, choose."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "choose(-1)", show=False),
        Binding("right", "choose(1)", show=False),
        Binding("space", "next", show=False),
    ]

    def __init__(self, labels: Sequence[str], chosen: int, *, why: Text = NOTHING, id: str | None = None) -> None:  # noqa: A002
        """``chosen`` is the number of the one that is on."""
        super().__init__(labels, why=why, id=id)
        self.at = chosen

    @property
    def chosen(self) -> int:
        """The number of the one that is on."""
        return self.at

    def sign(self, number: int) -> str:
        """The shape says what is on."""
        return "(*)" if number == self.at else "( )"

    def choose(self, number: int) -> None:
        """Choose that one, without telling of it."""
        self.at = number
        self.refresh()

    def action_choose(self, step: int) -> None:
        """Choose the one before or after."""
        before = self.at
        self.move(step)
        if self.at != before:
            self.post_message(Answered(self))

    def action_next(self) -> None:
        """Choose the one after, and after the last the first."""
        self.at = (self.at + 1) % len(self.labels)
        self.move(0)
        self.post_message(Answered(self))


class Ticks(_Options):
    """Any of several: ``[x] one   [ ] two``. Left and right move, Space ticks."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", show=False),
        Binding("right", "step(1)", show=False),
        Binding("space", "tick", show=False),
    ]

    def __init__(self, labels: Sequence[str], ticked: set[int], *, why: Text = NOTHING, id: str | None = None) -> None:  # noqa: A002
        """``ticked`` are the numbers of those that are on."""
        super().__init__(labels, why=why, id=id)
        self.ticked = set(ticked)

    def sign(self, number: int) -> str:
        """The shape says what is on."""
        return "[x]" if number in self.ticked else "[ ]"

    def action_step(self, step: int) -> None:
        """Go to the one before or after."""
        self.move(step)

    def action_tick(self) -> None:
        """Turn the one with the cursor on or off."""
        self.ticked ^= {self.at}
        self.refresh()
        self.post_message(Answered(self))


class Entry(Typed):
    """A line of text on one row; the thin strokes at its sides become thick ones with the focus."""

    def __init__(
        self,
        value: str = "",
        *,
        hint: str = "",
        why: Text = NOTHING,
        max_length: int = 2000,
        id: str | None = None,  # noqa: A002 Textual's own name
    ) -> None:
        """``hint`` stands in it while it is empty."""
        super().__init__(value, placeholder=hint, id=id, max_length=max_length, select_on_focus=False)
        self.why = why
