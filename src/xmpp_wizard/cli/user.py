"""``xmpp-wizard user``: people. Passwords come on standard input or are made here and shown once."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from xmpp_wizard.cli import user_guests, user_invite, user_newcomers, user_quarantine
from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.terminal import ASKING, folded, is_interactive, is_typed, narrate, waiting
from xmpp_wizard.core.errors import NeedsPersonError
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.people.accounts import People

_EXAMPLES = """
sudo xmpp-wizard user add alice
sudo xmpp-wizard user passwd alice --password-stdin < password.txt
sudo xmpp-wizard user invite bob
sudo xmpp-wizard user invite --mail bob@example.net --days 7
sudo xmpp-wizard user guests lobby@channels.example.org
sudo xmpp-wizard user quarantine list
sudo xmpp-wizard user quarantine release eve
sudo xmpp-wizard user newcomers list
sudo xmpp-wizard user newcomers admit eve
sudo xmpp-wizard user list
sudo xmpp-wizard user delete bob@example.org
"""


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "user", COMMANDS["user"].summary, _list, examples=_EXAMPLES)
    actions = parser.add_subparsers(required=True, metavar="add|list|passwd|invite|guests|quarantine|newcomers|delete")
    add = add_command(actions, "add", say("Add a person"), _add, examples=_EXAMPLES)
    passwd = add_command(actions, "passwd", say("Give a person another password"), _passwd, examples=_EXAMPLES)
    invite = add_command(
        actions, "invite", say("Make a link that makes an account"), user_invite.run, examples=_EXAMPLES
    )
    delete = add_command(actions, "delete", say("Delete a person and all that is theirs"), _delete, examples=_EXAMPLES)
    for each in (add, passwd, delete):
        each.add_argument("address", metavar="ADDRESS", help="name@domain, or a name on the main domain")
    user_invite.add_options_to(invite)
    user_guests.add_to(actions, _EXAMPLES)
    user_quarantine.add_to(actions, _EXAMPLES)
    user_newcomers.add_to(actions, _EXAMPLES)
    for each in (add, passwd):
        each.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input (one line)"
        )
    delete.add_argument("--yes", action="store_true", help="do not ask")
    listing = add_command(actions, "list", say("List all people"), _list, examples=_EXAMPLES)
    listing.add_argument("domain", nargs="?", default="", help="only those on this domain")


def _add(arguments: argparse.Namespace) -> int:
    return _give(arguments, People.add, "added")


def _passwd(arguments: argparse.Namespace) -> int:
    return _give(arguments, People.set_password, "changed")


def _give(arguments: argparse.Namespace, give: Callable[[People, str, Secret], None], what: str) -> int:
    """Give a person a password: one from standard input, or one that is made here."""
    people, address = _whom(arguments)
    password = _given() if arguments.password_stdin else people.new_password()
    with waiting(ASKING):
        give(people, address, password)
    _tell(arguments, address, password, what)
    return 0


def _delete(arguments: argparse.Namespace) -> int:
    people, address = _whom(arguments)
    with waiting(ASKING):
        people.insist_on(address)
    if not arguments.yes:
        if not is_interactive():
            raise NeedsPersonError(
                say("nobody was deleted: there is nobody to ask"), say("To say yes beforehand, add: --yes")
            )
        question = say("All messages and contacts of {address} go. Type the address to delete it:", address=address)
        if not is_typed(question, address):
            raise NeedsPersonError(say("nobody was deleted: that was another address"))
    with waiting(ASKING):
        people.delete(address)
    if _context(arguments).as_json:
        print_json({"address": address, "deleted": True})
    else:
        narrate(str(say("{address} is deleted", address=address)))
    return 0


def _list(arguments: argparse.Namespace) -> int:
    context = _context(arguments)
    with waiting(ASKING):
        found = People(context.world, context.layout).all(arguments.domain)
    addresses = [address for each in found.values() for address in each]
    if context.as_json:
        print_json({"users": addresses})
    else:
        for address in addresses:
            print(address)
    return 0


def _context(arguments: argparse.Namespace) -> Context:
    context: Context = arguments.context
    return context


def _whom(arguments: argparse.Namespace) -> tuple[People, str]:
    context = _context(arguments)
    people = People(context.world, context.layout)
    return people, people.address(arguments.address)


def _given() -> Secret:
    """Return the first line of standard input."""
    line = sys.stdin.buffer.readline()
    try:
        return Secret(line.decode().rstrip("\r\n"))
    except UnicodeDecodeError as error:
        raise NeedsPersonError(say("the password on standard input is not in UTF-8")) from error


def _tell(arguments: argparse.Namespace, address: str, password: Secret, what: str) -> None:
    """Show a password that was made here, this one time."""
    shown = {} if arguments.password_stdin else {"password": password.reveal()}
    if _context(arguments).as_json:
        print_json({"address": address, what: True, **shown})
        return
    narrate(str(say("{address} is {what}", address=address, what=what)))
    if shown:
        narrate(folded(say("The password, shown only now:")))
        print(password.reveal())
