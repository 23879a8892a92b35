"""The wizard where nothing is set up yet, and ways to walk through it."""

from __future__ import annotations

from collections.abc import Sequence

from tests.fakes import Fakes
from tests.tui.conftest import settle
from textual.pilot import Pilot

from xmpp_wizard.core.containers import CommandResult
from xmpp_wizard.tui.app import WizardApp
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.entry import first_screen
from xmpp_wizard.tui.widgets import Field

LINK = "https://a.example/invite?k3VtQm8sZx1RfYc2LwPdHb7N"


def wizard(desk: Desk) -> WizardApp:
    return WizardApp(desk, first_screen(desk))


async def type_address(pilot: Pilot[int], address: str = "alice@a.example") -> None:
    pilot.app.screen.query_one("#address", Field).value = address
    await pilot.pause(0.4)
    await settle(pilot)


def answer(fakes: Fakes, *, devices: str = "") -> None:
    """Let Prosody's shell answer as the real one does."""

    def on_run(_name: str, command: Sequence[str], _user: str, _stdin: bytes) -> CommandResult:
        words = " ".join(command)
        if "invite" in words:
            return CommandResult(0, f"{LINK}\n", "")
        if "full_sessions" in words:
            return CommandResult(0, f"{devices}\nResult: end\n", "")
        return CommandResult(0, "OK: \n", "")

    fakes.containers.on_run = on_run
