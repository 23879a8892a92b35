"""Names and certificates, with some that no public certificate can be had for yet."""

from __future__ import annotations

import pytest
from tests.engine.acme.public import CLOSED, NAMES
from tests.fakes import Fakes
from tests.tui.conftest import SMALL, picture, settle
from tests.tui.pages import PAGES
from tests.tui.server import set_up

from xmpp_wizard.core.surroundings import Lookup
from xmpp_wizard.tui.app import WizardApp
from xmpp_wizard.tui.desk import Desk


@pytest.fixture(autouse=True)
def _lacking(fakes: Fakes) -> None:
    fakes.surroundings.names = {name: Lookup(("192.0.2.10",), is_known=True) for name in NAMES}
    fakes.acme.failing["groups.a.example"] = CLOSED
    set_up(fakes, certificates={"source": "acme"})


async def test_what_is_lacking_is_told_with_what_to_do(desk: Desk) -> None:
    page = PAGES["names"](desk)
    app = WizardApp(desk, lambda: page)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        text = " ".join(picture(app).split())
        assert "! groups.a.example" in text
        assert "this machine's own for now: nobody answers for groups.a.example on port 80" in text
        await pilot.press("down", "down", "enter")
        await settle(pilot)
        text = " ".join(picture(app).split())
        assert "Not public yet: nobody answers for groups.a.example on port 80 from outside." in text
        assert "Let the router forward port 80 to this machine and open it in the firewall. If your provider" in text
