"""What to do once the server runs: how to log in, how to invite, what phones must trust."""

from __future__ import annotations

from collections.abc import Iterator

from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.terminal import folded
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import Text, say


def welcome(context: Context, target: Target) -> None:
    """Print how people get to the server."""
    print()
    for line in _lines(context, target):
        print(folded(line, 4, first=2))


def _lines(context: Context, target: Target) -> Iterator[Text]:
    domain = target.domains[0]
    yield say("Addresses are name@{domain}. How to log in:", domain=domain)
    yield say("1. Make an account:  {command}", command=context.command("user", "add", "alice"))
    yield say("   or invite somebody by a link:  {command}", command=context.command("user", "invite", "alice"))
    yield say("2. In any XMPP app, log in as alice@{domain} with the password that it shows.", domain=domain)
    listening = sorted({opening.address for opening in target.openings if opening.address})
    if listening:
        yield say("   The server listens on {addresses} only.", addresses=", ".join(listening))
    if target.certificate_source.kind == "local":
        yield say(
            "3. Its certificate is from an authority on this machine, which each phone or computer must trust once: "
            "{command}",
            command=context.command("ca") + " > root.crt",
        )
    yield say("How is it:  {command}", command=context.command("status"))
