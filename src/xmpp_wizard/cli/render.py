"""``xmpp-wizard render DIR``: the files as apply would write them, below a folder of the caller's; no root needed."""

from __future__ import annotations

import argparse
from pathlib import Path

from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.sources import add_answer_options, read_answers
from xmpp_wizard.cli.terminal import folded, mark, narrate, plain
from xmpp_wizard.core.errors import DiskError, NeedsPersonError
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import say
from xmpp_wizard.core.wanted.desired import desired
from xmpp_wizard.engine.memory import state
from xmpp_wizard.engine.setup import target_of

_EXAMPLES = """
xmpp-wizard render out --answers answers.toml
xmpp-wizard render out --answers answers.toml --set security.level=strict
"""


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "render", COMMANDS["render"].summary, run, examples=_EXAMPLES)
    parser.add_argument("folder", metavar="DIR", help="an empty folder, or one to be made")
    add_answer_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the files and say which."""
    context: Context = arguments.context
    target = target_from(context, arguments)
    folder = Path(arguments.folder)
    _check_empty(folder)
    written = []
    try:
        for file in target.files:
            path = folder / file.path.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file.text, encoding="utf-8")
            path.chmod(file.mode)
            written.append(str(path))
    except OSError as error:
        raise DiskError(
            say("cannot write below {folder}: {reason}", folder=folder, reason=error.strerror or error),
            say("Is the folder yours, and is there room on the disk?"),
        ) from error
    if context.as_json:
        print_json({"files": written})
    else:
        for name in written:
            print(plain(name))
        text = say("{count} files are below {folder}", count=len(written), folder=folder)
        narrate(f"{mark('done')} " + folded(text, 6).lstrip())
        narrate(folded(say("Secrets and certificates are made by apply only.")))
    return 0


def target_from(context: Context, arguments: argparse.Namespace) -> Target:
    """Return the target for the answers on the command line; for the server's own it reads its pinned facts."""
    is_own = arguments.answers is None
    world = context.world if is_own else context.any_world
    request = read_answers(context, world, arguments)
    pinned = state.pinned(world, context.layout) if is_own else {}
    return target_of(world, context.layout, desired(request.answers, pinned), request.text)


def _check_empty(folder: Path) -> None:
    try:
        is_free = not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))
    except OSError as error:
        raise DiskError(say("cannot look into {folder}: {reason}", folder=folder, reason=error.strerror)) from error
    if not is_free:
        raise NeedsPersonError(
            say("{folder} is not empty, and nothing there shall be overwritten", folder=folder),
            say("Name a folder that does not exist yet."),
        )
