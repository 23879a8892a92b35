"""A desk over fakes, and ways to look at a screen as a person sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.fakes import Fakes
from textual.app import App
from textual.pilot import Pilot

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.effects.appliance import ShippedAppliance
from xmpp_wizard.tui.desk import Desk

HERE = Path(__file__).parent

SMALL, LARGE, TINY = (80, 24), (120, 40), (60, 20)


@pytest.fixture
def fakes() -> Fakes:
    """Return the fakes, for looking and for making things fail."""
    fakes = Fakes()
    fakes.appliance.texts = dict(ShippedAppliance().templates())
    return fakes


@pytest.fixture
def desk(fakes: Fakes) -> Desk:
    """Return a desk in English on a console."""
    return Desk(fakes.world(), Layout(), {"TERM": "linux", "LANG": "C.UTF-8", "SUDO_USER": "alice"}, "testhost")


def picture(app: App[Any]) -> str:
    """Return the screen as text, a line for each row."""
    return "\n".join(
        "".join(segment.text for segment in line).rstrip() for line in app.screen._compositor.render_strips()
    )


async def settle(pilot: Pilot[Any]) -> None:
    """Wait until everything that was started has been drawn."""
    for _ in range(4):
        await pilot.pause()
        await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def press(pilot: Pilot[Any], *keys: str) -> str:
    """Press keys, wait after each, and return the screen as text."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)
    return picture(pilot.app)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what draws pages, so that the fast tests stay fast."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.screens)
