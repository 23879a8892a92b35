"""``xmpp-wizard cert import``: certificates that the admin has already, as two files or another program's store."""

from __future__ import annotations

import argparse
import os

from xmpp_wizard.cli.apply import add_consent_options, carry_through
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.sources import read_answers
from xmpp_wizard.core.errors import UsageError
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.memory.generations import last_good
from xmpp_wizard.engine.setup import ApplyAnswers, not_set_up

_A_PAIR = 2


def add_import(actions: Subparsers, examples: str) -> None:
    """Add the command."""
    own = add_command(actions, "import", say("Serve certificates that you have already"), _import, examples=examples)
    own.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        help="a certificate with its chain, and its key; or the place where certbot, Caddy or Traefik keep theirs",
    )
    add_consent_options(own)


def _import(arguments: argparse.Namespace) -> int:
    """Say in the answers where the certificates are, and apply them."""
    context: Context = arguments.context
    world, layout = context.world, context.layout
    if world.files.stat(str(layout.answers)) is None and last_good(world, layout) is None:
        # there are no answers to say it in, and this command takes none
        raise not_set_up()
    paths = [os.path.abspath(path) for path in arguments.files]  # noqa: PTH100 keeps links as they are
    if len(paths) > _A_PAIR:
        raise UsageError(say("give a certificate chain and its key, or one store of another program"))
    is_pair = len(paths) == _A_PAIR
    files = [{"chain_file": paths[0], "key_file": paths[1]}] if is_pair else []
    wished = {"source": "files", "files": files} | ({} if is_pair else {"store": paths[0]})
    arguments.answers = None
    arguments.sets = [f"certificates.{key}={_toml(value)}" for key, value in wished.items()]
    found = read_answers(context, world, arguments)
    return carry_through(context, _without(found, "store" if is_pair else "files"), arguments)


def _without(found: ApplyAnswers, key: str) -> ApplyAnswers:
    """Return the answers without another place for certificates, which would go on being looked at."""
    from xmpp_wizard.core.answers.file import load  # noqa: PLC0415 only here
    from xmpp_wizard.core.answers.writing import without_value  # noqa: PLC0415 only here

    text = without_value(found.text, ("certificates", key))
    return ApplyAnswers(load(text.encode(), found.path, {}, ())[0], text, found.path)


def _toml(value: object) -> str:
    """Return a value as ``--set`` takes it."""
    from xmpp_wizard.core.answers.template import toml_value  # noqa: PLC0415 only here

    return toml_value(value)
