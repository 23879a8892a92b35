"""``xmpp-wizard web-server``: who has the web's ports, and the lines that another web server needs to pass pages on."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import asdict

from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.sources import add_answer_options, read_answers
from xmpp_wizard.cli.terminal import folded, narrate
from xmpp_wizard.core.errors import EngineError
from xmpp_wizard.core.network.front import BY_HAND, PROGRAMS, kind_of, title_of
from xmpp_wizard.core.network.listeners import Listener, Neighbour
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine import fronts

_EXAMPLES = """
sudo xmpp-wizard web-server
sudo xmpp-wizard web-server haproxy
sudo xmpp-wizard web-server nginx-proxy-manager
xmpp-wizard web-server nginx --answers answers.toml
"""


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "web-server", COMMANDS["web-server"].summary, run, examples=_EXAMPLES)
    choices = sorted((*PROGRAMS, *BY_HAND))
    parser.add_argument("kind", nargs="?", choices=choices, help="print the lines for this web server")
    add_answer_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print what was asked for."""
    context: Context = arguments.context
    if arguments.kind is None:
        return _who(context)
    request = read_answers(context, context.any_world, arguments)
    lines = fronts.lines_for(context.any_world, context.layout, request.answers, arguments.kind)
    if context.as_json:
        print_json({"kind": arguments.kind, "lines": lines})
    else:
        print(lines, end="")
    return 0


def _who(context: Context) -> int:
    found = fronts.web_listeners(context.world)
    containers = fronts.in_containers(context.world, found)
    kinds = {item: kind_of(item, containers.get(item)) for item in found}
    if context.as_json:
        print_json({"listeners": [_facts(item, kinds[item], containers.get(item)) for item in found]})
        return 0
    ours = _ours(context)
    for item in found:
        print(_sentence(item, kinds[item], containers.get(item), ours.get(item.container_id, "")))
    if not found:
        print(say("Nobody has the web's ports, 80 and 443."))
    hints = {_hint(kind, is_inside=item in containers) for item, kind in kinds.items() if kind}
    for hint in sorted(hints, key=str):
        narrate(folded(hint))
    return 0


def _ours(context: Context) -> Mapping[str, str]:
    """Return the names of this server's containers by their ids; none where no engine tells."""
    try:
        found = context.world.containers.observe(context.layout.project)
    except EngineError:
        return {}
    return {container.id: name for name, container in found.items()}


def _facts(item: Listener, kind: str, container: Neighbour | None) -> dict[str, object]:
    inside = {"container": container.name, "image": container.image} if container else {}
    return {**asdict(item), "kind": kind, **inside}


def _hint(kind: str, *, is_inside: bool) -> Text:
    if is_inside or kind in BY_HAND:
        return say(
            "What to tell {program} so that it passes the chat server's pages on: sudo xmpp-wizard web-server {kind}",
            program=title_of(kind),
            kind=kind,
        )
    return say(
        "To let {program} pass the chat server's pages on: network.web_server = {kind}",
        program=title_of(kind),
        kind=f'"{kind}"',
    )


def _sentence(item: Listener, kind: str, container: Neighbour | None, our_name: str) -> Text:
    where = say("all addresses") if not item.address else say("{address}", address=item.address)
    if our_name:
        return say("{port}  this chat server (container {name}), {where}", port=item.port, name=our_name, where=where)
    facts = {"port": item.port, "where": where, "program": item.program or "?", "pid": item.pid}
    if container is not None:
        program = title_of(kind) if kind else facts["program"]
        named = {**facts, "program": program, "name": container.name, "image": container.image}
        return say("{port}  {program} (container {name}, image {image}), {where}", **named)
    if item.container_id:
        return say("{port}  {program} (pid {pid}, container {id}), {where}", id=item.container_id[:12], **facts)
    return say("{port}  {program} (pid {pid}), {where}", **facts)
