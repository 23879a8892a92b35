"""The app: which screen comes first, and what holds on all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.screen import Screen

from xmpp_wizard.tui.console import CONSOLE, RICH, theme_for
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.scrolling import use_plain_bars

SIGNALLED = 129
"""Exit status after the terminal was closed (SIGHUP)."""


class WizardApp(App[int]):
    """The wizard on a full screen; ``run()`` returns the exit status."""

    CSS_PATH = ["wizard.tcss", "pages.tcss"]  # noqa: RUF012 Textual declares it so
    TITLE = "xmpp-wizard"
    ENABLE_COMMAND_PALETTE = False
    # every key that ends something is the screens' own; Ctrl-Q is eaten by serial lines anyway
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "leave", show=False, priority=True)]

    def __init__(self, desk: Desk, first: Callable[[], Screen[Any]]) -> None:
        """``first`` makes the screen to begin with."""
        # set here, not later: with NO_COLOR every letter would vanish (measured)
        super().__init__(ansi_color=True)
        self.desk = desk
        self._first = first
        self.crash: Exception | None = None
        self.animation_level = "none"
        use_plain_bars()
        for theme in (CONSOLE, RICH):
            self.register_theme(theme)
        self.theme = theme_for(desk.environment).name

    def on_mount(self) -> None:
        """Open the first screen; leaving it leaves the program."""
        self.push_screen(self._first(), lambda _: self.exit(0))

    async def action_leave(self) -> None:
        """Ctrl-C does what Escape does."""
        await self.screen.run_action("screen.back")

    def _handle_exception(self, error: Exception) -> None:
        """Keep the error for :func:`run`; Textual would print the values of local variables, also secret ones."""
        self.crash = self.crash or error
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
