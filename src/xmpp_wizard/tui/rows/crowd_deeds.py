"""What can be done with somebody in the table of people: the keys for it, and each deed with the words that tell it."""

from __future__ import annotations

from collections.abc import Sequence

from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.people import everybody, newcomers, quarantine
from xmpp_wizard.engine.people.accounts import People
from xmpp_wizard.engine.people.everybody import Person
from xmpp_wizard.tui.base import Key
from xmpp_wizard.tui.desk import Desk


def keys_for(person: Person, *, makes_accounts: bool) -> Sequence[Key]:
    """Return the keys for one person; where accounts are made elsewhere, none that gives a password."""
    out = say("let go") if person.is_held else say("shut out") if person.is_enabled else say("let in")
    return (
        *((("c", say("into contact lists")),) if person.is_newcomer else ()),
        *((("n", say("new password")),) if makes_accounts else ()),
        ("o", out),
        ("x", say("delete")),
    )


def admit(desk: Desk, person: Person) -> Text:
    """Put a newcomer into everybody's contact list."""
    newcomers.admit(desk.world, desk.layout, person.address)
    return say("{address} is in everybody's contact list now", address=person.address)


def shut_out(desk: Desk, person: Person) -> Text:
    """Keep somebody from logging in, or let them in again; let go whoever is held back first."""
    world, layout, address = desk.world, desk.layout, person.address
    if person.is_held:
        quarantine.release(world, layout, address)
        return say("{address} can talk with everybody now", address=address)
    everybody.set_enabled(world, layout, address, is_enabled=not person.is_enabled)
    if person.is_enabled:
        return say("{address} can no longer log in; nothing of theirs is gone", address=address)
    return say("{address} can log in again", address=address)


def delete(desk: Desk, address: str) -> Text:
    """Delete an account with all that is its own."""
    People(desk.world, desk.layout).delete(address)
    return say("{address} is deleted", address=address)
