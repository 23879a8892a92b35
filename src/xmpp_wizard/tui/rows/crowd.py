"""People and open invitations as rows of a table, and all that is known about one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.people.everybody import Invitation, Person
from xmpp_wizard.tui import when
from xmpp_wizard.tui.table import Cells

Item: TypeAlias = Person | Invitation


def counted(people: int) -> Text:
    """Return so many people in words."""
    return say("1 person") if people == 1 else say("{count} people", count=people)


def name(item: Item) -> str:
    """Return the address of a person, or whom an invitation is for; the domain where whoever comes may choose."""
    if isinstance(item, Person):
        return item.address
    return f"{item.name}@{item.host}" if item.name else item.host


def key(item: Item) -> str:
    """Return what tells it from all others: somebody may have several invitations."""
    return item.address if isinstance(item, Person) else f"invitation {item.token}"


def cells(item: Item, now: float, words: Callable[[Text], str]) -> Cells:
    """Return its row."""
    if isinstance(item, Invitation):
        until = say("invited, the link works until {day}", day=when.day(item.expires_at))
        return " ", name(item), words(until)
    return "!" if item.is_held or not item.is_enabled else " ", item.address, words(_state(item, now))


def _state(person: Person, now: float) -> Text:
    if not person.is_enabled:
        return say("shut out")
    if person.is_held:
        return say("new, held back from strangers")
    if person.devices == 1:
        return say("here now, 1 device")
    if person.devices:
        return say("here now, {count} devices", count=person.devices)
    if not person.seen_at:
        return say("never logged in")
    return say("last here {ago}", ago=when.ago(now - person.seen_at))


def about(item: Item, now: float) -> tuple[Text, ...]:
    """Return all that is known about it, a sentence each."""
    if isinstance(item, Invitation):
        return (
            say("{name}", name=name(item)),
            say("Invited, but nobody has used the link yet."),
            say("It works until {day}.", day=when.day(item.expires_at)),
        )
    seen = (say("Logged in or out last: {day}", day=when.day(item.seen_at)),) if item.seen_at else ()
    state = say("May log in.") if item.is_enabled else say("Shut out: cannot log in; nothing of theirs is gone.")
    if item.is_enabled and item.is_held:
        state = say("Can talk with contacts and admins only, until you let them go.")
    new = (
        (say("Signed up, in nobody's contact list; the key c in the table puts them there."),)
        if item.is_newcomer
        else ()
    )
    return say("{name}", name=item.address), _state(item, now), *seen, state, *new
