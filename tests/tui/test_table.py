"""The table of any length."""

from __future__ import annotations

import time

import pytest
from tests.tui.conftest import SMALL, TINY, picture
from textual.app import App, ComposeResult

from xmpp_wizard.tui.table import Cells, Table


class Alone(App[None]):
    """A table and nothing else."""

    def __init__(self, items: list[str]) -> None:
        super().__init__()
        self.items = items
        self.drawn = 0

    def compose(self) -> ComposeResult:
        yield Table(str, self.cells, title_width=12)

    def cells(self, item: str) -> Cells:
        self.drawn += 1
        return "!" if item.startswith("x") else "", item, f"value of {item}"

    @property
    def table(self) -> Table[str]:
        return self.query_one(Table)

    def on_mount(self) -> None:
        self.table.show(self.items)
        self.table.focus()


async def test_keys_go_about_and_the_cursor_stays_in_sight() -> None:
    app = Alone([f"row {number}" for number in range(100)])
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        for key, at in (("down", 1), ("up", 0), ("up", 99), ("down", 0), ("pagedown", 23), ("end", 99), ("pageup", 76),
                        ("pagedown", 99), ("home", 0)):  # fmt: skip
            await pilot.press(key)
            await pilot.pause()
            assert app.table.cursor == at, key
            assert f"»  row {at} " in picture(app)
            assert picture(app).splitlines()[app.table.place().y].startswith("»"), "the terminal's own cursor is there"
        await pilot.press("end")
        await pilot.resize_terminal(*TINY)
        await pilot.pause()
        assert "»  row 99" in picture(app)


async def test_what_is_cut_off_beside_a_scroll_bar_is_seen_to_be_cut_off() -> None:
    app = Alone([f"row {number} {'long ' * 20}" for number in range(100)])
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        app.table._title_width = 90
        app.table.refresh()
        await pilot.pause()
        line = app.table.render_line(0)
        assert app.table.show_vertical_scrollbar
        assert line.cell_length == SMALL[0] - app.table.scrollbar_size_vertical
        assert line.text.rstrip().endswith("~")


async def test_the_cursor_stays_on_its_item() -> None:
    app = Alone(["a", "b", "c"])
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("down")
        app.table.show(["0", "a", "a2", "b", "c"])
        assert app.table.chosen == "b"
        app.table.show(["a", "c"])
        assert app.table.chosen == "c", "what is gone gives its place to the next"
        app.table.show([])
        assert app.table.chosen is None
        await pilot.press("down", "end", "pageup", "enter")


async def test_thousands_cost_no_more_than_what_is_in_sight() -> None:
    app = Alone([f"row {number}" for number in range(50_000)])
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        app.drawn = 0
        before = time.monotonic()
        for _ in range(20):
            await pilot.press("pagedown")
        await pilot.pause()
        assert app.drawn <= 24 * 60, "only lines in sight are made"
        assert time.monotonic() - before < 5


@pytest.mark.parametrize("name", ["[bold]x[/]", "家族" * 20, "x" * 1000, "e\u0301" * 30, "{name}", "\u05d0\u05d1"])
async def test_hostile_names_move_nothing(name: str) -> None:
    app = Alone([name, "plain"])
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        lines = picture(app).splitlines()
        assert lines[1] == "   plain       value of plain"
        assert name[:4] in lines[0]
