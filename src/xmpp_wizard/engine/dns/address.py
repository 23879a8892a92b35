"""The public addresses of this line, as they belong into DNS."""

from __future__ import annotations

from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.dns.own_address import address_in
from xmpp_wizard.core.dns.record import is_public
from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import say

_ASK_SECONDS = 10.0


def addresses(world: World, answers: Answers) -> tuple[str, ...]:
    """Return the public addresses: IPv6 this machine's own one, IPv4 as somebody outside sees it or its own one.

    Raises:
        EffectError: who is to tell the address is not reached, or tells none.
    """
    machine = [address for address in world.sockets.addresses() if is_public(address)]
    four = [address for address in machine if ":" not in address]
    six = [address for address in machine if ":" in address]
    seen = [_seen_outside(world, answers.dns.address_url)] if answers.dns.address_url else four
    return (*seen[:1], *six[:1])


def _seen_outside(world: World, url: str) -> str:
    found = address_in(world.web_pages.get(url, _ASK_SECONDS, over_ipv4=True).text)
    if not found:
        raise EffectError(
            say("{url} did not answer with a public address", url=url),
            say("Set dns.address_url to a service that answers with your address and nothing else."),
        )
    return found
