"""``xmpp-wizard user invite``: a link that makes an account, printed or sent by mail."""

from __future__ import annotations

import argparse

from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.parser import positive
from xmpp_wizard.cli.terminal import ASKING, folded, narrate, waiting
from xmpp_wizard.core.errors import NeedsPersonError, UsageError
from xmpp_wizard.core.notify import Letter, parse_mail_address
from xmpp_wizard.core.text import Text, reason, say
from xmpp_wizard.engine.notify import mail
from xmpp_wizard.engine.people.accounts import People
from xmpp_wizard.engine.setup import current

_ROLES = {"member": "prosody:member", "admin": "prosody:admin"}
_MOST_DAYS = 365


def add_options_to(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument(
        "address",
        metavar="ADDRESS",
        nargs="?",
        default="",
        help="whose account it is; without it, whoever comes chooses",
    )
    parser.add_argument("--role", choices=tuple(_ROLES), default="member", help="what the new account may do")
    parser.add_argument("--days", type=positive, default=1, metavar="N", help="valid for so many days (1)")
    parser.add_argument(
        "--mail", default="", metavar="TO", help="send it to this mail address, too (see notify.smtp_host)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Make the invitation."""
    context: Context = arguments.context
    if arguments.days > _MOST_DAYS:
        raise UsageError(say("--days must be from 1 to {most}", most=_MOST_DAYS), say("Such as: --days 7"))
    to = _mail_address(arguments.mail)
    people = People(context.world, context.layout)
    address = people.address(arguments.address) if arguments.address else ""
    with waiting(ASKING):
        link = _invitation(people, address, arguments)
    if to:
        _send(context, to, link, arguments.days)
    if context.as_json:
        print_json({"address": address, "invitation": link, **({"mail": to} if to else {})})
    else:
        print(link)
        narrate(folded(_promise(address, arguments.days)))
        if to:
            narrate(folded(say("It was sent to {address}.", address=to)))
    return 0


def _invitation(people: People, address: str, arguments: argparse.Namespace) -> str:
    """Return the link of a new invitation.

    Raises:
        NeedsPersonError: somebody has that address, or there are no invitations.
    """
    if address and people.exists(address):
        raise NeedsPersonError(
            say("{address} is there already", address=address),
            say("To give it another password: xmpp-wizard user passwd {address}", address=address),
        )
    whom = address or people.domains[0]
    link = people.invitation(whom, _ROLES[arguments.role], arguments.days)
    if not link:
        raise NeedsPersonError(
            say("invitations are not switched on for {domain}", domain=whom.rpartition("@")[2]),
            say("Switch on features.invitations, or use: xmpp-wizard user add {address}", address=address or "NAME"),
        )
    return link


def _promise(address: str, days: int) -> Text:
    if address and days == 1:
        return say("Whoever opens it within a day chooses the password of {address}.", address=address)
    if address:
        return say("Whoever opens it within {days} days chooses the password of {address}.", days=days, address=address)
    if days == 1:
        return say("Whoever opens it first within a day chooses a name and a password.")
    return say("Whoever opens it first within {days} days chooses a name and a password.", days=days)


def _mail_address(text: str) -> str:
    try:
        return parse_mail_address(text) if text else ""
    except ValueError as error:
        raise UsageError(reason(error), say("Such as: --mail bob@example.net")) from error


def _send(context: Context, to: str, link: str, days: int) -> None:
    """Send the invitation in words that somebody understands who has never heard of it."""
    _, wanted = current(context.world, context.layout)
    if wanted is None:
        raise NeedsPersonError(say("the answers cannot be read"), say("See: xmpp-wizard status"))
    text = say(
        "You are invited to chat on {title}. Open this link on the device that you want to chat with, and choose a "
        "name and a password there:\n\n{link}\n\nDays that the link is valid: {days}. Whoever opens it first has the "
        "account, so do not pass it on.",
        title=wanted.title,
        link=link,
        days=days,
    )
    letter = Letter(wanted.domains[0], "invitation", say("Your invitation to {title}", title=wanted.title), text)
    mail(context.world, wanted.contact, (to,), letter)
