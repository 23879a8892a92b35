"""What Enter does on the ways that are left where nobody outside can call this line."""

from __future__ import annotations

from xmpp_wizard.core.text import NOTHING
from xmpp_wizard.engine.plan_page.router import explained, with_way
from xmpp_wizard.engine.plan_page.row import PlanRow
from xmpp_wizard.tui.screens.launching import LaunchingPage
from xmpp_wizard.tui.screens.text import TextPage


def take_way(page: LaunchingPage, row: PlanRow) -> None:
    """Choose the way of ``row``, or show how it is gone."""
    if page.prepared is None:
        return
    found = with_way(page.session, row, page.prepared.observed.addresses)
    if found is not None:
        page.session = found
        page.take(found.draft)
        return
    lines = tuple(page.words(line) for line in explained(row, page.desk.layout))
    page.app.push_screen(TextPage(page.desk, row.title, NOTHING, lines, is_prose=True))
