"""Telling people, by every way that was chosen: the chat server itself, mail, a webhook."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from xmpp_wizard.core.errors import EffectError, WizardError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.lua import to_lua
from xmpp_wizard.core.notify import Contact, Letter
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.core.secret_files import NamedSecret
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.language import catalogue, spoken
from xmpp_wizard.engine.people.accounts import PROSODY_USER
from xmpp_wizard.engine.secret_files import read_secret

PROGRAM = "prosody/tell.lua"
_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Told:
    """On how many ways people were reached, and why not on the others."""

    reached: int
    problems: tuple[Text, ...]


def tell(world: World, layout: Layout, contact: Contact, letter: Letter) -> Told:
    """Send ``letter`` on every chosen way in the people's language; one that fails keeps no other from being tried."""
    reached, problems = 0, []
    words = catalogue(world, contact.language or spoken(world, layout, {})).words
    text = Text(layout.addressed(words(letter.text)))
    translated = replace(letter, subject=Text(words(letter.subject)), text=text)
    for send in _ways(world, layout, contact, translated):
        try:
            send()
        except WizardError as error:
            problems.append(error.text)
        else:
            reached += 1
    return Told(reached, tuple(problems))


def _ways(world: World, layout: Layout, contact: Contact, letter: Letter) -> Iterator[Callable[[], None]]:
    if contact.admins:
        yield lambda: _by_chat(world, layout, contact, letter)
    if contact.mail_to:
        yield lambda: mail(world, contact, contact.mail_to, letter)
    if contact.webhook_url:
        yield lambda: world.notifier.post(contact.webhook_url, letter, _SECONDS)


@checked(frozen=True)
class _Sent:
    """What the program in the server answers: addresses that a message went to, and those without an account."""

    reached: tuple[str, ...]
    unknown: tuple[str, ...]


_SENT = TypeAdapter(_Sent)


def _by_chat(world: World, layout: Layout, contact: Contact, letter: Letter) -> None:
    """Let the server itself write to the admins.

    Raises:
        EffectError: it does not run, or none of the admins has an account.
    """
    program = world.appliance.templates()[PROGRAM]
    words = (letter.domain, world.entropy.token(12), str(letter.text), *contact.admins)
    call = f"> return (function(...)\n{program}\nend)({', '.join(map(to_lua, words))})"
    command = ["prosodyctl", "shell", call]
    result = world.containers.run(layout.container("prosody"), command, user=PROSODY_USER, timeout_seconds=_SECONDS)
    _, _, answer = result.output.partition("Result: ")
    try:
        sent = _SENT.validate_json(answer)
    except ValidationError as error:
        raise EffectError(say("the chat server does not send messages; is it running?")) from error
    if not sent.reached:
        raise EffectError(
            say("no admin has an account yet: {names}", names=", ".join(sent.unknown)),
            say("Make one: {command}", command=layout.command("user", "add", sent.unknown[0])),
        )


def mail(world: World, contact: Contact, to: Sequence[str], letter: Letter) -> None:
    """Send one mail to everybody in ``to``.

    Raises:
        EffectError: the mail server does not take it, none is known, or the password cannot be read.
    """
    server = contact.mail_server
    if server is None:
        raise EffectError(
            say("there is no address that mail could be sent from"),
            say("Say who sends: notify.mail_from, and notify.smtp_host where the mail server is another machine."),
        )
    password = None
    if server.password_file:
        secret = NamedSecret(server.password_file, "notify.smtp_password_file")
        content = read_secret(world, secret)
        if content is None:
            raise EffectError(say("{file} is not there", file=str(secret)))
        password = Secret(content.decode(errors="replace").strip())
    world.notifier.mail(server, password, to, letter, _SECONDS)
