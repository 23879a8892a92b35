"""``xmpp-wizard export``: the server as others see it: its containers, how to watch it, and its accounts."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.render import target_from
from xmpp_wizard.cli.sources import add_answer_options, read_answers
from xmpp_wizard.cli.terminal import folded, mark, narrate
from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.errors import UsageError
from xmpp_wizard.core.text import say

_EXAMPLES = """
sudo xmpp-wizard export compose > compose.yaml
xmpp-wizard export compose --answers answers.toml
sudo xmpp-wizard export sheet > sheet.txt
sudo xmpp-wizard export prometheus
sudo xmpp-wizard export grafana > dashboard.json
sudo xmpp-wizard export xep0227 accounts.xml
sudo xmpp-wizard export xep0227 ann.xml --only ann@example.org
"""
_WHAT = """compose: a compose.yaml with the same containers. sheet: what to type and enter on the worst day.
prometheus: where Prometheus finds the figures. grafana: a dashboard to import. xep0227: a file with all accounts, for
another server"""


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "export", COMMANDS["export"].summary, run, examples=_EXAMPLES)
    parser.add_argument("what", choices=sorted((*_EXPORTS, _ACCOUNTS)), help=_WHAT)
    parser.add_argument("file", nargs="?", default="", help="xep0227: the file to write, which must not be there yet")
    parser.add_argument("--only", metavar="ADDRESS", default="", help="xep0227: this account alone")
    add_answer_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the file."""
    context: Context = arguments.context
    if arguments.what == _ACCOUNTS:
        return _accounts(context, arguments)
    if arguments.file or arguments.only:
        raise UsageError(say("{what} is printed; write it to a file with > FILE", what=arguments.what))
    text = _EXPORTS[arguments.what](context, arguments)
    if context.as_json:
        print_json({arguments.what: text})
    else:
        print(text, end="")
    return 0


def _accounts(context: Context, arguments: argparse.Namespace) -> int:
    """Write the file, and say what is not in it."""
    from xmpp_wizard.engine.storage.portable import export  # noqa: PLC0415 see _compose

    if not arguments.file:
        raise UsageError(say("which file? For instance: xmpp-wizard export xep0227 accounts.xml"))
    path = str(Path(arguments.file).absolute())
    found = export(context.world, context.layout, path, arguments.only, lambda text: narrate(f"  {text}"))
    if context.as_json:
        print_json({"file": path, "accounts": found.accounts, "left_out": dict(found.left)})
        return 0
    narrate(f"{mark('done')} " + folded(say("{count} accounts are in {path}", count=found.accounts, path=path), 2))
    for text in _ABOUT:
        narrate(folded(text))
    return 0


_ABOUT = (
    say("In it: passwords as hashes, contacts, history, waiting messages, profiles, pictures and public keys of apps."),
    say("Not in it: rooms with what was said there, uploaded files, block lists, roles, invitations, log-ins of apps."),
    say("Whoever has this file can read all of it and try out passwords: keep it as you would keep the server."),
)


def _compose(context: Context, arguments: argparse.Namespace) -> str:
    from xmpp_wizard.core.rendering.compose import compose  # noqa: PLC0415 each export pays for its own

    return compose(target_from(context, arguments), context.any_world.appliance.templates())


def _prometheus(context: Context, arguments: argparse.Namespace) -> str:
    from xmpp_wizard.core.rendering.watching import scrape_config  # noqa: PLC0415 see _compose

    return scrape_config(_answers(context, arguments), context.any_world.appliance.templates())


def _grafana(context: Context, arguments: argparse.Namespace) -> str:
    from xmpp_wizard.core.rendering.watching import dashboard  # noqa: PLC0415 see _compose

    return dashboard(_answers(context, arguments))


def _sheet(context: Context, arguments: argparse.Namespace) -> str:
    from xmpp_wizard.engine.emergency import as_text, sections  # noqa: PLC0415 see _compose

    if arguments.answers is not None or arguments.sets:
        raise UsageError(say("the sheet is that of the server here, with the answers that it has"))
    return as_text(sections(context.world, context.layout))


def _answers(context: Context, arguments: argparse.Namespace) -> Answers:
    world = context.world if arguments.answers is None else context.any_world
    return read_answers(context, world, arguments).answers


_ACCOUNTS = "xep0227"
_EXPORTS: Mapping[str, Callable[[Context, argparse.Namespace], str]] = {
    "compose": _compose,
    "grafana": _grafana,
    "prometheus": _prometheus,
    "sheet": _sheet,
}
