"""What every command gets beside its own arguments."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from xmpp_wizard.core.errors import NotRootError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import Text, say


@dataclass(frozen=True)
class Context:
    """One call of the program."""

    make_world: Callable[[], World]
    layout: Layout
    as_json: bool
    is_root: bool
    environment: Mapping[str, str]
    words: tuple[str, ...]
    """The command line, without the program's name."""
    open_wizard: Callable[[Context, Sequence[str]], int] | None = None
    """Opens the wizard on the full screen, with answers given as ``key=value``; another room, so it is handed in."""
    speak: Callable[[Text], str] = str
    """What turns a sentence into the person's language: commands speak English, a conversation theirs."""

    @cached_property
    def any_world(self) -> World:
        """The outside, for commands that only look at what everybody may see."""
        return self.make_world()

    @property
    def world(self) -> World:
        """The outside, for commands that read or change the server.

        Raises:
            NotRootError: the caller is not root; the hint is the command that works.
        """
        self.insist_on_root()
        return self.any_world

    def insist_on_root(self) -> None:
        """Return if the caller is root.

        Raises:
            NotRootError: the caller is not; the hint is the command that works.
        """
        if not self.is_root:
            raise NotRootError(
                say("this needs root: it reads or changes the server's own files"),
                say("Run: {command}", command=self.again()),
            )

    def again(self) -> str:
        """Return the shell command that does the same as root."""
        return shlex.join(["sudo", "xmpp-wizard", *self.words])

    def command(self, *words: str) -> str:
        """Return the shell command with these words for the same server."""
        return self.layout.command(*words)


def caller_is_root() -> bool:
    """Say whether the operating system lets this process do everything."""
    return os.geteuid() == 0


def write_out(data: bytes) -> None:
    """Write bytes to stdout as they are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
