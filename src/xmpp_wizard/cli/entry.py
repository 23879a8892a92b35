"""From the words on the command line to one command's function; only that command's module is imported."""

from __future__ import annotations

import io
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import PurePosixPath

from xmpp_wizard.cli.commands import COMMANDS, OTHER_NAMES, Command
from xmpp_wizard.cli.context import Context, caller_is_root
from xmpp_wizard.cli.parser import GLOBAL_OPTIONS, Parser, did_you_mean
from xmpp_wizard.cli.terminal import is_dumb, is_interactive, narrate, speak_of
from xmpp_wizard.core.errors import UsageError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import say

_INSTANCE = re.compile(r"[a-z][a-z0-9-]{0,30}\Z")
_UNSEEN = ("Cc", "Cf", "Zl", "Zp")
"""Kinds of signs (Unicode) that move the cursor, turn the writing round, or show nothing."""
_EMPTY = re.compile(r"(--[a-z][a-z-]*=)?\Z")
"""An empty word, or an option with an empty value behind its equals sign."""
_OPTIONS = ("--help", "--instance", "--json", "--root", "--version")


@dataclass(slots=True)
class _Words:
    """The command line, with what every command takes picked out."""

    root: str = "/"
    instance: str = ""
    as_json: bool = False
    command: str = ""
    rest: list[str] = field(default_factory=list)


def run(
    argv: Sequence[str],
    make_world: Callable[[], World],
    *,
    is_root: bool | None,
    open_wizard: Callable[[Context, Sequence[str]], int] | None = None,
) -> int:
    """Run the command that ``argv`` names and return its exit status; without one, ``open_wizard`` on a terminal.

    Raises:
        UsageError: there is no such command or option.
        WizardError: the command could not do what it should.
    """
    speak_of(Layout())
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # neither a terminal without UTF-8 nor a file's name that is none makes bücher.example an error
            stream.reconfigure(errors="backslashreplace")
    if any("\0" in word for word in argv):
        # no shell can pass one on; whoever calls this as a library can
        raise UsageError(say("there is a zero byte among the arguments"), say("Leave it out."))
    words = _split(argv)
    layout = _layout(words)
    speak_of(layout)
    context = Context(
        make_world=make_world,
        layout=layout,
        as_json=words.as_json,
        is_root=caller_is_root() if is_root is None else is_root,
        environment=os.environ,
        words=tuple(argv),
        open_wizard=open_wizard,
    )
    if words.command in ("--help", "-h", "help"):
        return _help(words.rest, context)
    if not words.command:
        return _no_command(context)
    return _call(_command(words.command), words.rest, context)


def _command(name: str) -> Command:
    if name not in COMMANDS:
        hint = did_you_mean(OTHER_NAMES.get(name, name), [*COMMANDS, *OTHER_NAMES.values()])
        hint = hint or say("All commands: xmpp-wizard --help")
        raise UsageError(say("there is no command {name}", name=name), hint)
    return COMMANDS[name]


def _first_steps(layout: Layout) -> str:
    return f"""\
xmpp-wizard sets up an XMPP chat server and proves that it works.
  It asks:     {layout.command()}    line by line: {layout.command("setup", "--plain")}
  From a file: xmpp-wizard answers template > answers.toml, change it, then
               {layout.command("apply", "--answers", "answers.toml")}
  How is it:   {layout.command("status")}          All commands: xmpp-wizard --help"""


def _no_command(context: Context) -> int:
    """Open the wizard where somebody can see it; elsewhere say what to type instead, and never wait for a key."""
    if not is_interactive():
        if context.as_json:
            raise UsageError(say("there is no command"), say("All commands: xmpp-wizard --help"))
        narrate(_first_steps(context.layout))
        return UsageError.exit_status
    if is_dumb(context.environment) or context.open_wizard is None:
        narrate(_first_steps(context.layout))
        narrate(f"  Line by line: {context.command('setup', '--plain')}")
        return 0
    return context.open_wizard(context, ())


def _call(command: Command, rest: Sequence[str], context: Context) -> int:
    parser = Parser(prog="xmpp-wizard")
    module = import_module(f"xmpp_wizard.cli.{command.module}")
    module.add_to(parser.add_subparsers(required=True))
    is_foreign = command.passes_through and rest[:1] not in (["--help"], ["-h"])
    if not is_foreign and any(_EMPTY.match(word) for word in rest):
        # the same: `--only "$WHO"` must not export everybody
        raise UsageError(
            say("one of the arguments is empty"),
            say(
                "In a script: is the variable set that stands there? See: xmpp-wizard {name} --help", name=command.name
            ),
        )
    try:
        arguments = parser.parse_args([command.name] if is_foreign else [command.name, *rest])
    except SystemExit as end:  # argparse leaves this way after printing a help
        return int(end.code or 0)
    if is_foreign:
        # all that follows belongs to the other program, also what looks like an option of ours
        arguments.words = list(rest)
    arguments.json = context.as_json
    arguments.context = context
    status: int = arguments.run(arguments)
    return status


def _split(argv: Sequence[str]) -> _Words:
    words = _Words()
    left = list(argv)
    while left:
        word = left.pop(0)
        if word == "--" and words.command:
            words.rest += [word, *left]
            break
        if _take_global(words, word, left):
            continue
        if words.command:
            words.rest.append(word)
            continue
        if word.startswith("-") and word not in ("--help", "-h"):
            hint = did_you_mean(word.partition("=")[0], _OPTIONS) or say("All options: xmpp-wizard --help")
            raise UsageError(say("there is no option {word}", word=word), hint)
        words.command = word
        if word in COMMANDS and COMMANDS[word].passes_through:
            words.rest = left
            break
    return words


def _take_global(words: _Words, word: str, left: list[str]) -> bool:
    """Take ``word``, with its value from ``left``, if every command has it."""
    name, has_value, value = word.partition("=")
    if word == "--json":
        words.as_json = True
    elif name in ("--root", "--instance"):
        if not has_value and left:
            value = left.pop(0)
        if not value:
            # a script's variable that was never set must not lead to the server of "/", or of this folder
            raise UsageError(say("{name} needs a value", name=name), say("See: xmpp-wizard --help"))
        setattr(words, name.removeprefix("--"), value)
    else:
        return False
    return True


def _layout(words: _Words) -> Layout:
    if any(unicodedata.category(sign) in _UNSEEN for sign in words.root):
        # it is in the commands and paths that are shown, to be copied
        raise UsageError(
            say("the folder of --root has signs in its name that nobody sees"),
            say("Take one of letters, digits and dashes."),
        )
    if words.instance and not _INSTANCE.match(words.instance):
        raise UsageError(
            say("{name} cannot be the name of an instance", name=repr(words.instance)),
            say("It is made of small letters, digits and dashes, such as: second"),
        )
    return Layout(PurePosixPath(os.path.abspath(words.root)), words.instance)  # noqa: PTH100 keeps links as they are


def _help(topics: Sequence[str], context: Context) -> int:
    if topics:
        command = _command(topics[0])
        return _call(command, ["--help"] if command.passes_through else [*topics[1:], "--help"], context)
    rows = "\n".join(f"  {command.name:<12} {command.summary}" for command in COMMANDS.values())
    sys.stdout.write(
        f"{_first_steps(context.layout)}\n\ncommands (each has --help with examples):\n{rows}\n\n{GLOBAL_OPTIONS}\n"
        "  --version        print the version\n\n"
        "exit status: 0 done, 2 plan found changes, 3 something failed, 4 answers wrong,\n"
        "5 a person is needed, 6 rolled back, 64 usage, 70 a bug, 130 Ctrl-C\n"
    )
    return 0
