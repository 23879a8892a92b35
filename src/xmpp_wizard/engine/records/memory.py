"""How DNS was when it was looked at last: the timer looks every hour, so that a status need not ask anybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import Text
from xmpp_wizard.engine.memory.memo import Memo

if TYPE_CHECKING:
    from xmpp_wizard.engine.records.dns import DnsReport


@dataclass(frozen=True, slots=True)
class DnsMemory:
    """What was found; ``at`` in seconds since 1970."""

    at: float
    is_right: bool
    """Whether everybody reached the server."""
    wrong: tuple[Text, ...] = ()
    """What was not right, the worst first."""


_MEMORY = Memo(DnsMemory)


def remember_report(world: World, layout: Layout, found: DnsReport) -> None:
    """Keep what was found now."""
    wrong = sorted((item for item in found.findings if item.level != "ok"), key=lambda item: item.level != "!")
    memory = DnsMemory(world.clock.timestamp(), found.is_right, tuple(item.text for item in wrong))
    _MEMORY.save(world, layout.dns_check, memory)


def last_report(world: World, layout: Layout) -> DnsMemory | None:
    """Return what was found last; None where nobody has looked yet."""
    return _MEMORY.load(world, layout.dns_check)
