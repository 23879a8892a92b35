"""The buttons at the end of an apply that did not come out well: report, undo, take everything back."""

from __future__ import annotations

import pytest
from tests.fakes import Fakes
from tests.tui.conftest import SMALL, picture, press, settle
from tests.tui.first_setup import answer, type_address, wizard
from tests.tui.server import set_up
from textual.pilot import Pilot

from xmpp_wizard.core.errors import DiskError, EngineError
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.asking.session import change_session
from xmpp_wizard.tui.app import WizardApp
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens.apply import ApplyPage
from xmpp_wizard.tui.screens.plan import PlanPage
from xmpp_wizard.tui.screens.question import QuestionPage

CONTAINER = "xmpp-wizard-prosody"


async def choose(pilot: Pilot[int], button: str) -> None:
    """Go to a button of the page by its name and press Enter on it."""
    pilot.app.screen.query_one(f"#{button}").focus()
    await press(pilot, "enter")


async def to_red_proof(pilot: Pilot[int]) -> None:
    """Set a server up for the first time; among fakes its proof cannot be green."""
    await type_address(pilot)
    for _ in range(2):
        await press(pilot, "enter")
    assert isinstance(pilot.app.screen, ApplyPage)
    assert "[ Take everything back ]" in picture(pilot.app)


async def test_a_report_says_what_was_seen_and_where_it_is(desk: Desk, fakes: Fakes) -> None:
    answer(fakes)
    app = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await to_red_proof(pilot)
        await choose(pilot, "report")
        (path,) = [path for path in fakes.files.nodes if path.startswith("/root/xmpp-wizard-report-")]
        assert f"Saved: {path}" in picture(app)
        node = fakes.files.nodes[path]
        assert node.mode == 0o600
        text = node.content.decode()
        assert "a.example" in text
        assert "not all of it could be proven" in text


async def test_a_report_that_cannot_be_written_says_why(desk: Desk, fakes: Fakes) -> None:
    answer(fakes)
    app = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await to_red_proof(pilot)
        fakes.files.fail_at["write"] = DiskError(say("the disk is full"))
        await choose(pilot, "report")
        assert "! the disk is full" in picture(app)
        assert isinstance(app.screen, ApplyPage)


async def test_all_of_a_first_set_up_is_taken_back_after_a_question(desk: Desk, fakes: Fakes) -> None:
    answer(fakes)
    app = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await to_red_proof(pilot)
        await choose(pilot, "remove")
        assert isinstance(app.screen, QuestionPage)
        await press(pilot, "enter")
        assert isinstance(app.screen, ApplyPage), "Enter alone takes nothing away"
        assert CONTAINER in fakes.containers.containers
        await choose(pilot, "remove")
        await choose(pilot, "yes")
    assert app.return_value == 0
    assert not fakes.containers.containers
    assert not [path for path in fakes.files.nodes if path.startswith(("/etc/xmpp-wizard", "/var/lib/xmpp-wizard"))]


async def test_what_cannot_be_taken_away_is_told(desk: Desk, fakes: Fakes) -> None:
    answer(fakes)
    app = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await to_red_proof(pilot)
        fakes.containers.fail_at["observe"] = EngineError(say("Docker does not answer"))
        await choose(pilot, "remove")
        await choose(pilot, "yes")
        assert "! Docker does not answer" in picture(app)
        assert isinstance(app.screen, ApplyPage)


@pytest.mark.parametrize("is_wanted", [True, False])
async def test_a_change_is_undone_as_a_plan(desk: Desk, fakes: Fakes, *, is_wanted: bool) -> None:
    set_up(fakes)
    before = fakes.files.nodes["/etc/xmpp-wizard/answers.toml"].content
    session = change_session(desk.world, desk.layout)
    draft = session.draft.with_change(("security", "level"), "strict")
    app = WizardApp(desk, lambda: PlanPage(desk, session.with_draft(draft)))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await choose(pilot, "apply")
        assert b"strict" in fakes.files.nodes["/etc/xmpp-wizard/answers.toml"].content
        assert "[ Undo all ]" in picture(app)
        await choose(pilot, "undo")
        assert isinstance(app.screen, PlanPage)
        assert "Apply writes" in picture(app)
        assert b"strict" in fakes.files.nodes["/etc/xmpp-wizard/answers.toml"].content, "nothing before Apply"
        if not is_wanted:
            return
        await choose(pilot, "apply")
    assert fakes.files.nodes["/etc/xmpp-wizard/answers.toml"].content == before
