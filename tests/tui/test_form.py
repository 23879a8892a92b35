"""The one form for all settings."""

from __future__ import annotations

from typing import Any

from tests.fakes import Fakes
from tests.tui.conftest import LARGE, SMALL, TINY, picture
from textual.pilot import Pilot

from xmpp_wizard.core.draft import Draft, Key
from xmpp_wizard.core.text import say
from xmpp_wizard.effects.appliance import ShippedAppliance
from xmpp_wizard.tui.app import WizardApp
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens.form import FormOf, FormScreen

FILE = 'domain = "a.example"\n'


class Kept(FormScreen):
    """Keeps what it ended with."""

    ended: list[Draft | None]

    def dismiss(self, result: Any = None) -> Any:  # noqa: ANN401 as Textual's
        """Note it."""
        self.ended = [*getattr(self, "ended", []), result]
        return super().dismiss(result)


def form(desk: Desk, *keys: Key, start: Key = ()) -> tuple[WizardApp, Kept]:
    screen = Kept(desk, FormOf(say("Settings"), keys), Draft(FILE), start=start)
    return WizardApp(desk, lambda: screen), screen


async def press(pilot: Pilot[Any], *keys: str) -> str:
    for key in keys:
        await pilot.press(key)
    await pilot.pause()
    return picture(pilot.app)


async def test_a_choice_a_number_and_the_end(desk: Desk) -> None:
    app, screen = form(desk, ("security",), ("features", "group_chat"))
    async with app.run_test(size=SMALL) as pilot:
        text = await press(pilot, "right")
        assert "( ) recommended  (*) strict" in text
        assert "1 change" in text.splitlines()[0]
        await press(pilot, "tab", "down", *"14", "tab")
        await press(pilot, "enter")
        (draft,) = screen.ended
        assert draft is not None
        assert draft.changes == {("security", "level"): "strict", ("features", "group_chat", "history_days"): 14}


async def test_where_data_are_kept_already_it_says_what_another_place_means(desk: Desk, fakes: Fakes) -> None:
    app, _ = form(desk, ("storage",))
    async with app.run_test(size=SMALL):
        assert all(f"( ) {name}\n" in picture(app) for name in ("internal", "postgresql", "mariadb", "external"))
    fakes.files.put(str(desk.layout.pinned), '{"storage": "sqlite"}')
    app, _ = form(desk, ("storage",))
    async with app.run_test(size=SMALL):
        text = picture(app)
        assert "( ) internal" in text
        assert "(*) sqlite" in text
        assert "All data are in SQLite. Another one: they move there" in " ".join(text.split())


async def test_a_wrong_answer_is_said_beside_it_and_stays(desk: Desk) -> None:
    app, screen = form(desk, ("network",))
    async with app.run_test(size=SMALL) as pilot:
        await press(pilot, "down", "down", "down", "enter")  # into the fold
        text = await press(pilot, *"nowhere", "down")
        assert '! "nowhere" is no IP address' in text
        assert "│nowhere" in text
        await press(pilot, "tab")
        text = await press(pilot, "enter")
        assert "Something is not right yet" in text
        assert app.focused is not None
        assert app.focused.id == "ask-network-listen"
        assert not hasattr(screen, "ended")


async def test_the_fold_opens_and_a_search_starts_inside_it(desk: Desk) -> None:
    app, _ = form(desk, ("features", "group_chat"))
    async with app.run_test(size=SMALL) as pilot:
        text = await press(pilot, "down", "down", "down")
        assert "[ 2 more settings ]" in text
        assert "Name of the service" not in text
        assert "Name of the service" in await press(pilot, "enter")
    app, _ = form(desk, ("features", "group_chat"), start=("features", "group_chat", "host"))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        assert app.focused is not None
        assert app.focused.id == "ask-features-group_chat-host"


async def test_what_is_missing_in_the_fold_is_brought_into_sight(desk: Desk) -> None:
    app, screen = form(desk, ("storage",))
    async with app.run_test(size=SMALL) as pilot:
        await press(pilot, "right", "right", "right", "down", "down", "down", "down")
        assert app.focused is not None
        text = await press(pilot, "enter")
        assert app.focused.id == "ask-storage-external-password_file"
        assert "File with the user's" in text
        assert "is missing" in text
        assert not hasattr(screen, "ended")


async def test_nothing_different_is_said(desk: Desk) -> None:
    app, screen = form(desk, ("storage",))
    async with app.run_test(size=SMALL) as pilot:
        assert "Nothing is different" in await press(pilot, "tab", "tab", "enter")
        await press(pilot, "escape")
        assert screen.ended == [None]


async def test_what_was_changed_is_not_dropped_by_one_key(desk: Desk) -> None:
    app, screen = form(desk, ("security",))
    async with app.run_test(size=SMALL) as pilot:
        assert "! Esc again drops what you changed here" in await press(pilot, "right", "escape")
        assert not hasattr(screen, "ended")
        await press(pilot, "escape")
        assert screen.ended == [None]


async def test_what_was_changed_and_changed_back_is_nothing_to_drop(desk: Desk) -> None:
    app, screen = form(desk, ("security",))
    async with app.run_test(size=SMALL) as pilot:
        await press(pilot, "right", "left", "escape")
        assert screen.ended == [None]


async def test_every_size_has_its_layout(desk: Desk) -> None:
    for size, has_sentence, has_details in ((TINY, False, False), (SMALL, True, False), (LARGE, True, True)):
        app, _ = form(desk, ("security",))
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            text = picture(app)
            assert ("still work" in text) == has_sentence, size
            assert ("On the command line" in text) == has_details, size
            assert "Show what changes" in text


async def test_rubbish_breaks_nothing(desk: Desk) -> None:
    app, _ = form(desk, ())
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        for widget in app.screen.query("Entry"):
            widget.value = "🎉\u202e" + "x" * 10_000  # type: ignore[attr-defined]
        text = await press(pilot, "tab", "enter")
        assert "! " in text


async def test_what_is_wrong_elsewhere_is_said_in_the_person_s_language(desk: Desk, fakes: Fakes) -> None:
    fakes.appliance.catalogues["de"] = ShippedAppliance().catalogue("de")
    desk.speak("de")
    draft = Draft(FILE + "[network]\nhttps_port = 99999\n").with_change(("security", "level"), "strict")
    screen = FormScreen(desk, FormOf(say("Settings"), (("security",),)), draft)
    app = WizardApp(desk, lambda: screen)
    async with app.run_test(size=LARGE) as pilot:
        await pilot.pause()
        screen.query_one("#show").focus()
        await pilot.pause()
        (problem,) = draft.check().problems.values()
        assert desk.words(problem) != str(problem)
        assert f"! network.https_port: {desk.words(problem)}"[:60] in await press(pilot, "enter")
