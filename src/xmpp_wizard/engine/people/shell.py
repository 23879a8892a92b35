"""Prosody's shell, by which the running server is asked and told."""

from __future__ import annotations

from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from xmpp_wizard.core.containers import CommandResult
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.lua import to_lua
from xmpp_wizard.core.ports import World
from xmpp_wizard.engine.people.accounts import PROSODY_USER
from xmpp_wizard.engine.stopped import told_if_stopped

_SECONDS = 10.0
_END = "Result: end"
"""What the shell writes once a program has come to its end."""

T = TypeVar("T")


def shell(world: World, layout: Layout, *words: str) -> CommandResult:
    """Return what ``prosodyctl shell`` says to the words of one command."""
    command = ["prosodyctl", "shell", *words]
    with told_if_stopped(world, layout):
        return world.containers.run(layout.container("prosody"), command, user=PROSODY_USER, timeout_seconds=_SECONDS)


def run_program(world: World, layout: Layout, name: str, *words: str) -> CommandResult:
    """Return what the template ``name``, a Lua program, prints inside the running server when given ``words``."""
    program = world.appliance.templates()[name]
    # in a function of its own: the shell would print its variables otherwise
    return shell(world, layout, f"> return (function(...)\n{program}\nend)({', '.join(map(to_lua, words))})")


def json_lines(result: CommandResult, kind: TypeAdapter[T]) -> list[T] | None:
    """Return the JSON objects that a program printed, one a line; None where it did not print all, or other things."""
    lines = result.output.splitlines()
    try:
        found = [kind.validate_json(line) for line in lines if line.startswith("{")]
    except ValidationError:
        return None
    return found if _END in lines else None


def reason(result: CommandResult) -> str:
    """Return why it said no, in its own words."""
    lines = (result.errors or result.output).strip().removeprefix("Error: ").splitlines()
    return lines[-1] if lines else f"status {result.status}"
