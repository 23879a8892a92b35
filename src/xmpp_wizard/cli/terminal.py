"""The person's side: narration goes to stderr, and questions are asked only where somebody can answer."""

from __future__ import annotations

import os
import re
import sys
import termios
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from textwrap import fill
from typing import TextIO

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.states import state_word
from xmpp_wizard.core.text import Text, say

WIDTH = 80
ERASE = "\r\x1b[K"
"""Takes away the line that a terminal is at."""
LOOKING = say("Looking at this machine")
ASKING = say("Asking the server")
_COLOURS = {
    "ok": "32",
    "done": "32",
    "FAIL": "31;1",
    "!": "33;1",
    "DELETES": "31;1",
    "SHUTS OUT": "31;1",
    "now": "1",
    "later": "33",
}
_TYPED = re.compile(r"`[^`\n]+`|(?<=: )(?:sudo|xmpp-wizard) (?:(?![.,;:] ).)+")
"""A command in a sentence: between backticks, or after a colon to the end of its part of the sentence."""
_GLUE = "\0"
"""Stands for a space where no line may end; :func:`plain` leaves no such sign."""
_SERVER: ContextVar[Layout] = ContextVar("server", default=Layout())  # noqa: B039 nobody can change it

_CONTROLS = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours, movements
    r"|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)?"  # titles, links, the clipboard
    r"|(?!\n|\t)[\x00-\x1f\x7f-\x9f]"
    r"|[\u202a-\u202e\u2066-\u2069]"  # signs that turn the direction of others
)


def plain(text: object) -> str:
    """Return ``text`` with nothing in it that a terminal obeys; what others wrote must not draw or type there."""
    return _CONTROLS.sub("", str(text))


def speak_of(layout: Layout) -> None:
    """Name this server in the commands that are told from now on."""
    _SERVER.set(layout)


def told(text: object) -> str:
    """Return a sentence with the commands in it as they are typed for the server that is spoken of."""
    return _SERVER.get().addressed(str(text))


def narrate(line: str = "") -> None:
    """Tell the person something; scripts that read stdout do not see it."""
    print(line, file=sys.stderr, flush=True)


def is_interactive() -> bool:
    """Say whether there is somebody who sees a question and can answer it."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def is_dumb(environment: Mapping[str, str]) -> bool:
    """Say whether the terminal only writes one line after the other."""
    return environment.get("TERM", "") in ("", "dumb", "unknown")


@contextmanager
def plainly() -> Iterator[None]:
    """Write as to a terminal that only writes lines: no colours, nothing drawn over; screen readers read each once."""
    before = os.environ.get("TERM")
    os.environ["TERM"] = "dumb"
    try:
        yield
    finally:
        os.environ.pop("TERM")
        if before is not None:
            os.environ["TERM"] = before


def draws_over(stream: TextIO) -> bool:
    """Say whether a line can be drawn over there."""
    return stream.isatty() and not is_dumb(os.environ)


@contextmanager
def waiting(what: Text) -> Iterator[None]:
    """Say on a terminal what takes a while, until the block is over; elsewhere, and where lines stay, nothing."""
    if not draws_over(sys.stderr):
        yield
        return
    print(f"{what} ...", end="", file=sys.stderr, flush=True)
    try:
        yield
    finally:
        print(ERASE, end="", file=sys.stderr, flush=True)


def has_colour(stream: TextIO) -> bool:
    """Say whether colours mean something there (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def mark(word: str, stream: TextIO | None = None, words: Callable[[Text], str] = str) -> str:
    """Return a state word such as ``ok`` in five columns; its colour only repeats what it says."""
    padded = f"{state_word(word, words):<5}"
    colour = _COLOURS.get(word)
    return f"\x1b[{colour}m{padded}\x1b[0m" if colour and has_colour(stream or sys.stderr) else padded


def folded(text: object, indent: int = 0, first: int | None = None) -> str:
    """Return ``text`` plain, in lines of at most 80 columns; ``first`` is the first line's indent if it is another.

    A command stays in one line, however long, so that it can be copied.
    """
    lines = _TYPED.sub(lambda typed: typed[0].replace(" ", _GLUE), plain(told(text))).splitlines() or [""]
    leading = indent if first is None else first
    return "\n".join(
        fill(
            line,
            WIDTH,
            initial_indent=" " * (leading if number == 0 else indent),
            subsequent_indent=" " * indent,
            break_long_words=False,
            break_on_hyphens=False,
        ).replace(_GLUE, " ")
        for number, line in enumerate(lines)
    )


def confirm(question: object) -> bool:
    """Ask and return whether the answer is yes; Enter, end of input and anything else are a no."""
    return ask(f"{question} [y/N]").lower() in ("y", "yes")


def is_typed(question: object, expected: str) -> bool:
    """Ask for ``expected`` to be typed and return whether it was."""
    return ask(question) == expected


def ask(question: object) -> str:
    """Ask and return the answer; the end of input is an empty one."""
    return next_line(question) or ""


def next_secret(question: object) -> str | None:
    """Ask as :func:`next_line` does; on a terminal nobody sees what is typed."""
    try:
        number = sys.stdin.fileno()
        before = termios.tcgetattr(number)
    except (termios.error, OSError, ValueError):
        # no terminal: nobody would see it
        return next_line(question)
    unseen = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
    termios.tcsetattr(number, termios.TCSADRAIN, unseen)
    try:
        return next_line(question)
    finally:
        termios.tcsetattr(number, termios.TCSADRAIN, before)
        # the Enter was not seen either
        narrate()


def next_line(question: object) -> str | None:
    """Ask and return the answer as plain text; None at the end of input."""
    print(question, end=" ", file=sys.stderr, flush=True)
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        narrate()
    return plain(answer).strip() if answer else None
