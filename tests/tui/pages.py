"""Pages of a server that is set up, and the pictures of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from xmpp_wizard.core.text import say
from xmpp_wizard.engine.asking.session import change_session
from xmpp_wizard.tui.base import Page
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens.features import FeaturesPage
from xmpp_wizard.tui.screens.form import FormOf, FormScreen
from xmpp_wizard.tui.screens.help import HelpPage
from xmpp_wizard.tui.screens.history import HistoryPage
from xmpp_wizard.tui.screens.invitation import InvitationPage
from xmpp_wizard.tui.screens.leave import LeavePage
from xmpp_wizard.tui.screens.log import LogPage
from xmpp_wizard.tui.screens.menu import MenuPage
from xmpp_wizard.tui.screens.name import NamePage
from xmpp_wizard.tui.screens.names import NamesPage
from xmpp_wizard.tui.screens.people import PeoplePage
from xmpp_wizard.tui.screens.search import SearchPage
from xmpp_wizard.tui.screens.status import StatusPage

PICTURES = Path(__file__).with_name("pictures")
PAGES: dict[str, Callable[[Desk], Page[Any]]] = {
    "features": lambda desk: FeaturesPage(desk, _draft(desk)),
    "form": lambda desk: FormScreen(desk, FormOf(say("All"), ((), ("features",), ("network",))), _draft(desk)),
    "help": HelpPage,
    "history": HistoryPage,
    "invitation": lambda desk: InvitationPage(desk, "carol@a.example"),
    "leave": LeavePage,
    "log": LogPage,
    "menu": MenuPage,
    "name": lambda desk: NamePage(desk, say("Invite"), say("Who?")),
    "names": NamesPage,
    "people": PeoplePage,
    "search": lambda desk: SearchPage(desk, _draft(desk)),
    "status": StatusPage,
}


def _draft(desk: Desk) -> Any:  # noqa: ANN401 a draft
    return change_session(desk.world, desk.layout).draft
