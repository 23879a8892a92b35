"""The first words after a set-up: the admin's invitation, and what to say as long as it would not work."""

from __future__ import annotations

from dataclasses import dataclass

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.asking.session import change_session
from xmpp_wizard.engine.left import Left
from xmpp_wizard.engine.people.accounts import People

LIFE_SECONDS = 24 * 3600
"""How long an invitation holds."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """The first person's way in; ``link`` is empty where accounts are not made by invitation."""

    address: str
    link: str
    is_there_already: bool
    made_at: float
    elsewhere: Text = NOTHING
    """How accounts begin, where none can be made here."""

    def is_over(self, now: float) -> bool:
        """Say whether the link has ended."""
        return bool(self.link) and now - self.made_at >= LIFE_SECONDS


def welcome(world: World, layout: Layout) -> Welcome:
    """Make the first admin's invitation, unless the account is there already.

    Raises:
        WizardError: the server cannot be asked, or its answers cannot be read.
    """
    answers = change_session(world, layout).answers()
    people = People(world, layout)
    address = next(iter(answers.admin_addresses), f"admin@{answers.domain}")
    is_there = people.exists(address)
    link = "" if is_there or people.elsewhere else people.invitation(address)
    return Welcome(address, link, is_there, world.clock.timestamp(), people.elsewhere)


def owe(world: World, layout: Layout) -> None:
    """Remember that the admin is still to be shown the invitation: the window may be closed before it is there.

    Raises:
        WizardError: it cannot be written.
    """
    world.files.write(str(layout.welcome), b"", 0o600, (0, 0))


def is_owed(world: World, layout: Layout) -> bool:
    """Say whether the admin of a new server is still to be shown the invitation."""
    return world.files.stat(str(layout.welcome)) is not None


def settle(world: World, layout: Layout) -> None:
    """The invitation was shown."""
    if is_owed(world, layout):
        world.files.remove(str(layout.welcome))


def headline(found: Left | None, *, is_seen: bool, is_proven: bool = True) -> Text:
    """Return the first line: whether it works, and from where."""
    if not is_proven:
        return say("Your server runs, but not all of it is proven: p shows what.")
    if found is None or found.leads_here or is_seen:
        return say("Your server works.")
    match found.way:
        case "nowhere" if found.is_at_home:
            return say("Your server works on this machine. For phones your network needs to know its name.")
        case "nowhere":
            return say("Your server works on this machine. For phones it needs: DNS")
        case "router":
            return say("Your server works. The way in from outside is not proven yet.")
    return say("Your server works on this machine.")


def obstacle(found: Left) -> Text:
    """Return why no phone here could use an invitation, and what to do; nothing where it could."""
    values = {"domain": found.domain, "address": found.address, "there": next(iter(found.leads_to), "")}
    match found.way:
        case "here":
            return NOTHING
        case "nowhere" if found.is_at_home:
            return say(
                "Enter in your router (local DNS, host names): {domain} is {address}. The code appears here by itself "
                "as soon as that works.",
                **values,
            )
        case "nowhere":
            return say(
                "{domain} leads nowhere yet. Set its records where the domain is managed (d lists them). The code "
                "appears here by itself as soon as they work.",
                **values,
            )
        case "router":
            return say(
                "! From inside this network {domain} ({there}) does not lead to this server. Either the router does "
                "not let people in yet (r: what to forward), or it does not lead back in, as many do not. Then scan "
                "on mobile data: c shows the code.",
                **values,
            )
        case "unknown":
            return say(
                "! DNS does not answer on this machine, so nobody can see here where {domain} leads. "
                "c shows the code anyway.",
                **values,
            )
    return say(
        "! {domain} leads to {there}, which is not this machine ({address}). Set its record right (d). If that address "
        "is passed on to this machine: c shows the code.",
        **values,
    )
