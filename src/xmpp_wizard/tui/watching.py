"""A page with live values: read in a thread again and again, drawn where they changed."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, TypeVar

from textual import on, work
from textual.message import Message

from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.watch import View, look
from xmpp_wizard.tui.base import Page
from xmpp_wizard.tui.desk import Desk

T = TypeVar("T")
SECONDS = 5.0


class LivePage(Page[T]):
    """A page over a :class:`View` that is read every five seconds while the page is in front."""

    VERTICAL_BREAKPOINTS = [(0, "-low"), (22, "-high")]  # noqa: RUF012 Textual declares it so
    CROWD_SECONDS: ClassVar[float | None] = None
    """How old the list of people may be on this page; None: it is not asked for."""
    SHOWS_LOG: ClassVar[bool] = False
    """Whether the log is fetched for this page."""

    class Looked(Message):
        """The server was looked at."""

        def __init__(self, view: View) -> None:
            """Carry what was seen."""
            super().__init__()
            self.view = view

    def __init__(self, desk: Desk, view: View | None = None) -> None:
        """``view`` is what an earlier page saw, so that this one does not begin empty."""
        super().__init__(desk)
        self.view = view or View()
        self.is_paused = False
        self._is_reading = False
        self._is_outdated = False

    def state(self) -> Text:
        """Return the domain and how many things need somebody."""
        status = self.view.status
        if status is None:
            return self.view.needs[0] if self.view.needs else say("looking ...")
        count = self.needing()
        if not count:
            return say("{domain} • all is well", domain=status.domain)
        if count == 1:
            return say("{domain} • 1 thing needs you", domain=status.domain)
        return say("{domain} • {count} things need you", domain=status.domain, count=count)

    def needing(self) -> int:
        """Return how many things need somebody, as far as this page knows."""
        return len(self.view.needs)

    def on_mount(self) -> None:
        """Look every five seconds; the first time when the page comes to the front, which is at once."""
        self.set_interval(SECONDS, self._tick)

    def on_screen_resume(self) -> None:
        """Look again: what came back from another page may have changed something."""
        self.read()

    def read_all(self) -> None:
        """Look at once at everything, also at what is usually looked at more seldom."""
        self.view = replace(self.view, crowd=replace(self.view.crowd, at=0.0))
        self.read()

    def read(self) -> None:
        """Look at the server; while somebody still looks, once more as soon as that has ended."""
        self._is_outdated = self._is_reading
        if not self._is_reading:
            self._is_reading = True
            self._read(self.view)

    def _tick(self) -> None:
        # a page below another one is not seen, and would only use the machine up; so would asking a server
        # that is slow to answer a second time meanwhile
        if self.is_current and not self.is_paused and not self._is_reading:
            self.read()

    @work(thread=True, group="read")
    def _read(self, before: View) -> None:
        found = look(self.desk.world, self.desk.layout, before, self.CROWD_SECONDS, has_log=self.SHOWS_LOG)
        self.post_message(self.Looked(found))

    @on(Looked)
    async def _looked(self, event: Looked) -> None:
        event.stop()
        self._is_reading = False
        if self._is_outdated:
            # what was just found is older than what was asked for
            self.read()
            return
        if self.is_paused and self.view.status is not None:
            return
        self.view = event.view
        await self.show_view()
        self.show_frame()

    async def show_view(self) -> None:
        """Draw the view; pages say how. One drawing ends before the next begins."""
