"""The way to the plan, and keys pressed there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.fakes import Fakes
from tests.tui.conftest import SMALL, press
from textual.pilot import Pilot
from textual.widgets import Input

from xmpp_wizard.engine.asking.session import first_session
from xmpp_wizard.tui.app import WizardApp
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens.address import AddressPage
from xmpp_wizard.tui.screens.plan import PlanPage


def wizard(desk: Desk, fakes: Fakes) -> WizardApp:
    return WizardApp(desk, lambda: AddressPage(desk, first_session(fakes.world(), desk.layout, {})))


async def to_plan(pilot: Pilot[Any], address: str = "alice@a.example") -> PlanPage:
    pilot.app.screen.query_one("#address", Input).value = address
    await pilot.pause(0.4)
    await press(pilot, "enter")
    page = pilot.app.screen
    assert isinstance(page, PlanPage)
    return page


@asynccontextmanager
async def planned(desk: Desk, fakes: Fakes) -> AsyncIterator[tuple[Pilot[int], PlanPage]]:
    """Open the wizard and walk to the plan."""
    async with wizard(desk, fakes).run_test(size=SMALL) as pilot:
        yield pilot, await to_plan(pilot)
