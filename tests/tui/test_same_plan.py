"""The same answers on the full screen, line by line, and in a file lead to the same plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.cli.conftest import Cli
from tests.fakes import Fakes
from tests.tui.conftest import SMALL, settle
from textual.pilot import Pilot

from xmpp_wizard.cli import apply as by_file
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.effects.appliance import ShippedAppliance
from xmpp_wizard.engine import setup as engine
from xmpp_wizard.engine.asking import proposals as by_line
from xmpp_wizard.engine.setup import Prepared
from xmpp_wizard.tui.app import WizardApp
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.entry import first_screen
from xmpp_wizard.tui.screens.plan import PlanPage

FILE = """\
domain = "kolibri.net"
admins = ["alice"]
[security]
level = "strict"
[network]
https_port = 8443
[certificates]
source = "acme"
"""


async def on_the_screen(fakes: Fakes) -> str:
    """Type and choose everything; what the wizard would build meanwhile is not built."""
    fakes.lock.held["/run/xmpp-wizard/lock"] = 4711
    app = WizardApp(desk := Desk(fakes.world(), Layout(), {"TERM": "linux"}, "testhost"), first_screen(desk))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press(*"alice@kolibri.net", "enter")
        await settle(pilot)
        page = app.screen
        assert isinstance(page, PlanPage)
        page.query_one("#plan-security").focus()
        await _press(pilot, "enter", "right", "tab", "enter")
        await _press(pilot, "slash", *"https_port", "enter", *["backspace"] * 3, *"8443", "tab", "enter")
        assert id(app.screen) == id(page)
        assert page.prepared is not None
        return str(page.prepared.plan)


async def _press(pilot: Pilot[Any], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return all plans that commands have made, in order."""
    made: list[str] = []

    def noting(*given: Any) -> Prepared:  # noqa: ANN401 as prepare is called
        prepared = engine.prepare(*given)
        made.append(str(prepared.plan))
        return prepared

    for module in (by_line, by_file):
        monkeypatch.setattr(module, "prepare", noting)
    return made


async def test_three_ways_one_plan(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    plans: list[str],
    fresh: Callable[[], Fakes],
) -> None:
    cli = Cli(capsys, monkeypatch)
    screen = await on_the_screen(fresh())

    cli.fakes = fresh()
    cli.type("alice@kolibri.net\nsecurity.level\nstrict\nnetwork.https_port\n8443\nq\n")
    assert cli.run("setup", "--plain") == 5
    line = plans[-1]

    cli.fakes = fresh()
    cli.fakes.files.put("/root/mine.toml", FILE)
    cli.run("apply", "--answers", "/root/mine.toml", "--yes", "--no-proof")
    file = plans[-1]

    assert screen == line == file
    assert "container:prosody" in screen
    assert len(plans) > 2


@pytest.fixture
def fresh() -> Callable[[], Fakes]:
    """Return what makes a world in which nothing was done yet."""

    def make() -> Fakes:
        fakes = Fakes()
        fakes.appliance.texts = dict(ShippedAppliance().templates())
        return fakes

    return make
