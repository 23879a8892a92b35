"""The app: which screen comes first, and what holds on all of them."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from rich.console import RenderableType
from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.screen import Screen
from textual.worker import WorkerFailed

from xmpp_wizard.core.text import say
from xmpp_wizard.tui.base import Page
from xmpp_wizard.tui.console import CONSOLE, RICH, theme_for
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.driver import TerminalDriver, is_job
from xmpp_wizard.tui.screens.help import HelpPage
from xmpp_wizard.tui.scrolling import use_plain_bars
from xmpp_wizard.tui.signs import Signs
from xmpp_wizard.tui.too_small import COLUMNS, ROWS, TooSmall, is_too_small
from xmpp_wizard.tui.widgets import place_of


class WizardApp(App[int]):
    """The wizard on a full screen; ``run()`` returns the exit status."""

    CSS_PATH = ["wizard.tcss", "pages.tcss"]  # noqa: RUF012 Textual declares it so
    TITLE = "xmpp-wizard"
    ENABLE_COMMAND_PALETTE = False
    # every key that ends something is the screens' own; Ctrl-Q is eaten by serial lines anyway
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "leave", show=False, priority=True),
        Binding("ctrl+z", "pause", show=False, priority=True),
    ]

    def __init__(self, desk: Desk, first: Callable[[], Screen[Any]]) -> None:
        """``first`` makes the screen to begin with."""
        # set here, not later: with NO_COLOR every letter would vanish (measured)
        super().__init__(driver_class=TerminalDriver, ansi_color=True)
        self.desk = desk
        self._signs = Signs(desk.environment)
        self._first = first
        self.crash: Exception | None = None
        self.animation_level = "none"
        use_plain_bars()
        for theme in (CONSOLE, RICH):
            self.register_theme(theme)
        self.theme = theme_for(desk.environment).name

    def on_mount(self) -> None:
        """Open the first screen; leaving it leaves the program."""
        self.screen_change_signal.subscribe(self, lambda _: self._cover(is_small=is_too_small(self.size)))
        self.push_screen(self._first(), lambda _: self.exit(0))

    def exit(self, result: int | None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Leave; threads that still wait for something do not hold the terminal's owner up."""
        super().exit(result, return_code, message)
        if isinstance(self._driver, TerminalDriver):
            self._driver.end_soon(result or return_code)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what each line goes through before it is drawn."""
        return [*super().get_line_filters(), self._signs]

    async def action_leave(self) -> None:
        """Ctrl-C does what Escape does; where nothing is seen, it ends the program."""
        if is_too_small(self.size):
            self.exit(0)
            return
        await self.screen.run_action("screen.back")

    def action_help(self) -> None:
        """Explain keys and words; help itself needs none."""
        if not isinstance(self.screen, HelpPage):
            self.push_screen(HelpPage(self.desk))

    def action_pause(self) -> None:
        """Ctrl-Z gives the terminal to the shell that waits for it, until ``fg``."""
        if is_job():
            self._suspend_signal()
            # the whole job, as if the terminal had sent it: sudo is part of it
            os.killpg(0, signal.SIGTSTP)
        elif isinstance(self.screen, Page):
            self.screen.tell(say("Ctrl-Z does nothing here: no shell waits for this program."))

    async def on_event(self, event: events.Event) -> None:
        """Take no key but Ctrl-C while nothing is seen."""
        is_typed = isinstance(event, events.Key | events.Paste)
        if is_typed and is_too_small(self.size) and getattr(event, "key", "") != "ctrl+c":
            return
        await super().on_event(event)

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        """Bring the hardware cursor, which a braille display follows, to the focus."""
        self.call_after_refresh(self._bring_cursor)

    def _bring_cursor(self) -> None:
        focused = self.screen.focused if self.screen_stack else None
        if focused is not None:
            self.cursor_position = place_of(focused)
            focused.refresh()

    def on_resize(self, event: events.Resize) -> None:
        """Say so where the window is too small, and take it away once it has grown."""
        self._cover(is_small=is_too_small(event.size))
        # Textual waits for a timer first. On a busy machine that timer may pass over its one moment and never come,
        # and no size would be taken any more.
        self.call_later(self._check_resize)
        self.call_after_refresh(self._bring_cursor)

    def _cover(self, *, is_small: bool) -> None:
        if not is_small:
            for screen in self.screen_stack:
                screen.query(TooSmall).remove()
        elif not self.screen.query(TooSmall):
            words = say(
                "Make this window larger: {columns} x {rows} at least. Ctrl-C ends.", columns=COLUMNS, rows=ROWS
            )
            self.screen.mount(TooSmall(self.desk.words(words)))

    def _handle_exception(self, error: Exception) -> None:
        """Keep the error for :func:`run`; Textual would print the values of local variables, also secret ones."""
        cause = error.error if isinstance(error, WorkerFailed) else error
        self.crash = self.crash or (cause if isinstance(cause, Exception) else error)
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """End without a picture of the error."""
        self.bell()
        self._close_messages_no_wait()


def run(app: WizardApp) -> int:
    """Run the app and return the exit status.

    Raises:
        Exception: what the app died of.
    """
    status = app.run(mouse=False)
    if app.crash is not None:
        raise app.crash
    return app.return_code or 0 if status is None else status
