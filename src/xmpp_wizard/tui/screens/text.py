"""Lines to be read or copied: DNS records, a router's table, what changes in files."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, ClassVar

from textual.app import SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.widget import Widget

from xmpp_wizard.core.text import Text, say
from xmpp_wizard.tui.base import ESC_BACK, Key, Page
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.scrolling import Scroll
from xmpp_wizard.tui.signs import printable
from xmpp_wizard.tui.widgets import Plain

_MARGIN = 2
"""Columns beside the lines."""


class Lines(Scroll, can_focus=True):
    """Text that arrows scroll."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_up", show=False),
        Binding("down", "scroll_down", show=False),
        Binding("home", "scroll_home", show=False),
        Binding("end", "scroll_end", show=False),
        Binding("left", "scroll_left", show=False),
        Binding("right", "scroll_right", show=False),
    ]


class TextPage(Page[None]):
    """Shows lines; ``c`` prints them on the plain terminal, where they can be copied over SSH."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("c", "plain", show=False), Binding("enter", "back", show=False)]

    def __init__(self, desk: Desk, title: Text, note: Text, lines: Sequence[str], *, is_prose: bool = False) -> None:
        """``note`` says what to do with the ``lines``; those of prose are folded, others scroll sideways."""
        super().__init__(desk)
        self.set_class(is_prose, "-prose")
        self._title, self._note, self._lines = title, note, tuple(lines)

    def heading(self) -> Text:
        """Return what the lines are."""
        return self._title

    def promise(self) -> Text:
        """Say how to copy them."""
        return say("c prints them as plain text, to be copied.")

    def keys(self) -> Sequence[Key]:
        """Return the keys."""
        return (("↑↓←→" if self._is_wide() else "↑↓", say("scroll")), ("c", say("as plain text")), ESC_BACK)

    def _is_wide(self) -> bool:
        """Say whether there is more at the right than the window shows."""
        longest = max(map(len, self._lines), default=0)
        return not self.has_class("-prose") and longest > self.size.width - _MARGIN

    def body(self) -> Iterable[Widget]:
        """Return note and lines."""
        yield Plain(self.words(self._note), classes="note")
        with Lines(id="lines"):
            yield Plain("\n".join(self._lines), id="text")

    def action_plain(self) -> None:
        """Leave the full screen, print, and come back with Enter."""
        print_plain(self, self._lines)


class ShownOnce(TextPage):
    """Shows what nobody can show again: an Enter too many does not take it away."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "stay", show=False)]

    def action_stay(self) -> None:
        """Stay."""
        self.tell(say("This is not shown again. Esc closes it once it is written down."))


def print_plain(page: Page[Any], lines: Sequence[str]) -> None:
    """Print ``lines`` on the plain terminal and wait for Enter."""
    try:
        # Ctrl-C goes back, too, be it while the lines are still on their way
        with page.app.suspend(), suppress(KeyboardInterrupt):
            shown = (printable(line, page.desk.environment) for line in lines)
            sys.stderr.write("\n".join(["", *shown, "", page.words(say("Enter goes back.")), ""]))
            sys.stderr.flush()
            sys.stdin.readline()
    except SuspendNotSupported:
        page.tell(say("! This terminal cannot show plain text beside."))
