"""What a check found, on as many lines as it needs."""

from __future__ import annotations

from textwrap import wrap

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from xmpp_wizard.tui.widgets import marked, words_of

_WORD = 5
"""Columns of a state word."""


class FindingLine(Static):
    """What a check found: a state word and a sentence, which is folded below itself where it has no room."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name
        """Start empty."""
        super().__init__(markup=False, id=id, classes="finding")
        self._word, self._text = "", ""

    def show(self, word: str, text: str) -> None:
        """Show that; nothing where there is no text."""
        if (word, text) != (self._word, self._text):
            self._word, self._text = word, text
            self.refresh(layout=True)

    def render(self) -> Content:
        """Return it."""
        if not self._text:
            return Content("")
        lines = self._lines(self.size.width)
        return marked(self._word, ("\n" + " " * (_WORD + 1)).join(lines), words=words_of(self))

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """Return how many lines it takes."""
        _ = container, viewport
        return len(self._lines(width))

    def _lines(self, width: int) -> list[str]:
        room = max(width - _WORD - 1, 10)
        # signs that take two columns, such as Chinese or emoji, would be folded a second time
        is_wide = cell_len(self._text) > len(self._text)
        return wrap(self._text, room // 2 if is_wide else room) or [""]
