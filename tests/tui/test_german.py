"""The six main screens in German, as a person sees them at 80x24, compared with ``pictures/*-de-80x24.txt``.

To accept a change: delete the picture, run the test twice, and read the difference before it is committed.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from tests.fakes import Fakes
from tests.tui.conftest import SMALL, picture, press, settle
from tests.tui.first_setup import answer, type_address, wizard
from tests.tui.pages import PICTURES
from tests.tui.server import set_up
from textual.pilot import Pilot

from xmpp_wizard.core.events import ProofEnded
from xmpp_wizard.core.surroundings import Lookup
from xmpp_wizard.core.text import say
from xmpp_wizard.effects.appliance import ShippedAppliance
from xmpp_wizard.engine.memory import journal
from xmpp_wizard.tui.app import WizardApp
from xmpp_wizard.tui.base import Page
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens.apply import ApplyPage
from xmpp_wizard.tui.screens.done import DonePage
from xmpp_wizard.tui.screens.menu import MenuPage
from xmpp_wizard.tui.screens.status import StatusPage


@pytest.fixture
def german(desk: Desk, fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a desk in German, by the environment alone, in a window that can draw codes."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    fakes.appliance.catalogues["de"] = ShippedAppliance().catalogue("de")
    fakes.surroundings.names = {"a.example": Lookup(("192.0.2.10",), is_known=True)}
    return replace(desk, environment={**desk.environment, "TERM": "xterm", "LANG": "de_DE.UTF-8"})


def compare(name: str, app: WizardApp) -> None:
    """Compare the screen with its picture."""
    seen, path = picture(app) + "\n", PICTURES / f"{name}-de-80x24.txt"
    if not path.exists():
        path.write_text(seen, encoding="utf-8")
        pytest.fail(f"{path.name} is new: look at it, then run the test again")
    assert seen == path.read_text(encoding="utf-8")


@asynccontextmanager
async def shown(page: Page[bool] | Page[None], desk: Desk) -> AsyncIterator[tuple[WizardApp, Pilot[int]]]:
    """Show one page."""
    app = WizardApp(desk, lambda: page)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        yield app, pilot


async def test_address_and_plan(german: Desk) -> None:
    app = wizard(german)
    async with app.run_test(size=SMALL) as pilot:
        await type_address(pilot)
        compare("address", app)
        await press(pilot, "enter")
        compare("plan", app)


async def test_done(german: Desk, fakes: Fakes) -> None:
    set_up(fakes)
    answer(fakes)
    proofs = (
        ProofEnded("login", is_green=True, title=say("Log in (STARTTLS)"), text=say("it arrived"), seconds=0.1, at=0.0),
    )
    async with shown(DonePage(german, "a.example", proofs), german) as (app, _):
        compare("done", app)


async def test_apply(german: Desk, fakes: Fakes) -> None:
    set_up(fakes)
    record = journal.latest(german.world, german.layout)
    assert record is not None
    async with shown(ApplyPage(german, record, is_first=False), german) as (app, _):
        compare("apply", app)


async def test_menu(german: Desk, fakes: Fakes) -> None:
    set_up(fakes)
    async with shown(MenuPage(german), german) as (app, _):
        compare("menu", app)


async def test_status(german: Desk, fakes: Fakes) -> None:
    set_up(fakes)
    async with shown(StatusPage(german), german) as (app, _):
        compare("status", app)


async def test_the_language_is_switched_on_the_first_screen(desk: Desk, fakes: Fakes) -> None:
    fakes.appliance.catalogues["de"] = ShippedAppliance().catalogue("de")
    app = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await type_address(pilot)
        assert "F2 Deutsch" in picture(app)
        await press(pilot, "f2")
        assert "Ihre Chat-Adresse" in picture(app)
        assert "F2 English" in picture(app)
        assert desk.world.files.stat(str(desk.layout.language)) is None, "nothing is written before Apply"
        await press(pilot, "enter", "enter")
    assert desk.world.files.read(str(desk.layout.language)) == b"de\n"


async def test_the_menu_switches_too_and_later_starts_keep_it(desk: Desk, fakes: Fakes) -> None:
    fakes.appliance.catalogues["de"] = ShippedAppliance().catalogue("de")
    set_up(fakes)
    async with shown(MenuPage(desk), desk) as (app, pilot):
        await pilot.press("down", "f2")
        await settle(pilot)
        assert "»  Namen und Zertifikate" in picture(app)
    later = replace(desk)
    assert later.catalogue.language == "de"
    async with shown(MenuPage(later), later) as (app, _):
        assert "Leute und Einladungen" in picture(app)
