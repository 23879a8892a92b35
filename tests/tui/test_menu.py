"""The menu of a server that is set up, and what is behind its rows."""

from __future__ import annotations

import pytest
from tests.fakes import Fakes
from tests.tui.conftest import SMALL, TINY, picture, press, settle
from tests.tui.server import CONTAINER, Prosody, set_up

from xmpp_wizard.core.draft import Draft
from xmpp_wizard.core.errors import EngineError
from xmpp_wizard.core.features import all_features
from xmpp_wizard.core.text import say
from xmpp_wizard.effects.appliance import ShippedAppliance
from xmpp_wizard.tui.app import WizardApp
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.forms import switches
from xmpp_wizard.tui.rows.menu import ENTRIES
from xmpp_wizard.tui.screens.features import FeaturesPage
from xmpp_wizard.tui.screens.form import FormScreen
from xmpp_wizard.tui.screens.help import HelpPage
from xmpp_wizard.tui.screens.menu import MenuPage
from xmpp_wizard.tui.screens.plan import PlanPage
from xmpp_wizard.tui.screens.search import SearchPage
from xmpp_wizard.tui.widgets import Row

ON, COUNT = switches.features_on(Draft('domain = "a.example"\nfeatures.calls.enabled = false\n'))
"""So many are on in a family, and so many can be switched."""


@pytest.fixture(autouse=True)
def prosody(fakes: Fakes) -> Prosody:
    return set_up(fakes)


def menu(desk: Desk) -> WizardApp:
    return WizardApp(desk, lambda: MenuPage(desk))


