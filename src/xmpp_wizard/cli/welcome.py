"""What to do once the server runs: how to log in, how to invite, what phones must trust."""

from __future__ import annotations

from collections.abc import Iterator

from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.terminal import folded
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import Text, say


def welcome(context: Context, target: Target) -> None:
    """Print how people get to the server; commands stand on lines of their own, to be copied."""
    print()
    for text, command in _lines(context, target):
        print(folded(text, 2))
        if command:
            print(f"    {command}")


def _lines(context: Context, target: Target) -> Iterator[tuple[Text, str]]:
    domain = target.domains[0]
    yield (
        say("Addresses are name@{domain}. Make yourself an account:", domain=domain),
        context.command("user", "add", "alice"),
    )
    yield say("or invite somebody by a link:"), context.command("user", "invite", "bob")
    yield say("Then log in with any XMPP app."), ""
    listening = sorted({opening.address for opening in target.openings if opening.address})
    if listening:
        yield say("The server listens on {addresses} only.", addresses=", ".join(listening)), ""
    if target.certificate_source.kind == "local":
        trust = say("Its certificates are from an authority on this machine, which each device must trust once:")
        yield trust, context.command("ca") + " > root.crt"
    yield say("How is it:"), context.command("status")
