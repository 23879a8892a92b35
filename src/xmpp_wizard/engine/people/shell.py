"""Prosody's shell, by which the running server is asked and told."""

from __future__ import annotations

from xmpp_wizard.core.containers import CommandResult
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.engine.people.accounts import PROSODY_USER

_SECONDS = 10.0


def shell(world: World, layout: Layout, *words: str) -> CommandResult:
    """Return what ``prosodyctl shell`` says to the words of one command."""
    command = ["prosodyctl", "shell", *words]
    return world.containers.run(layout.container("prosody"), command, user=PROSODY_USER, timeout_seconds=_SECONDS)


def reason(result: CommandResult) -> str:
    """Return why it said no, in its own words."""
    lines = (result.errors or result.output).strip().removeprefix("Error: ").splitlines()
    return lines[-1] if lines else f"status {result.status}"
