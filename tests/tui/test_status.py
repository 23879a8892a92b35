"""Status, log, history, export and uninstall."""

from __future__ import annotations

import pytest
from tests.fakes import Fakes
from tests.tui.conftest import LARGE, SMALL, TINY, picture, press, settle
from tests.tui.server import CONTAINER, Prosody, set_up

from xmpp_wizard.core.errors import EngineError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.text import say
from xmpp_wizard.tui.app import WizardApp
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens.form import FormScreen
from xmpp_wizard.tui.screens.history import HistoryPage
from xmpp_wizard.tui.screens.leave import LeavePage
from xmpp_wizard.tui.screens.log import LogPage
from xmpp_wizard.tui.screens.names import NamesPage
from xmpp_wizard.tui.screens.plan import PlanPage
from xmpp_wizard.tui.screens.status import StatusPage
from xmpp_wizard.tui.screens.text import TextPage
from xmpp_wizard.tui.widgets import Row

LOG = [
    "2026-01-01T12:00:01 usermanager                               info\tUser account enabled: bob@a.example",
    "2026-01-01T12:00:02 s2sout55e28db67900                        warn\tchat.example: certificate ended",
]


@pytest.fixture(autouse=True)
def prosody(fakes: Fakes) -> Prosody:
    fakes.containers.log_lines[CONTAINER] = LOG
    return set_up(fakes)


async def test_a_server_that_is_well(desk: Desk) -> None:
    app = WizardApp(desk, lambda: StatusPage(desk))
    for size in (SMALL, LARGE, TINY):
        app = WizardApp(desk, lambda: StatusPage(desk))
        async with app.run_test(size=size) as pilot:
            await settle(pilot)
            text = picture(app)
            assert "»ok    Chat" in text, size
            assert "7 of 7 open" in text
            assert "r repair" not in text
            assert "Read at" in text


async def test_now_and_log(desk: Desk) -> None:
    app = WizardApp(desk, lambda: StatusPage(desk))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        text = picture(app)
        assert "Now 1 person, 2 devices" in text
        assert "chat.example: certificate ended" in text
        assert "User account enabled" not in text
        await pilot.press("f")
        await pilot.pause()
        assert "User account enabled" in picture(app)


async def test_what_is_down_comes_first_and_r_shows_the_plan(desk: Desk, fakes: Fakes) -> None:
    fakes.containers.stop(CONTAINER, 1)
    fakes.sockets.listening = ()
    app = WizardApp(desk, lambda: StatusPage(desk))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        text = picture(app)
        assert "»FAIL  Chat" in text
        assert "r repair" in text
        await press(pilot, "r")
        assert isinstance(app.screen, PlanPage)


async def test_a_silent_engine_keeps_the_picture_and_says_since_when(desk: Desk, fakes: Fakes) -> None:
    app = WizardApp(desk, lambda: StatusPage(desk))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        fakes.containers.fail_at["observe"] = EngineError(say("Docker does not answer"), say("Start it."))
        app.screen.read()  # type: ignore[attr-defined]
        await settle(pilot)
        text = picture(app)
        assert "FAIL  Engine    Docker does not answer" in text
        assert "as of" in text
        assert "7 of 7 open" in text


async def test_an_engine_that_is_down_from_the_start_is_started_with_r(desk: Desk, fakes: Fakes) -> None:
    fakes.containers.is_engine_down = True
    app = WizardApp(desk, lambda: StatusPage(desk))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        text = picture(app)
        assert "»FAIL  Engine    the container engine is not running since 12:00:00: r starts" in text
        assert "ok    Certs     3 names" in text, "what can be known without the engine is there"
        assert " ok    Disk" in text
        assert "Chat" not in text
        assert "r repair" in text.splitlines()[-1]
        text = await press(pilot, "r")
        assert "The container engine is started." in text
        assert "»ok    Chat" in text


async def test_r_starts_an_engine_that_went_away_while_the_focus_was_on_another_row(desk: Desk, fakes: Fakes) -> None:
    app = WizardApp(desk, lambda: StatusPage(desk))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        fakes.containers.is_engine_down = True
        app.screen.read()  # type: ignore[attr-defined]
        await settle(pilot)
        text = picture(app)
        assert "»ok    Chat" in text
        assert "r starts" in text
        assert "The container engine is started." in await press(pilot, "r")


async def test_r_says_so_where_nothing_can_be_repaired(desk: Desk) -> None:
    app = WizardApp(desk, lambda: StatusPage(desk))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert "There is nothing to repair." in await press(pilot, "r")


async def test_rows_stay_the_same_while_values_change(desk: Desk, fakes: Fakes) -> None:
    app = WizardApp(desk, lambda: StatusPage(desk))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("down", "down")
        rows = set(app.screen.query(Row))
        fakes.sockets.listening = fakes.sockets.listening[1:]
        app.screen.read()  # type: ignore[attr-defined]
        await settle(pilot)
        text = picture(app)
        assert text.splitlines()[2].startswith(" FAIL  Ports     6 of 7 open")
        assert set(app.screen.query(Row)) == rows, "nothing was drawn anew"
        assert "»ok    Certs" in text, "the focus stays on its row"


