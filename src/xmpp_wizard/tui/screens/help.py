"""The keys and words that all screens share."""

from __future__ import annotations

from xmpp_wizard.core.states import state_word
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens.text import TextPage

_KEYS: tuple[tuple[str, Text], ...] = (
    ("Enter", say("opens or does what has the focus; in a text field: next")),
    ("Esc", say("one step back; on the first screen it quits")),
    ("↑ ↓", say("the row or field above or below")),
    ("← →", say("one of several: the one before or after")),
    ("Tab", say("the next group of things; with Shift the one before")),
    ("Space", say("ticks a box, switches a feature")),
    ("?  F1", say("this page; in a text field only F1")),
    ("Ctrl-L", say("draws everything again, where a line has lost something")),
)
_WORDS: tuple[tuple[str, Text], ...] = (
    ("ok", say("looked at, and right")),
    ("!", say("needs you; the sentence beside it says what to do")),
    ("wait", say("not looked at yet, or not its turn yet")),
    ("now", say("being done just now")),
    ("later", say("completes by itself")),
    ("todo", say("to be done by you, at any time")),
    ("FAIL", say("went wrong; nothing was lost")),
)
_WIDTH = 10


class HelpPage(TextPage):
    """Help."""

    def __init__(self, desk: Desk) -> None:
        """Explain keys and words."""
        lines = [
            desk.words(say("Keys")),
            *_rows(desk, _KEYS),
            "",
            desk.words(say("Words")),
            *_rows(desk, _state_words(desk)),
            "",
        ]
        lines += [
            desk.words(say("Nothing is changed before you press Apply on the page with the plan.")),
            desk.words(say("Everything here is also a command: xmpp-wizard --help")),
        ]
        note = say("The last row of each screen shows the keys that work there now.")
        super().__init__(desk, say("Help"), note, lines)


def _state_words(desk: Desk) -> tuple[tuple[str, Text], ...]:
    return tuple((state_word(word, desk.words), text) for word, text in _WORDS)


def _rows(desk: Desk, rows: tuple[tuple[str, Text], ...]) -> list[str]:
    return [f"  {name:<{_WIDTH}}{desk.words(text)}" for name, text in rows]
