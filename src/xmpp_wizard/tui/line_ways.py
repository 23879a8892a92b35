"""What Enter does on the ways that are left where nobody outside can call this line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xmpp_wizard.core.text import say
from xmpp_wizard.engine.plan_router import PUBLISHED, own_ipv6
from xmpp_wizard.engine.plan_row import PlanRow
from xmpp_wizard.engine.relay import overview
from xmpp_wizard.tui.screens.text import TextPage

if TYPE_CHECKING:
    from xmpp_wizard.tui.screens.plan import PlanPage


def take_way(page: PlanPage, row: PlanRow) -> None:
    """Choose the way of ``row``, or show how it is gone."""
    match row.id:
        case "way-ipv6" if page.prepared is not None:
            address = own_ipv6(page.prepared.observed.addresses)
            page.take(page.session.draft.with_change(PUBLISHED, [address]))
        case "way-taken":
            page.take(page.session.draft.with_change(PUBLISHED, None))
        case "way-home":
            page.session = page.session.at_home(is_wanted=True)
            page.take(page.session.draft)
        case _:
            lines = tuple(page.words(line) for line in overview(page.desk.layout))
            note = say("You rent the smallest server that has an IPv4 address of its own, for a few euros a month.")
            page.app.push_screen(TextPage(page.desk, say("A relay"), note, lines, is_prose=True))
