"""Each page as a person sees it, compared with the picture in ``pictures/``.

To accept a change: delete the picture, run the test twice, and read the difference before it is committed.
"""

from __future__ import annotations

import time

import pytest
from tests.fakes import Fakes
from tests.tui.conftest import LARGE, SMALL, picture, settle
from tests.tui.pages import PAGES, PICTURES
from tests.tui.server import CONTAINER, set_up

from xmpp_wizard.tui.app import WizardApp
from xmpp_wizard.tui.desk import Desk

LOG = ["2026-01-01T12:00:02 s2sout55e28db67900 warn\tchat.example: its certificate ended yesterday"]


@pytest.fixture(autouse=True)
def _frozen(fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    fakes.containers.log_lines[CONTAINER] = LOG
    set_up(fakes)


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
@pytest.mark.parametrize("name", PAGES)
async def test_picture(desk: Desk, name: str, size: tuple[int, int]) -> None:
    page = PAGES[name](desk)
    app = WizardApp(desk, lambda: page)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        seen = picture(app) + "\n"
    path = PICTURES / f"{name}-{size[0]}x{size[1]}.txt"
    if not path.exists():
        path.write_text(seen, encoding="utf-8")
        pytest.fail(f"{path.name} is new: look at it, then run the test again")
    assert seen == path.read_text(encoding="utf-8")
