"""The frame of every screen: product and state above, one message line and the keys that work now below."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from textwrap import wrap
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.events import DescendantFocus, Resize
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.widgets import Group, Head, Keys, Line, Plain

T = TypeVar("T")
_NARROW = 70
"""Columns below which explanations go, and the message line has two rows."""
Key = tuple[str, Text]
"""A key as it is called on the keyboard, and what it does."""


class Page(Screen[T]):
    """A screen of the wizard; a page says what it is (``heading``), what is in it (``body``) and its keys."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (_NARROW, "-usual"), (101, "-wide")]  # noqa: RUF012 Textual declares it so
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "group(1)", show=False, priority=True),
        Binding("shift+tab", "group(-1)", show=False, priority=True),
        Binding("down", "walk(1)", show=False),
        Binding("up", "walk(-1)", show=False),
        Binding("home", "end(0)", show=False),
        Binding("end", "end(-1)", show=False),
        Binding("escape", "back", show=False),
        Binding("ctrl+l", "redraw", show=False),
        Binding("question_mark,f1", "app.help", show=False),
    ]

    def __init__(self, desk: Desk) -> None:
        """``desk`` is what all screens share."""
        super().__init__()
        self.desk = desk
        self._told = NOTHING

    # what a page says of itself

    def heading(self) -> Text:
        """Return the name of this screen."""
        return NOTHING

    def state(self) -> Text:
        """Return host or domain and its state in words, for the right of the first row."""
        return NOTHING

    def body(self) -> Iterable[Widget]:
        """Return what is between the first row and the message line."""
        return ()

    def promise(self) -> Text:
        """Return what the message line says while there is nothing else to say."""
        return NOTHING

    def keys(self) -> Sequence[Key]:
        """Return the keys that work now for what has the focus."""
        return ()

    def would_lose(self) -> bool:
        """Say whether going back would lose what somebody changed here."""
        return False

    def details(self) -> str:
        """Return all that is known about what has the focus, for the right side of a screen that has room for it."""
        return ""

    # the frame

    def compose(self) -> ComposeResult:
        """Lay out the frame with the body in it."""
        yield Head()
        yield Line()
        with Horizontal(id="sides"):
            with Vertical(id="body"):
                yield from self.body()
            yield Plain(id="details", classes="box")
        yield Plain(id="message")
        yield Line()
        yield Keys()

    def on_mount(self) -> None:
        """Fill the frame."""
        self.show_frame()

    def on_resize(self, event: Resize) -> None:
        """Fold the message line anew, and never end with another size than the window's."""
        self.show_frame()
        if event.size != self.app.size:
            # once it is laid out, Textual tells a page its size; that can take the place of a newer one still to come
            self.post_message(Resize(self.app.size, self.app.size))

    def show_frame(self) -> None:
        """Draw the first row, the message line and the keys as they are now."""
        if not self.is_mounted:
            return
        name = self.words(self.heading())
        self.query_one(Head).show(f"xmpp-wizard • {name}" if name else "xmpp-wizard", self.words(self.state()))
        self.query_one("#message", Plain).update(self._folded(self.words(self._message())), layout=False)
        self.query_one(Keys).show([(key, self.words(what)) for key, what in self.keys()])
        details = self.details()
        self.query_one("#details", Plain).update(details, layout=False)
        self.set_class(bool(details), "-detailed")

    def _folded(self, message: str) -> str:
        """Return what there is room for; what has none ends at a word."""
        rows = 2 if self.size.width < _NARROW else 1
        return "\n".join(wrap(message, max(self.size.width - 2, 10), max_lines=rows, placeholder=" ..."))

    def words(self, text: Text) -> str:
        """Return the sentence in the person's language."""
        return self.desk.words(text)

    def tell(self, text: Text) -> None:
        """Say something on the message line until the focus moves."""
        self._told = text
        self.show_frame()

    def take_back(self, text: Text) -> None:
        """Show the frame anew, and on its message line no longer ``text``, in case it is still told there."""
        if self._told == text:
            self._told = NOTHING
        self.show_frame()

    def _message(self) -> Text:
        if self._told:
            return self._told
        why = getattr(self.focused, "why", NOTHING)
        return why if isinstance(why, Text) and why else self.promise()

    def is_typing(self) -> bool:
        """Say whether letters go into a text field just now."""
        return isinstance(self.focused, Input)

    def is_busy(self, group: str) -> bool:
        """Say whether a thread of this page in ``group`` still works; one that is cancelled does until it returns."""
        return any(worker.group == group and worker.node is self and worker.is_running for worker in self.workers)

    def when_typed(self, field: Widget, then: Callable[[], object]) -> None:
        """Call ``then`` once all that was typed into ``field`` so far is in it.

        A key that the screen itself takes is ahead of letters that still wait for the field: pasted text with Enter
        at its end comes in one piece.
        """
        field.call_later(lambda: self.call_later(then))

    # moving about

    def on_descendant_focus(self, _: DescendantFocus) -> None:
        """Show what works now."""
        self._told = NOTHING
        self.show_frame()

    def action_walk(self, step: int) -> None:
        """Go to the thing before or after the focus."""
        if step > 0:
            self.focus_next()
        else:
            self.focus_previous()

    def action_end(self, place: int) -> None:
        """Go to the first thing of the group that has the focus (0), or to its last (-1)."""
        here = Group.of(self.focused)
        inside = [widget for widget in self.focus_chain if here is not None and here in widget.ancestors]
        if inside:
            inside[place].focus()

    def action_group(self, step: int) -> None:
        """Go to the next group of things, to where the focus was in it last."""
        chain = self.focus_chain
        if self.focused not in chain:
            self.focus_next()
            return
        here = Group.of(self.focused)
        start = chain.index(self.focused)
        for distance in range(1, len(chain)):
            widget = chain[(start + step * distance) % len(chain)]
            group = Group.of(widget)
            if group is None or group is not here:
                target = group.entry(chain) if group else widget
                target.focus()
                return

    def losing(self) -> Text:
        """Say that going back loses something, and what keeps it."""
        return say("! Esc again drops what you changed here; Show what changes takes it.")

    def action_back(self) -> None:
        """Go one step back; where that loses something, only when it is asked for once more."""
        if self.would_lose() and self._told != self.losing():
            self.tell(self.losing())
            return
        self.dismiss(None)

    def action_redraw(self) -> None:
        """Draw everything again: a serial line may have lost some of it."""
        self.app.refresh(repaint=True, layout=True)


ARROWS: Key = ("↑↓", say("row"))
ESC_BACK: Key = ("Esc", say("back"))