async def test_rows_carry_live_values(desk: Desk) -> None:
    app = menu(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        text = picture(app)
        assert "a.example • all is well" in text.splitlines()[0]
        assert "»  People and invitations    2 people, 1 here now" in text
        assert f"{ON} of {COUNT} on" in text
        assert "Recommended" in text
        assert "sudo xmpp-wizard user list" in text
        assert "Go on where it stopped" not in text
        assert "Last change" in text


async def test_who_was_invited_meanwhile_is_counted_at_once(desk: Desk, prosody: Prosody) -> None:
    app = menu(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await press(pilot, "i")
        prosody.invited.append("carol@a.example")
        assert "2 people, 1 here now, 1 invitation open" in await press(pilot, "escape")


async def test_what_needs_somebody_is_marked(desk: Desk, fakes: Fakes) -> None:
    fakes.containers.stop(CONTAINER, 1)
    app = menu(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        text = picture(app)
        assert "is stopped" in text
        assert "1 thing needs you" in text.splitlines()[0]
        assert "»! Status" in text


async def test_a_silent_engine_empties_nothing(desk: Desk, fakes: Fakes) -> None:
    app = menu(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        fakes.containers.fail_at["observe"] = EngineError(say("Docker does not answer"))
        app.screen.read()  # type: ignore[attr-defined]
        await settle(pilot)
        text = picture(app)
        assert "Docker does not answer" in text
        assert "2 people, 1 here now" in text


async def test_every_row_opens_something_and_escape_comes_back(desk: Desk) -> None:
    app = menu(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        for entry in ENTRIES:
            if entry.id == "go-on":
                continue
            app.screen.query_one(f"#menu-{entry.id}").focus()
            await press(pilot, "enter")
            assert not isinstance(app.screen, MenuPage), entry.id
            await press(pilot, "escape")
            assert isinstance(app.screen, MenuPage), entry.id


async def test_a_change_ends_in_the_plan(desk: Desk) -> None:
    app = menu(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        app.screen.query_one("#menu-security").focus()
        await pilot.press("enter", "right", "tab", "tab", "enter")
        await settle(pilot)
        assert isinstance(app.screen, PlanPage)
        assert app.screen.session.draft.value(("security", "level")) == "strict"
        assert "strict" in picture(app)


async def test_going_back_from_the_plan_finds_the_form_as_it_was_left(desk: Desk) -> None:
    app = menu(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        app.screen.query_one("#menu-security").focus()
        await press(pilot, "enter", "right")
        app.screen.query_one("#show").focus()
        await press(pilot, "enter")
        assert isinstance(app.screen, PlanPage)
        text = await press(pilot, "escape")
        assert isinstance(app.screen, FormScreen)
        assert "1 change" in text.splitlines()[0]
        assert app.screen.draft.value(("security", "level")) == "strict"
        assert "! Esc again drops what you changed here" in await press(pilot, "escape")
        await press(pilot, "escape")
        assert isinstance(app.screen, MenuPage)


async def test_find_opens_the_form_on_the_setting(desk: Desk) -> None:
    app = menu(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("slash")
        assert isinstance(app.screen, SearchPage)
        await pilot.press(*"room history")
        await settle(pilot)
        assert "Keep room history" in picture(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, FormScreen)
        assert app.focused is not None
        assert app.focused.id == "ask-features-group_chat-history_days"


async def test_going_back_from_the_plan_of_a_found_setting_finds_its_form_as_it_was_left(desk: Desk) -> None:
    app = menu(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"room history")
        await settle(pilot)
        await press(pilot, "enter")
        await press(pilot, *"44")
        app.screen.query_one("#show").focus()
        await press(pilot, "enter")
        assert isinstance(app.screen, PlanPage)
        text = await press(pilot, "escape")
        assert isinstance(app.screen, FormScreen)
        assert "Group chat" in text
        assert "1 change" in text.splitlines()[0]
        assert app.screen.draft.value(("features", "group_chat", "history_days")) == 44


async def test_nothing_found_is_said(desk: Desk) -> None:
    app = menu(desk)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("slash", *"zzzz")
        await settle(pilot)
        assert "Nothing has these words" in picture(app)


async def test_undo_is_shown_as_a_plan_first(desk: Desk, fakes: Fakes) -> None:
    set_up(fakes, title="Second")
    app = menu(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await press(pilot, "u")
        assert isinstance(app.screen, PlanPage)
        assert "answers.toml" in picture(app) or "Apply" in picture(app)


async def test_after_a_repair_it_says_how_far_undo_goes(desk: Desk, fakes: Fakes) -> None:
    set_up(fakes, title="Second")
    fakes.containers.stop(CONTAINER, 1)
    set_up(fakes, title="Second")
    app = menu(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        text = picture(app)
        assert "last change" in text
        assert "generation 3" in text
        assert "u goes back to generation 1, after showing" in text
        assert "takes it back" not in text
        await press(pilot, "u")
        assert isinstance(app.screen, PlanPage)


async def test_a_repair_alone_is_nothing_to_take_back(desk: Desk, fakes: Fakes) -> None:
    fakes.containers.stop(CONTAINER, 1)
    set_up(fakes)
    app = menu(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert "generation 2" in picture(app)
        assert "u undo" not in picture(app)
        assert "There is nothing to take back yet" in await press(pilot, "u")


async def test_help_and_the_smallest_screen(desk: Desk) -> None:
    app = menu(desk)
    async with app.run_test(size=TINY) as pilot:
        await settle(pilot)
        assert "People and invitations" in picture(app)
        assert "Enter open" in picture(app)
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpPage)


async def test_features_are_switched_and_shown_as_a_plan(desk: Desk) -> None:
    app = menu(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        app.screen.query_one("#menu-features").focus()
        await pilot.press("enter")
        assert isinstance(app.screen, FeaturesPage)
        await pilot.pause()
        app.screen.query_one("#feature-web").focus()
        await pilot.press("space")
        await pilot.pause()
        assert f"{ON - 1} of {COUNT} on • 1 changed" in picture(app)
        assert "(changed)" in picture(app)
        app.screen.query_one("#show").focus()
        await press(pilot, "enter")
        assert isinstance(app.screen, PlanPage)
        assert "Web apps      the preset decides -> off" in picture(app)
        await pilot.press("enter")
        for _ in range(3):
            await settle(pilot)
        await press(pilot, "enter")
        assert isinstance(app.screen, MenuPage), "what was applied is no longer to be shown as changed"


async def test_switched_features_are_not_dropped_by_one_key(desk: Desk) -> None:
    app = menu(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        app.screen.query_one("#menu-features").focus()
        await press(pilot, "enter")
        app.screen.query_one("#feature-web").focus()
        assert "! Esc again drops what you changed here" in await press(pilot, "space", "escape")
        await press(pilot, "down", "escape")
        assert isinstance(app.screen, FeaturesPage), "it is told anew where one went on meanwhile"
        await press(pilot, "escape")
        assert isinstance(app.screen, MenuPage)


async def test_a_feature_without_questions_says_so(desk: Desk) -> None:
    app = WizardApp(desk, lambda: FeaturesPage(desk, MenuPage(desk)._draft()))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        app.screen.query_one("#feature-contacts").focus()
        await pilot.press("enter")
        await pilot.pause()
        assert "nothing to choose" in picture(app)


@pytest.mark.parametrize("language", ["en", "de"])
async def test_features_stand_in_the_order_of_what_is_read(desk: Desk, fakes: Fakes, language: str) -> None:
    fakes.appliance.catalogues["de"] = ShippedAppliance().catalogue("de")
    desk.speak(language)
    app = WizardApp(desk, lambda: FeaturesPage(desk, MenuPage(desk)._draft()))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        titles = [row.title for row in app.screen.query_one("#features").query(Row)]
        plain = str.maketrans("ÄÖÜäöü", "AOUaou")
        assert titles == sorted(titles, key=lambda title: title.translate(plain).lower())
        assert len(titles) == len(all_features())


async def test_the_form_of_a_feature_promises_no_plan_as_it_leads_back_to_the_features(desk: Desk) -> None:
    app = WizardApp(desk, lambda: FeaturesPage(desk, MenuPage(desk)._draft()))
    async with app.run_test(size=SMALL) as pilot:
        app.screen.query_one("#feature-group_chat").focus()
        text = await press(pilot, "enter", "right")
        assert "[ Take over ]" in text
        assert "Show what changes" not in text
        assert "! Esc again drops what you changed here; Take over keeps it." in await press(pilot, "escape")
        app.screen.query_one("#show").focus()
        text = await press(pilot, "enter")
        assert isinstance(app.screen, FeaturesPage)
        assert "1 changed" in text


async def test_a_search_that_finds_too_much_says_how_many_are_shown(desk: Desk) -> None:
    app = WizardApp(desk, lambda: SearchPage(desk, MenuPage(desk)._draft()))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert " found, the first 40 shown" in picture(app).splitlines()[0]