async def test_the_last_day_is_a_curve_which_gives_way_to_a_low_screen(desk: Desk) -> None:
    app = WizardApp(desk, lambda: StatusPage(desk))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        text = picture(app)
        assert f"   6 ┤{'':34}░▒██▒░".rstrip() in text, text
        assert "people, last 24 h" in text
        await pilot.resize_terminal(*TINY)
        await settle(pilot)
        text = picture(app)
        assert "Log:" not in text
        assert "   0 ┤" in text
        assert "24 h" not in text


async def test_a_server_that_stopped_counting_says_when(desk: Desk, fakes: Fakes) -> None:
    fakes.clock.sleep(3600)
    app = WizardApp(desk, lambda: StatusPage(desk))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert "At 1 Jan 12:00: 1 person, 2 devices; linked to 3 other servers" in picture(app)


async def test_a_server_of_an_earlier_version_does_not_count_yet(desk: Desk, fakes: Fakes) -> None:
    fakes.files.remove(str(Layout().data("prosody") / "head_count.json"))
    app = WizardApp(desk, lambda: StatusPage(desk))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        text = picture(app)
        assert "Who is here is counted from the next change on." in text
        assert "┤" not in text


async def test_a_page_that_is_only_looked_at_leaves_no_lines_in_the_log(desk: Desk, prosody: Prosody) -> None:
    app = WizardApp(desk, lambda: StatusPage(desk))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        for _ in range(3):
            app.screen.read()  # type: ignore[attr-defined]
            await settle(pilot)
    assert prosody.commands == []


async def test_details_pause_and_log(desk: Desk) -> None:
    app = WizardApp(desk, lambda: StatusPage(desk))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("down", "enter")
        await settle(pilot)
        assert isinstance(app.screen, TextPage)
        assert "5222" in picture(app)
        await pilot.press("escape", "p")
        await settle(pilot)
        assert "Held still" in picture(app)
        await press(pilot, "l")
        assert isinstance(app.screen, LogPage)
        await pilot.press("f")
        await pilot.pause()
        assert "bob@a.example" in picture(app)


async def test_history_goes_back_by_a_plan(desk: Desk, fakes: Fakes) -> None:
    set_up(fakes, title="Second")
    app = WizardApp(desk, lambda: HistoryPage(desk))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        text = picture(app)
        assert "in use now; root: The server's own name" in text
        assert "go back to it" not in text, "this is the one that runs"
        assert "u undo the last" in text
        await pilot.press("enter")
        await pilot.pause()
        assert "the one that the server runs" in picture(app)
        await press(pilot, "d")
        assert "title = 'Second'" in picture(app)
        await pilot.press("escape", "down")
        await settle(pilot)
        assert "Enter go back to it" in picture(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, PlanPage)


async def test_history_passes_over_a_repair(desk: Desk, fakes: Fakes) -> None:
    fakes.containers.stop(CONTAINER, 1)
    set_up(fakes)
    app = WizardApp(desk, lambda: HistoryPage(desk))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert "   u " not in picture(app).splitlines()[-1]
        await press(pilot, "u")
        assert isinstance(app.screen, HistoryPage)
    set_up(fakes, title="Second")
    fakes.containers.stop(CONTAINER, 1)
    set_up(fakes, title="Second")
    app = WizardApp(desk, lambda: HistoryPage(desk))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert "u back to generation 2" in picture(app)


async def test_the_set_up_is_exported(desk: Desk) -> None:
    app = WizardApp(desk, lambda: LeavePage(desk))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("down")
        await press(pilot, "enter")
        assert "domain = 'a.example'" in picture(app)
        await pilot.press("escape", "down", "enter")
        await settle(pilot)
        assert "services:" in picture(app)


async def test_uninstall_asks_and_has_the_safe_answer_focused(desk: Desk, fakes: Fakes) -> None:
    app = WizardApp(desk, lambda: LeavePage(desk))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("down", "down", "down", "down", "enter")
        await settle(pilot)
        assert "» [ Leave all as it is ]" in picture(app)
        await press(pilot, "enter")
        assert CONTAINER in fakes.containers.containers
        await press(pilot, "enter")
        await pilot.press("down", "enter")
        await settle(pilot)
        assert "removed the " in picture(app), "each thing that goes is told"
    assert CONTAINER not in fakes.containers.containers
    assert fakes.files.read(str(Layout().answers)) is not None
    assert app.return_value == 0


async def test_deleting_everything_wants_the_domain_typed(desk: Desk, fakes: Fakes) -> None:
    app = WizardApp(desk, lambda: LeavePage(desk))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("up", "enter")
        await settle(pilot)
        await press(pilot, "enter")
        assert CONTAINER in fakes.containers.containers
        await pilot.press(*"a.example", "enter")
        await settle(pilot)
    assert CONTAINER not in fakes.containers.containers
    assert fakes.files.read(str(Layout().answers)) is None


async def test_certificates_are_shown_and_renewed_by_a_plan(desk: Desk) -> None:
    app = WizardApp(desk, lambda: NamesPage(desk))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert "days left, by this machine's own authority" in picture(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, FormScreen)
        await pilot.press("escape", "down", "enter")
        await settle(pilot)
        assert "groups.a.example" in picture(app)
        await pilot.press("escape", "n")
        await settle(pilot)
        assert isinstance(app.screen, PlanPage)
        assert "[ Apply ]" in picture(app)
