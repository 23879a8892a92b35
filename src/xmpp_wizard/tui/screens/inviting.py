"""Inviting somebody, from whichever page."""

from __future__ import annotations

from typing import TypeVar

from xmpp_wizard.core.text import say
from xmpp_wizard.tui.base import Page
from xmpp_wizard.tui.screens.invitation import InvitationPage
from xmpp_wizard.tui.screens.name import NamePage

T = TypeVar("T")


def ask_name(page: Page[T]) -> None:
    """Ask for a name and show an invitation for it."""

    def take(address: str | None) -> None:
        if address is not None:
            page.app.push_screen(InvitationPage(page.desk, address))

    text = say("Whom do you invite? Only the name before the @ is needed.")
    page.app.push_screen(NamePage(page.desk, say("Invite"), text), take)
