"""What the page after a first set-up opens is read whole, however long a line is."""

from __future__ import annotations

from tests.fakes import Fakes
from tests.tui.conftest import SMALL, picture, settle
from tests.tui.server import set_up

from xmpp_wizard.core.events import ProofEnded
from xmpp_wizard.core.text import say
from xmpp_wizard.tui.app import WizardApp
from xmpp_wizard.tui.base import Page
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens import done_lists
from xmpp_wizard.tui.screens.history import HistoryPage


async def test_a_long_line_of_the_proof_is_folded(desk: Desk, fakes: Fakes) -> None:
    set_up(fakes)
    seen = say("sent 3 messages, read them back from the archive, and heard of each that it had arrived at last")
    app = WizardApp(desk, lambda: HistoryPage(desk))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert isinstance(app.screen, Page)
        done_lists.proof(app.screen, [ProofEnded("a", say("Messages"), is_green=True, text=seen, seconds=1, at=0)])
        await settle(pilot)
        assert f"Messages: {seen}" in " ".join(picture(app).split())
