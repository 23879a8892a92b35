"""How the internet comes in, as lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xmpp_wizard.cli.terminal import folded
from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.acme.outside import Seen
from xmpp_wizard.engine.hairpin import in_words
from xmpp_wizard.engine.way_in import WayIn

ASKING = say("Asking the router and the internet")


def lines(found: WayIn) -> Iterator[str]:
    """Yield what was found, for people."""
    yield folded(found.text)
    if found.hint:
        yield folded(found.hint)
    if found.verdict.has_ipv6:
        yield folded(_ipv6_let_in(found.ipv6, found.pinholes.ours) if found.pinholes.ours else _ipv6(found.ipv6))
    if found.verdict.kind != "shared":
        yield from table(found)
        yield from _by_hand(found)
    elif found.pinholes.language:
        yield from _by_hand_over_ipv6(found)
    yield from _offer(found)
    for text in in_words(found.inside) if found.inside else ():
        if text:
            yield folded(text)


def table(found: WayIn) -> Iterator[str]:
    """Yield a line for each port to forward, with what the router does with it now."""
    here = {str(door) for door in (*found.router.ours, *found.router.others)}
    taken = {str(door): holder for door, holder in found.router.taken}
    for outside, inside, purpose in found.forward:
        state = say("forwarded") if outside in here else say("leads to {other}!", other=taken.get(outside, ""))
        shown = f"  ({state})" if outside in here or outside in taken else ""
        yield f"  {outside:<10} {say('to')} {inside:<24} {purpose}{shown}"


def _ipv6(seen: Seen) -> Text:
    match seen.view:
        case "open":
            return say("IPv6: somebody outside came in at {address}; it belongs into DNS.", address=seen.address)
        case "closed":
            return say(
                "IPv6: nobody outside gets in at {address}. Let the same ports in for it on the router; DNS leaves it "
                "out until then.",
                address=seen.address,
            )
    return say(
        "IPv6: this machine has an address of its own; let the same ports in for it on the router. DNS has it only "
        "once somebody outside came in over it, or if you choose it (network.public_addresses)."
    )


def _ipv6_let_in(seen: Seen, doors: Sequence[Door]) -> Text:
    """Return what was seen of IPv6, where the router was told to let people in."""
    values = {"doors": ", ".join(map(str, doors)), "address": seen.address}
    match seen.view:
        case "open":
            return say("IPv6: somebody outside came in at {address}; the router lets people in to {doors}.", **values)
        case "closed":
            return say(
                "IPv6: the router was told to let people in to {doors}, and yet nobody outside gets in at {address}. "
                "Is there a second router, a firewall, or a provider that blocks it? DNS leaves it out until then.",
                **values,
            )
    return say(
        "IPv6: the router was told to let people in to {doors}. DNS has the address only once somebody outside came in "
        "over it, or if you choose it (network.public_addresses).",
        **values,
    )


def _by_hand(found: WayIn) -> Iterator[str]:
    by_hand = [outside for outside in _lacking(found) if "-" in outside]
    if found.router.language and by_hand:
        text = say("Forward {doors} by hand: a range is more than most routers can be told.", doors=", ".join(by_hand))
        yield folded(text)


def _by_hand_over_ipv6(found: WayIn) -> Iterator[str]:
    ranges = [outside for outside, _, _ in found.forward if "-" in outside]
    if ranges:
        listed = ", ".join(ranges)
        yield folded(
            say("Let {doors} in over IPv6 by hand: a range is more than most routers can be told.", doors=listed)
        )


def _offer(found: WayIn) -> Iterator[str]:
    """Offer to tell the router what it was not told yet, and can be."""
    four = found.router.language in found.languages and any("-" not in door for door in _lacking(found))
    six = found.pinholes.language and not found.pinholes.ours
    if four:
        language = found.router.language
        text = say("The router can be told to do so ({language}): sudo xmpp-wizard router map", language=language)
        yield folded(text)
    elif six:
        language = found.pinholes.language
        yield folded(
            say(
                "The router can be told to let people in over IPv6 ({language}): sudo xmpp-wizard router map",
                language=language,
            )
        )


def _lacking(found: WayIn) -> list[str]:
    here = {str(door) for door in (*found.router.ours, *found.router.others)}
    return [outside for outside, _, _ in found.forward if outside not in here]
