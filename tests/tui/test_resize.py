"""The window gets another size, on a machine that is busy with something else."""

from __future__ import annotations

import pytest
from tests.fakes import Fakes
from tests.tui.conftest import LARGE, SMALL, picture
from tests.tui.on_plan import wizard
from textual.events import Resize
from textual.geometry import Size
from textual.timer import Timer

from xmpp_wizard.tui.desk import Desk


async def test_a_size_of_before_that_comes_last_is_not_taken_for_the_windows(desk: Desk, fakes: Fakes) -> None:
    app = wizard(desk, fakes)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        app.screen.post_message(Resize(Size(50, 12), Size(50, 12)))
        await pilot.pause(0.1)
        assert picture(app).splitlines()[1] == "─" * SMALL[0]


async def test_each_size_is_taken_though_a_timer_passes_over_its_only_moment(
    desk: Desk, fakes: Fakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Timer._run

    async def run_late(timer: Timer) -> None:
        # what a machine does that gives Textual no processor for a moment: such a timer ends without a word
        if timer._repeat is None or timer._interval > 1 / 100:
            await run(timer)

    app = wizard(desk, fakes)
    async with app.run_test(size=SMALL) as pilot:
        monkeypatch.setattr(Timer, "_run", run_late)
        for size in (LARGE, SMALL, (100, 30)):
            await pilot.resize_terminal(*size)
            await pilot.pause(0.1)
            assert picture(app).splitlines()[1] == "─" * size[0]
