"""What the page for leaving does beside asking."""

from __future__ import annotations

from collections.abc import Sequence

from tests.fakes import Fakes
from tests.tui.conftest import SMALL, picture, press, settle
from tests.tui.server import set_up

from xmpp_wizard.core.containers import CommandResult
from xmpp_wizard.tui.app import WizardApp
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens.leave import LeavePage

FILE = "/root/a.example-accounts.xml"


async def test_accounts_are_saved_to_a_file_once(desk: Desk, fakes: Fakes) -> None:
    set_up(fakes)
    fakes.files.put("/root/other", "")

    def aside(_name: str, command: Sequence[str]) -> CommandResult:
        fakes.files.put(str(desk.layout.data("prosody") / command[3].rpartition("/")[2]), "<server-data/>")
        return CommandResult(0, '{"event": "done", "accounts": 3, "left": {}}\n', "")

    fakes.containers.on_aside = aside
    app = WizardApp(desk, lambda: LeavePage(desk))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("down", "down", "down", "enter")
        await settle(pilot)
        text = picture(app)
        assert f"3 accounts are in {FILE}" in text
        assert "Not in it: rooms" in text
        await press(pilot, "enter")
        assert f"! {FILE} is there already, and is not written over" in picture(app)
    assert fakes.files.nodes[FILE].mode == 0o600


async def test_accounts_are_saved_also_below_another_root_where_there_is_no_folder_yet(
    desk: Desk, fakes: Fakes
) -> None:
    set_up(fakes)
    assert fakes.files.stat("/root") is None
    app = WizardApp(desk, lambda: LeavePage(desk))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("down", "down", "down", "enter")
        await settle(pilot)
        assert "no folder" not in picture(app)


async def test_lines_that_are_not_folded_tell_the_keys_to_their_ends(desk: Desk, fakes: Fakes) -> None:
    set_up(fakes)
    app = WizardApp(desk, lambda: LeavePage(desk))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("down", "down", "enter")
        await settle(pilot)
        assert "↑↓←→ scroll" in picture(app).splitlines()[-1]
        before = picture(app)
        assert await press(pilot, "right", "right", "right") != before


async def test_how_to_copy_the_server_is_the_first_row(desk: Desk, fakes: Fakes) -> None:
    set_up(fakes)
    app = WizardApp(desk, lambda: LeavePage(desk))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("enter")
        await settle(pilot)
        text = picture(app)
    assert "The same as a command: sudo xmpp-wizard export sheet" in text
    assert "takes the last change back" in text
    assert max(map(len, text.splitlines())) <= SMALL[0]
