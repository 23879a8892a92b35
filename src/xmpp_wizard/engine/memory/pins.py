"""What is remembered of keys that are pinned in DNS (DANE)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xmpp_wizard.core.certificates.certificate import ObservedCertificate
from xmpp_wizard.core.dns.pins import Pins, unready
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.engine.memory.memo import Memo

_PINS = Memo(Pins)


def load_pins(world: World, layout: Layout) -> Pins:
    """Return the pins that were published; none where nothing is known."""
    return _PINS.load(world, layout.pins) or Pins()


def remember_published(world: World, layout: Layout, pins: Sequence[str], ttl_seconds: int) -> None:
    """Remember that every name server has exactly these pins now."""
    before = load_pins(world, layout)
    after = before.after(pins, world.clock.timestamp(), ttl_seconds)
    if after != before:
        _PINS.save(world, layout.pins, after)


def waiting(
    world: World,
    layout: Layout,
    coming: Mapping[str, ObservedCertificate],
    live: Mapping[str, ObservedCertificate],
) -> frozenset[str]:
    """Return the names whose new certificate must not be served yet."""
    return unready(coming, live, load_pins(world, layout), world.clock.timestamp())
