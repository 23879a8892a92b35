"""What the timer does for DNS: an address that changed is corrected, the pins of a next key are published in time."""

from __future__ import annotations

from ipaddress import ip_address

from xmpp_wizard.core.answers import Answers
from xmpp_wizard.core.dns.change import Push
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.engine.dns_line import last_line, remember_line
from xmpp_wizard.engine.dns_push import carry_out, prepare

PAUSE_SECONDS = 300.0
"""Providers ask not to be told more often than every five minutes."""
_ASK_SECONDS = 10.0


def update_addresses(world: World, layout: Layout, answers: Answers) -> Push:
    """Correct the address records if the line has another address; return what was changed.

    It does nothing where the answers do not want it, and at most every five minutes. Others' records stay.

    Raises:
        EffectError: the address cannot be found out, or DNS cannot be changed.
    """
    if not answers.dns.follows_address or answers.dns.account is None:
        return Push()
    now, before = world.clock.timestamp(), last_line(world, layout)
    if now < before.seen_at + PAUSE_SECONDS:
        return Push()
    found = _addresses(world, answers)
    remember_line(world, layout, found)
    prepared = prepare(world, layout, answers, kinds=frozenset(("A", "AAAA")))
    carry_out(world, layout, prepared)
    return prepared.push


def keep_pins(world: World, layout: Layout, answers: Answers) -> Push:
    """Publish the pins of the keys that are served and of those to come; take away old ones.

    Raises:
        EffectError: DNS cannot be changed; a new key is then not served before it is pinned.
    """
    if not answers.dns.pins or answers.dns.account is None:
        return Push()
    prepared = prepare(world, layout, answers, kinds=frozenset(("TLSA",)))
    carry_out(world, layout, prepared)
    return prepared.push


def _addresses(world: World, answers: Answers) -> tuple[str, ...]:
    """Return the public addresses: IPv6 this machine's own one, IPv4 as somebody outside sees it or its own one."""
    machine = [address for address in world.sockets.addresses() if ip_address(address).is_global]
    four = [address for address in machine if ":" not in address]
    six = [address for address in machine if ":" in address]
    seen = [world.address_service.address(answers.dns.address_url, _ASK_SECONDS)] if answers.dns.address_url else four
    return (*seen[:1], *six[:1])
