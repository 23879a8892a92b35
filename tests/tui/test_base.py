"""The frame of every screen: rows in their places, keys of the focus, Tab between groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

import pytest
from tests.fakes import Fakes
from tests.tui.conftest import SMALL, TINY, picture
from tests.tui.consoles import ON_CONSOLES
from textual import events
from textual.widget import Widget

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.tui.app import WizardApp
from xmpp_wizard.tui.base import Page
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.forms.controls import Entry
from xmpp_wizard.tui.typed import Typed
from xmpp_wizard.tui.widgets import Field, Group, Press, Row, Tick


class Sample(Page[None]):
    """A page with one of each."""

    def heading(self) -> Text:
        return say("Sample")

    def state(self) -> Text:
        return say("host.example • well")

    def promise(self) -> Text:
        return say("Nothing happens here.")

    def body(self) -> Iterable[Widget]:
        yield Field("text", id="field")
        yield Group(Row("One", "first", why=say("It is the first.")), Row("Two", "second"), id="rows")
        yield Group(Press("Go"), Press("Stop"), classes="buttons")
        yield Tick("A tick", id="tick")

    def keys(self) -> Sequence[tuple[str, Text]]:
        return [("Enter", say("next"))] if self.is_typing() else [("Enter", say("open")), ("Esc", say("back"))]


class Lines(Sample):
    """A page with both kinds of lines of text."""

    def body(self) -> Iterable[Widget]:
        yield Field("high")
        yield Entry("low")


async def test_the_line_with_the_focus_shows_also_where_double_strokes_look_like_single_ones(desk: Desk) -> None:
    app = WizardApp(desk, lambda: Lines(desk))
    seen: dict[str, list[str]] = {"high": [], "low": []}
    async with app.run_test(size=SMALL) as pilot:
        for _ in range(2):
            await pilot.pause()
            for name, looks in seen.items():
                line = next(line for line in picture(app).splitlines() if name in line)
                looks.append(line.translate(ON_CONSOLES).strip()[:6].rstrip())
            await pilot.press("tab")
    assert seen == {"high": ["█ high", "│ high"], "low": ["│low", "█low"]}


@pytest.mark.parametrize("line", [Field, Entry])
@pytest.mark.parametrize(
    ("keys", "typed"),
    [
        (("a", "b", "backspace", "c"), "ac"),
        (("a", "b", "ctrl+u", "c"), "c"),
        (("b", "home", "a"), "ab"),
        (("a", "c", "left", "b", "end", "d"), "abcd"),
    ],
)
async def test_keys_pressed_faster_than_they_are_worked_off_keep_their_order(
    desk: Desk, line: type[Typed], keys: Sequence[str], typed: str
) -> None:
    app = WizardApp(desk, lambda: Lines(desk))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        field = app.screen.query_one(line)
        field.value = ""
        field.focus()
        await pilot.pause()
        for key in keys:
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        assert field.value == typed


class Marked(Sample):
    """A page with rows that need somebody."""

    def body(self) -> Iterable[Widget]:
        yield Group(Row("One", mark="!"), Row("Two", mark="!"))


async def test_the_row_with_the_focus_has_one_pair_of_colours(desk: Desk) -> None:
    app = WizardApp(desk, lambda: Marked(desk))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        strips = {
            name: [segment for segment in strip if segment.text.strip()]
            for strip in app.screen._compositor.render_strips()
            for name in ("One", "Two")
            if name in strip.text
        }
        assert len({segment.style for segment in strips["One"]}) == 1
        assert len({segment.style for segment in strips["Two"]}) == 2


async def test_rows_are_in_their_places(desk: Desk) -> None:
    app = WizardApp(desk, lambda: Sample(desk))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        lines = picture(app).splitlines()
        assert lines[0].startswith(" xmpp-wizard • Sample")
        assert lines[0].endswith("host.example • well")
        assert lines[1] == lines[22] == "─" * 80
        assert lines[21] == " Nothing happens here."
        assert lines[23].startswith(" Enter")


async def test_tab_goes_between_groups_and_arrows_inside(desk: Desk) -> None:
    app = WizardApp(desk, lambda: Sample(desk))
    async with app.run_test(size=TINY) as pilot:
        names = []
        for key in ("tab", "down", "tab", "tab", "tab", "tab", "shift+tab"):
            await pilot.press(key)
            focused = app.screen.focused
            names.append(focused.title if isinstance(focused, Row) else focused.id if focused else None)
        assert names == ["One", "Two", "Go", "tick", "field", "Two", "field"]


async def test_home_and_end_go_to_the_ends_of_a_group(desk: Desk) -> None:
    app = WizardApp(desk, lambda: Sample(desk))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("tab", "end")
        assert isinstance(app.screen.focused, Row)
        assert app.screen.focused.title == "Two"
        await pilot.press("home")
        assert app.screen.focused.title == "One"


async def test_focus_is_a_sign_and_explains_itself(desk: Desk) -> None:
    app = WizardApp(desk, lambda: Sample(desk))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("tab")
        await pilot.pause()
        text = picture(app)
        assert "»  One" in text
        assert " It is the first." in text
        assert app.cursor_position == app.screen.focused.content_region.offset  # type: ignore[union-attr]


async def test_escape_and_ctrl_c_leave_the_first_screen(desk: Desk) -> None:
    for key in ("escape", "ctrl+c"):
        app = WizardApp(desk, lambda: Sample(desk))
        async with app.run_test(size=SMALL) as pilot:
            await pilot.press(key)
            await pilot.pause()
        assert app.return_value == 0


def test_commands_are_told_as_they_are_typed_for_this_server(fakes: Fakes) -> None:
    desk = Desk(fakes.world(), Layout(PurePosixPath("/srv/a"), "second"), {"LANG": "C.UTF-8"})
    assert desk.words(say("See: xmpp-wizard status")) == "See: xmpp-wizard --root /srv/a --instance second status"
