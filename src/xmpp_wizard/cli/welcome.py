"""What to do once the server runs: how the admins and others get in, what phones must trust."""

from __future__ import annotations

from collections.abc import Iterator

from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.terminal import folded
from xmpp_wizard.core.errors import WizardError
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.core.wanted.desired import Desired
from xmpp_wizard.engine.acme.report import lacks
from xmpp_wizard.engine.memory.generations import is_first_good
from xmpp_wizard.engine.people.accounts import People


def welcome(context: Context, target: Target, wanted: Desired | None) -> None:
    """Print how people get to the server; commands stand on lines of their own, to be copied.

    After later changes only what is still lacking is said: whoever made them knows the rest.
    """
    say_it = _lines if is_first_good(context.world, context.layout) else _lacking
    lines = tuple(say_it(context, target, wanted))
    if lines:
        print()
    for text, command in lines:
        print(folded(text, 2))
        if command:
            print(f"    {command}")


def _lines(context: Context, target: Target, wanted: Desired | None) -> Iterator[tuple[Text, str]]:
    elsewhere = wanted.accounts_elsewhere if wanted else NOTHING
    yield from ((elsewhere, ""),) if elsewhere else _ways_to_an_account(context, target.domains, wanted)
    if wanted is not None and wanted.chat_page:
        page = wanted.chat_page
        yield say("Then log in with any XMPP app, or chat in the browser: {page}", page=page), ""
    else:
        yield say("Then log in with any XMPP app."), ""
    if wanted is not None and wanted.guest_page:
        yield say("Guests chat here, without an account: {page}", page=wanted.guest_page), ""
    listening = sorted({opening.address for opening in target.openings if opening.address})
    if listening:
        yield say("The server listens on {addresses} only.", addresses=", ".join(listening)), ""
    yield from on_certificates(context, target)
    yield say("How is it:"), context.command("status")


def _lacking(context: Context, target: Target, wanted: Desired | None) -> Iterator[tuple[Text, str]]:
    if wanted is None or not wanted.accounts_elsewhere:
        yield from _accounts_of_admins(context, target.domains, wanted)
    yield from _missing_certificates(context, target)


def on_certificates(context: Context, target: Target) -> Iterator[tuple[Text, str]]:
    """Yield what is to be done about certificates, each with its command: to trust them, and where some are missing."""
    if target.certificate_source.kind == "local":
        trust = say("Its certificates are from an authority on this machine, which each device must trust once:")
        yield trust, context.command("ca") + " > root.crt"
    yield from _missing_certificates(context, target)


def _missing_certificates(context: Context, target: Target) -> Iterator[tuple[Text, str]]:
    if lacks(context.world, context.layout, target):
        later = say("Some names have no public certificate yet; it is tried again by itself. Why, and what to do:")
        yield later, context.command("cert", "status")


def _ways_to_an_account(
    context: Context, domains: tuple[str, ...], wanted: Desired | None
) -> Iterator[tuple[Text, str]]:
    admins = tuple(_accounts_of_admins(context, domains, wanted))
    yield from admins
    yield _everybody(domains[0], after_admins=bool(admins)), context.command("user", "add", "NAME")
    if _has_invitations(wanted):
        yield say("or invite somebody by a link:"), context.command("user", "invite", "NAME")


def _accounts_of_admins(
    context: Context, domains: tuple[str, ...], wanted: Desired | None
) -> Iterator[tuple[Text, str]]:
    verb = "invite" if _has_invitations(wanted) else "add"
    for admin in _admins_without_account(context, domains, wanted):
        yield (
            say("{name} has no account yet. This makes it; {name} is an admin:", name=admin),
            context.command("user", verb, admin.removesuffix(f"@{domains[0]}")),
        )


def _has_invitations(wanted: Desired | None) -> bool:
    return _setting(wanted, "join_pages_invitations") is True


def _everybody(domain: str, *, after_admins: bool) -> Text:
    if after_admins:
        return say("Addresses are name@{domain}. Anybody else gets an account by:", domain=domain)
    return say("Addresses are name@{domain}. Make yourself an account:", domain=domain)


def _admins_without_account(context: Context, domains: tuple[str, ...], wanted: Desired | None) -> tuple[str, ...]:
    """Return the admins on the server's own domains who cannot log in yet."""
    named = _setting(wanted, "admins")
    named = named if isinstance(named, list | tuple) else ()
    own = [str(admin) for admin in named if str(admin).partition("@")[2] in domains]
    try:
        people = People(context.world, context.layout)
        there = {
            address for domain in {admin.partition("@")[2] for admin in own} for address in people.all(domain)[domain]
        }
    except WizardError:
        # the set-up itself is done and said to be; whoever has an account is told so by the command
        return tuple(own)
    return tuple(admin for admin in own if admin not in there)


def _setting(wanted: Desired | None, name: str) -> object:
    sourced = wanted.settings.get(name) if wanted else None
    return sourced.value if sourced else None
