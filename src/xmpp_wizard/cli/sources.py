"""Where a command's answers come from: a file, stdin, or those of the server here; then environment and ``--set``."""

from __future__ import annotations

import argparse
import os
import sys

from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.parser import add_sets
from xmpp_wizard.core.errors import AnswersError, NotSetUpError
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.memory.generations import last_good
from xmpp_wizard.engine.setup import ApplyAnswers

STDIN = "-"
"""The name of a file that stands for standard input."""


def add_answer_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--answers`` and ``--set``."""
    parser.add_argument(
        "--answers", metavar="FILE", help="the answer file, - for stdin; left out: the one of the server here"
    )
    add_sets(
        parser, "another value for one answer, such as security.level=strict; KEY= takes one back; may be repeated"
    )


def read_answers(context: Context, world: World, arguments: argparse.Namespace) -> ApplyAnswers:
    """Return the answers that the command line asks for.

    Raises:
        AnswersError: there is no such file, or something in it is wrong.
        DiskError: it cannot be read, or is no plain file.
        NotSetUpError: no file was named and there is no server here.
    """
    from xmpp_wizard.core.answers.file import MAX_BYTES, load  # noqa: PLC0415 only commands that read answers pay for it

    named: str | None = arguments.answers
    if named == STDIN:
        answers, text = load(from_stdin(), "stdin", context.environment, arguments.sets)
        return ApplyAnswers(answers, text, "stdin")
    path = os.path.abspath(named) if named else str(context.layout.answers)  # noqa: PTH100 keeps links as they are
    content = world.files.read(path, MAX_BYTES + 1)
    if content is None and named:
        raise AnswersError(
            say("there is no file {path}", path=named),
            say("Make one with: xmpp-wizard answers template > {path}", path=named),
        )
    good = last_good(world, context.layout) if content is None else None
    if content is None and good is not None:
        saved = context.layout.generations / str(good.number) / "answers.toml"
        raise NotSetUpError(
            say("this server's answer file {path} is gone", path=path),
            say("Put its last text back: sudo cp {saved} {path}", saved=saved, path=path),
        )
    if content is None:
        raise NotSetUpError(
            say("there is no server set up here yet, and no answers were given"),
            say("Make answers with `xmpp-wizard answers template > answers.toml`, then add: --answers answers.toml"),
        )
    answers, text = load(content, named or path, context.environment, arguments.sets)
    return ApplyAnswers(answers, text, path)


def from_stdin() -> bytes:
    """Return what standard input holds, and one byte more than an answer file may have where that is too much."""
    from xmpp_wizard.core.answers.file import MAX_BYTES  # noqa: PLC0415 see above

    return sys.stdin.buffer.read(MAX_BYTES + 1)
