"""What is tried inside a container before it is interrupted, such as whether another server can be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xmpp_wizard.core.lua import to_lua
from xmpp_wizard.core.text import Text


@dataclass(frozen=True, slots=True)
class Problem:
    """What an exit status of a check means, and what to do then."""

    status: int
    text: Text
    hint: Text


@dataclass(frozen=True, slots=True)
class Check:
    """A Lua program below ``templates/`` with its arguments and environment, run in the Prosody container."""

    name: str
    title: Text
    program: str
    arguments: tuple[str, ...]
    environment: tuple[str, ...] = ()
    """``NAME=value``."""
    problems: tuple[Problem, ...] = ()
    """Every other exit status is no problem of the answers, and stops nothing."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A check as the container runs it."""

    name: str
    title: Text
    command: tuple[str, ...]
    problems: tuple[Problem, ...]


def trial(check: Check, templates: Mapping[str, str]) -> Trial:
    """Return the check with its program, which is the same however old the container's image is."""
    call = f"(function(...)\n{templates[check.program]}\nend)({', '.join(map(to_lua, check.arguments))})"
    return Trial(check.name, check.title, ("env", *check.environment, "lua5.4", "-e", call), check.problems)
