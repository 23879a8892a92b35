"""People and invitations."""

from __future__ import annotations

import time

import pytest
from tests.fakes import Fakes
from tests.tui.conftest import LARGE, SMALL, picture, press, settle
from tests.tui.server import CONTAINER, LINK, Prosody, set_up

from xmpp_wizard.core.answers.file import load
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.surroundings import Lookup
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.applying.apply import Consent, launch
from xmpp_wizard.engine.setup import ApplyAnswers
from xmpp_wizard.tui.app import WizardApp
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens.invitation import InvitationPage
from xmpp_wizard.tui.screens.name import NamePage
from xmpp_wizard.tui.screens.people import PeoplePage
from xmpp_wizard.tui.screens.text import TextPage

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
        await press(pilot, "escape")
        assert "alice@a.example" in picture(app), "Escape ends the search first"
        assert "»  bob@a.example" in picture(app)
        await press(pilot, "escape")
    assert app.return_value == 0


async def test_who_is_held_back_is_let_go(desk: Desk, prosody: Prosody) -> None:
    prosody.people["bob@a.example"]["is_held"] = True
    app = page(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await press(pilot, "down")
        assert "held back from strangers" in picture(app)
        assert "o let go" in picture(app)
        await press(pilot, "o")
        assert "bob@a.example can talk with everybody now" in picture(app)
        assert "o shut out" in picture(app)


async def test_who_signed_up_gets_into_contact_lists_by_a_key(desk: Desk, prosody: Prosody) -> None:
    prosody.people["bob@a.example"]["is_newcomer"] = True
    app = page(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("down", "enter")
        await settle(pilot)
        shown = " ".join(picture(app).split())
        assert "Signed up, in nobody's contact list; the key c in the table puts them there" in shown
        await press(pilot, "escape")
        assert "c into contact lists" in picture(app)
        await press(pilot, "c")
        assert "bob@a.example is in everybody's contact list now" in picture(app)
        assert "c into contact lists" not in picture(app)
        assert not prosody.people["bob@a.example"]["is_newcomer"]


def move_accounts_to_a_website(fakes: Fakes) -> None:
    text = 'domain = "a.example"\nfeatures.invitations.enabled = false\nfeatures.jwt.enabled = true\n'
    answers, _ = load(f"version = 1\n{text}".encode(), "answers.toml", {}, [])
    launch(fakes.world(), Layout(), ApplyAnswers(answers, text, "/root/answers.toml"), Consent(wants_proof=False))


async def test_where_accounts_are_made_elsewhere_no_key_promises_one(
    fakes: Fakes, desk: Desk, prosody: Prosody
) -> None:
    move_accounts_to_a_website(fakes)
    prosody.people.clear()
    app = page(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        text = " ".join(picture(app).split())
        assert "Nobody has logged in yet. Accounts begin with the first log-in by a token" in text
        assert " i invite" not in text
        assert " a add" not in text
        await press(pilot, "i")
        assert isinstance(app.screen, PeoplePage)


async def test_nobody_gets_a_password_here_that_is_checked_elsewhere(fakes: Fakes, desk: Desk) -> None:
    move_accounts_to_a_website(fakes)
    app = page(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert "o shut out" in picture(app)
        assert "new password" not in picture(app)
        await press(pilot, "n")
        assert isinstance(app.screen, PeoplePage)


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
        await press(pilot, "o")
        assert prosody.people["bob@a.example"]["is_enabled"]


async def test_deleting_wants_the_address_typed(desk: Desk, prosody: Prosody) -> None:
    app = page(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("down", "x")
        await pilot.pause()
        await press(pilot, "enter")
        assert "That is not bob@a.example. Nothing was done." in picture(app)
        await pilot.press(*"bob")
        assert "Nothing was done" not in picture(app)
        await pilot.press("down", "enter")
        await settle(pilot)
        assert "bob@a.example" in prosody.people
        await pilot.press("x")
        await pilot.pause()
        await pilot.press(*"bob@a.example", "enter")
        await settle(pilot)
        assert "bob@a.example" not in prosody.people
        assert "bob@a.example is deleted" in picture(app)


async def test_a_new_password_is_asked_for_and_shown_once(desk: Desk, prosody: Prosody) -> None:
    app = page(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("n")
        await pilot.pause()
        await press(pilot, "enter")
        assert not [command for command in prosody.commands if "passwd" in command]
        await pilot.press("n")
        await pilot.pause()
        await pilot.press("down", "enter")
        await settle(pilot)
        assert ["prosodyctl", "passwd", "--", "alice@a.example"] in prosody.commands
        assert "shown only now" in picture(app)
        assert "Esc closes it once it is written down" in await press(pilot, "enter")
        assert "shown only now" in picture(app), "an Enter too many takes nothing away"
        assert "shown only now" not in await press(pilot, "escape")


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
        await press(pilot, "n")
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


async def test_no_code_is_drawn_that_would_not_work(desk: Desk, fakes: Fakes) -> None:
    desk.environment = WINDOW
    fakes.surroundings.names["a.example"] = Lookup((), is_known=False)
    app = WizardApp(desk, lambda: InvitationPage(desk, "carol@a.example"))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        text = picture(app)
        assert "▀" not in text
        assert "a.example does not lead to this server yet" in text
        assert LINK in text, "it can still be sent"


async def test_without_invitations_it_says_what_to_do(desk: Desk, prosody: Prosody) -> None:
    prosody.link = ""
    app = WizardApp(desk, lambda: InvitationPage(desk, "carol@a.example"))
    async with app.run_test(size=LARGE) as pilot:
        await settle(pilot)
        assert "! invitations are not switched on" in picture(app)


@pytest.mark.parametrize("typed", ["", "   ", "alice", "a b", "x" * 1400, "🎉", "\u05d0bc", "bob@gone.example"])
async def test_a_wrong_name_is_said_beside_it(desk: Desk, typed: str) -> None:
    app = WizardApp(desk, lambda: NamePage(desk, say("Invite"), say("Who?")))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        app.screen.query_one("#name").value = typed  # type: ignore[attr-defined]
        await press(pilot, "enter")
        assert " ! " in picture(app)


async def test_a_server_that_is_down_is_said(desk: Desk, fakes: Fakes) -> None:
    fakes.containers.stop(CONTAINER, 1)
    app = page(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        text = picture(app)
        assert "cannot be asked just now" in text
        assert "is not running" in text


async def test_five_thousand_people_are_found_and_gone_through_at_once(desk: Desk, prosody: Prosody) -> None:
    for number in range(5000):
        prosody.add(f"person{number:04}@a.example")
    app = page(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert "5002 people" in picture(app).splitlines()[0]
        before = time.monotonic()
        await pilot.press("end", "up", "pageup", "slash", *"person4711")
        await pilot.pause()
        assert time.monotonic() - before < 5
        text = picture(app)
        assert "person4711@a.example" in text
        assert "person4712" not in text
        await pilot.press("enter", "o")
        await settle(pilot)
        assert prosody.people["person4711@a.example"]["is_enabled"] is False


@pytest.mark.parametrize("name", ["[bold]", "家族" * 40, "x" * 1000, "{0}", "\u05d0\u05d1\u05d2", "-rf", "a'b"])
async def test_hostile_names_are_shown_and_meant(desk: Desk, prosody: Prosody, name: str) -> None:
    prosody.people.clear()
    prosody.add(f"{name}@a.example")
    desk.environment = WINDOW
    app = page(desk)
    async with app.run_test(size=LARGE) as pilot:
        await settle(pilot)
        assert name[:10] in picture(app)
        await press(pilot, "o")
        assert prosody.people[f"{name}@a.example"]["is_enabled"] is False
        await press(pilot, "enter")
        assert isinstance(app.screen, TextPage)
        assert "Shut out" in picture(app)
        assert app.crash is None


async def test_an_open_invitation_is_a_row_without_the_keys_of_people(desk: Desk, prosody: Prosody) -> None:
    prosody.invited.append("carol@a.example")
    app = page(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        text = await press(pilot, "end")
        assert "»  carol@a.example" in text
        assert "1 invited" in text.splitlines()[0]
        assert "delete" not in text.splitlines()[-1]
        await pilot.press("x", "n", "o")
        await settle(pilot)
        assert isinstance(app.screen, PeoplePage)
