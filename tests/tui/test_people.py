"""People and invitations."""

from __future__ import annotations

import pytest
from tests.fakes import Fakes
from tests.tui.conftest import LARGE, SMALL, picture
from tests.tui.server import CONTAINER, LINK, Prosody, set_up, settle

from xmpp_wizard.core.text import say
from xmpp_wizard.tui.app import WizardApp
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens.invitation import InvitationPage
from xmpp_wizard.tui.screens.name import NamePage
from xmpp_wizard.tui.screens.people import PeoplePage

WINDOW = {"TERM": "xterm-256color", "LANG": "C.UTF-8"}


@pytest.fixture(autouse=True)
def prosody(fakes: Fakes) -> Prosody:
    return set_up(fakes)


def page(desk: Desk) -> WizardApp:
    return WizardApp(desk, lambda: PeoplePage(desk))


async def test_the_table_says_who_is_here(desk: Desk) -> None:
    app = page(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        text = picture(app)
        assert "»  alice@a.example" in text
        assert "here now, 2 devices" in text
        assert "never logged in" in text
        assert "2 people, 1 here now" in text.splitlines()[0]


async def test_somebody_is_found_by_typing(desk: Desk) -> None:
    app = page(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"bob")
        await settle(pilot)
        text = picture(app)
        assert "bob@a.example" in text
        assert "alice@a.example" not in text
        await pilot.press("enter")
        await pilot.pause()
        assert "»  bob@a.example" in picture(app)


async def test_somebody_is_shut_out_and_let_in(desk: Desk, prosody: Prosody) -> None:
    app = page(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("down", "o")
        await settle(pilot)
        assert not prosody.people["bob@a.example"]["is_enabled"]
        text = picture(app)
        assert "shut out" in text
        assert "nothing of theirs is gone" in text
        assert "o let in" in text
        await pilot.press("o")
        await settle(pilot)
        assert prosody.people["bob@a.example"]["is_enabled"]


async def test_deleting_wants_the_address_typed(desk: Desk, prosody: Prosody) -> None:
    app = page(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("down", "x")
        await pilot.pause()
        await pilot.press("enter")
        await settle(pilot)
        assert "bob@a.example" in prosody.people
        await pilot.press("x")
        await pilot.pause()
        await pilot.press("up", *"bob@a.example", "enter")
        await settle(pilot)
        assert "bob@a.example" not in prosody.people
        assert "bob@a.example is deleted" in picture(app)


async def test_a_new_password_is_asked_for_and_shown_once(desk: Desk, prosody: Prosody) -> None:
    app = page(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("n")
        await pilot.pause()
        await pilot.press("enter")
        await settle(pilot)
        assert not [command for command in prosody.commands if "passwd" in command]
        await pilot.press("n")
        await pilot.pause()
        await pilot.press("down", "enter")
        await settle(pilot)
        assert ["prosodyctl", "passwd", "--", "alice@a.example"] in prosody.commands
        assert "shown only now" in picture(app)


async def test_an_account_is_added(desk: Desk, prosody: Prosody) -> None:
    app = page(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("a", *"carol", "enter")
        await settle(pilot)
        assert "carol@a.example" in prosody.people
        assert "carol@a.example is added" in picture(app)


async def test_an_invitation_is_a_code_and_a_link(desk: Desk, prosody: Prosody) -> None:
    desk.environment = WINDOW
    app = page(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("i", *"carol", "enter")
        await settle(pilot)
        assert isinstance(app.screen, InvitationPage)
        text = picture(app)
        assert "▀" in text
        assert LINK in text
        assert prosody.invited == ["carol@a.example"]
        await pilot.press("n")
        await settle(pilot)
        assert len(prosody.invited) == 2


async def test_a_console_draws_full_cells_or_says_where_the_code_is(desk: Desk) -> None:
    for size, is_drawn in ((SMALL, False), ((120, 42), True)):
        app = WizardApp(desk, lambda: InvitationPage(desk, "carol@a.example"))
        async with app.run_test(size=size) as pilot:
            await settle(pilot)
            text = picture(app)
            assert ("██" in text) == is_drawn, size
            assert ("Over SSH it can" in text) != is_drawn
            assert "▀" not in text
            assert LINK in text


async def test_without_invitations_it_says_what_to_do(desk: Desk, prosody: Prosody) -> None:
    prosody.link = ""
    app = WizardApp(desk, lambda: InvitationPage(desk, "carol@a.example"))
    async with app.run_test(size=LARGE) as pilot:
        await settle(pilot)
        assert "! invitations are not switched on" in picture(app)


@pytest.mark.parametrize("typed", ["alice", "a b", "x" * 1400, "🎉", "\u05d0bc", "bob@gone.example"])
async def test_a_wrong_name_is_said_beside_it(desk: Desk, typed: str) -> None:
    app = WizardApp(desk, lambda: NamePage(desk, say("Invite"), say("Who?")))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        app.screen.query_one("#name").value = typed  # type: ignore[attr-defined]
        await pilot.press("enter")
        await settle(pilot)
        assert " ! " in picture(app)


async def test_a_server_that_is_down_is_said(desk: Desk, fakes: Fakes) -> None:
    fakes.containers.stop(CONTAINER, 1)
    app = page(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        text = picture(app)
        assert "cannot be asked just now" in text
        assert "is not running" in text
