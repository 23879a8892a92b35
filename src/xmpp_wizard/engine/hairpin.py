"""Whether the server's public name also leads here from inside the home network, which many routers do not do."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal, TypeAlias

from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.errors import WizardError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.names import is_at_home
from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.core.wanted.desired import Desired, desired
from xmpp_wizard.engine import left
from xmpp_wizard.engine import router as routers
from xmpp_wizard.engine.setup import pinned

Inside: TypeAlias = Literal["leads here", "not back", "not known", "elsewhere", ""]
"""The name leads here; the router forwards and yet does not lead back in; nobody answers, for whichever reason;
the name has another line's address; empty where the question does not arise."""


@dataclass(frozen=True, slots=True)
class FromInside:
    """What a phone in this network finds. ``there`` is the name's address, ``address`` this machine's own."""

    state: Inside
    domain: str = ""
    there: str = ""
    address: str = ""
    public: str = ""
    """The line's address as the internet sees it; empty where nobody tells."""


def from_inside(world: World, layout: Layout, answers: Answers, wanted: Desired, public: str = "") -> FromInside:
    """Go the way of a phone in this network; ``public`` is the line's address where it is known.

    Takes as long as DNS and a try to get in, a few seconds at most.
    """
    listen = answers.network.listen
    is_inside = is_at_home(answers.domain) or (listen and all(ip_address(address).is_loopback for address in listen))
    if is_inside or not left.stands_behind_router(world):
        return FromInside("", answers.domain)
    found = left.look(world, answers, wanted)
    there = next((address for address in found.leads_to if ":" not in address), next(iter(found.leads_to), ""))
    values = {"domain": found.domain, "there": there, "address": found.address, "public": public}
    if found.way == "here":
        return FromInside("leads here", **values)
    if found.way != "router":
        return FromInside("", **values)
    if public and public not in found.leads_to:
        return FromInside("elsewhere", **values)
    # the port that was tried, and no other: what else is forwarded says nothing about it
    tried = (Door(wanted.health.port),)
    seen = routers.look(world, layout, tried)
    return FromInside("not back" if set(tried) <= {*seen.ours, *seen.others} else "not known", **values)


def in_words(found: FromInside) -> tuple[Text, Text]:
    """Return what phones in this network find, and what to do; nothing where all is well or nobody asks."""
    values = {"domain": found.domain, "there": found.there, "address": found.address}
    match found.state:
        case "leads here":
            return say("from inside this network {domain} leads here, too", domain=found.domain), NOTHING
        case "not back":
            return (
                say("from inside this network {domain} ({there}) does not lead back to this machine", **values),
                say(
                    "The router forwards from outside, and not from inside. Enter in the router (local DNS, host "
                    "names): {domain} is {address}. If it cannot: phones work on mobile data, and here with a DNS "
                    "server of your own.",
                    **values,
                ),
            )
        case "not known":
            return (
                say("from inside this network nobody answers at {domain} ({there})", **values),
                say(
                    "Either the router does not let people in yet, or it does not lead back in, as many do not. Try it "
                    "on mobile data. If that works, enter in the router (local DNS): {domain} is {address}.",
                    **values,
                ),
            )
        case "elsewhere":
            return (
                say("{domain} leads to {there}, but this line has {public}", public=found.public, **values),
                say("Correct the records: sudo xmpp-wizard dns show"),
            )
    return NOTHING, NOTHING


def current_from_inside(world: World, layout: Layout, public: str = "") -> tuple[FromInside | None, tuple[str, ...]]:
    """Return what a phone in this network finds of the server here (None: nobody can tell), and the addresses chosen.

    ``public`` is the line's address as the internet sees it, where it is known.
    """
    from xmpp_wizard.engine.asking.session import change_session  # noqa: PLC0415 it is heavy, and only this needs it

    try:
        answers = change_session(world, layout).answers()
        chosen = answers.network.public_addresses
        wanted = desired(answers, pinned(world, layout))
        return from_inside(world, layout, answers, wanted, "" if chosen else public), chosen
    except WizardError:
        return None, ()
