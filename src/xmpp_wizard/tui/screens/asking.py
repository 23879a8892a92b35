"""Asking a public authority at once for names that have no certificate of it yet."""

from __future__ import annotations

from dataclasses import replace

from xmpp_wizard.core.errors import WizardError
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.acme.upkeep import obtain_due
from xmpp_wizard.engine.asking.session import change_session
from xmpp_wizard.engine.setup import Renew, current
from xmpp_wizard.tui.background import done
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens.plan import PlanPage
from xmpp_wizard.tui.watching import LivePage


def ask_authority(page: LivePage[None]) -> None:
    """Ask in the background; if something came, show the plan that puts it in use."""
    page.run_worker(_ask(page), group="authority", exclusive=True)


async def _ask(page: LivePage[None]) -> None:
    desk = page.desk
    page.tell(say("Asking the authority; each name is rehearsed first. That takes up to some minutes ..."))
    try:
        has_news = await done(lambda: _obtain(desk))
    except WizardError as error:
        page.tell(say("! {problem}", problem=error.text))
        return
    page.read()
    if has_news:
        session = replace(change_session(desk.world, desk.layout), other=Renew())
        page.app.push_screen(PlanPage(desk, session))
    else:
        page.tell(say("Nothing new came: the rows say why, and when it is tried again."))


def _obtain(desk: Desk) -> bool:
    world, layout = desk.world, desk.layout
    target, _ = current(world, layout)
    with world.lock.hold(str(layout.lock)):
        return obtain_due(world, layout, target, lambda _: None, impatient=True)
