"""The frame alone, at once: what a screen needs is loaded while it stands, and what is typed meanwhile is not lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from textual import events, on, work
from textual.message import Message
from textual.screen import Screen

from xmpp_wizard.core.text import Text, say
from xmpp_wizard.tui.base import Key, Page
from xmpp_wizard.tui.desk import Desk

First = Callable[[], Callable[[], Screen[Any]]]
"""Finds out, in a thread, which screen comes first; what it returns makes that screen, in the app."""


class OpeningPage(Page[None]):
    """Gives way to the first screen; leaving that one leaves the program."""

    class Found(Message):
        """It is known which screen comes first."""

        def __init__(self, make: Callable[[], Screen[Any]]) -> None:
            """``make`` makes it."""
            super().__init__()
            self.make = make

    def __init__(self, desk: Desk, first: First) -> None:
        """``first`` is slow."""
        super().__init__(desk)
        self._first = first
        self._typed: list[events.Key | events.Paste] = []

    def promise(self) -> Text:
        """Say what takes so long."""
        return say("Looking at this machine ...")

    def keys(self) -> Sequence[Key]:
        """Return the only key."""
        return (("Esc", say("quit")),)

    def on_mount(self) -> None:
        """Draw the frame, then look."""
        super().on_mount()
        self.call_after_refresh(self._look)

    @work(thread=True)
    def _look(self) -> None:
        self.post_message(self.Found(self._first()))

    @on(Found)
    async def _found(self, event: Found) -> None:
        event.stop()
        await self.app.push_screen(event.make(), lambda _: self.app.exit(0))
        self.app.call_after_refresh(self._hand_on)

    def on_key(self, event: events.Key) -> None:
        """Keep what is typed for the screen that it is meant for."""
        self._typed.append(event)

    def on_paste(self, event: events.Paste) -> None:
        """Keep what is pasted."""
        self._typed.append(event)

    def _hand_on(self) -> None:
        for event in self._typed:
            again = events.Paste(event.text) if isinstance(event, events.Paste) else _again(event)
            self.app.post_message(again)
        self._typed.clear()

    def action_back(self) -> None:
        """Leave."""
        self.app.exit(0)


def _again(event: events.Key) -> events.Key:
    return events.Key(event.key, event.character)
