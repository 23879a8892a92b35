"""``xmpp-wizard export``: the server as other tools see it: its containers, and how to watch it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.render import target_from
from xmpp_wizard.cli.sources import add_answer_options, read_answers
from xmpp_wizard.core.answers import Answers

_EXAMPLES = """
sudo xmpp-wizard export compose > compose.yaml
xmpp-wizard export compose --answers answers.toml
sudo xmpp-wizard export prometheus
sudo xmpp-wizard export grafana > dashboard.json
"""
_WHAT = """compose: a compose.yaml with the same containers. prometheus: where Prometheus finds the figures.
grafana: a dashboard to import"""


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "export", COMMANDS["export"].summary, run, examples=_EXAMPLES)
    parser.add_argument("what", choices=sorted(_EXPORTS), help=_WHAT)
    add_answer_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the file."""
    context: Context = arguments.context
    text = _EXPORTS[arguments.what](context, arguments)
    if context.as_json:
        print_json({arguments.what: text})
    else:
        print(text, end="")
    return 0


def _compose(context: Context, arguments: argparse.Namespace) -> str:
    from xmpp_wizard.core.compose import compose  # noqa: PLC0415 each export pays for its own

    return compose(target_from(context, arguments), context.any_world.appliance.templates())


def _prometheus(context: Context, arguments: argparse.Namespace) -> str:
    from xmpp_wizard.core.watching import scrape_config  # noqa: PLC0415 see _compose

    return scrape_config(_answers(context, arguments), context.any_world.appliance.templates())


def _grafana(context: Context, arguments: argparse.Namespace) -> str:
    from xmpp_wizard.core.watching import dashboard  # noqa: PLC0415 see _compose

    return dashboard(_answers(context, arguments))


def _answers(context: Context, arguments: argparse.Namespace) -> Answers:
    world = context.world if arguments.answers is None else context.any_world
    return read_answers(context, world, arguments).answers


_EXPORTS: Mapping[str, Callable[[Context, argparse.Namespace], str]] = {
    "compose": _compose,
    "grafana": _grafana,
    "prometheus": _prometheus,
}
