"""Whether certificates are looked after by themselves, when that was done last, and when it is done next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.moments import minute
from xmpp_wizard.core.observed import ObservedTimer
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.rendering.timer import Scheduler
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.memory.upkeep import remembered

_SILENCE = timedelta(days=3)
"""A machine may be off over a weekend; then the timer makes up for it."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """How certificates are looked after; ``state`` is ``none`` for a server below a folder of its own."""

    scheduler: Scheduler
    state: str
    last_at: float
    """Seconds since 1970; 0 before the first time."""
    next_at: datetime | None
    problem: Text
    """What keeps it from working, and a person can put right."""
    note: Text
    """What a person should know, though nothing is broken."""


def renewal(world: World, layout: Layout) -> Renewal:
    """Return how certificates are looked after now.

    Raises:
        EffectError: the scheduler does not answer.
    """
    memory = remembered(world, layout)
    if str(layout.root) != "/":
        note = say("nothing renews by itself below --root; by hand: {command}", command=layout.command("cert", "renew"))
        return Renewal("", "none", memory.last_at, None, NOTHING, note)
    found = world.services.timer(layout.timer)
    problem = _off(found)
    if not problem and memory.trouble is not None:
        problem = say("{what}; {how}", what=memory.trouble.text, how=memory.trouble.hint)
    silent = timedelta(seconds=world.clock.timestamp() - memory.last_at) if memory.last_at else timedelta()
    if not problem and found.state == "waiting" and silent > _SILENCE:
        values = {"days": silent.days, "unit": layout.timer}
        problem = say("the timer has done nothing for {days} days; see: systemctl status {unit}", **values)
    return Renewal(found.scheduler, found.state, memory.last_at, found.next_at, problem, _nobody(found))


def in_words(found: Renewal) -> Text:
    """Return who renews certificates and when, or why nobody does."""
    if found.problem or found.note:
        return found.problem or found.note
    last = say("{when}", when=minute(found.last_at)) if found.last_at else say("not yet")
    by = say("systemd's timer") if found.scheduler == "systemd" else say("cron")
    if found.next_at is None:
        return say("by itself every hour, by {who}; last run: {last}", who=by, last=last)
    soon = minute(found.next_at.timestamp())
    return say("by itself every hour, by {who}; last run: {last}, next: {next}", who=by, last=last, next=soon)


def _off(found: ObservedTimer) -> Text:
    """Say what is wrong with the timer itself, and what puts it right."""
    unit = f"{found.name}.timer"
    match found.state:
        case "off":
            return say("the timer that renews certificates is off; sudo xmpp-wizard apply starts it")
        case "masked":
            return say("the timer that renews certificates is masked; free it: systemctl unmask {unit}", unit=unit)
        case "failed":
            return say("the timer that renews certificates has failed; sudo xmpp-wizard apply starts it again")
        case "missing" if found.scheduler:
            return say("nothing renews certificates by itself yet; sudo xmpp-wizard apply sets a timer")
        case _:
            return NOTHING


def _nobody(found: ObservedTimer) -> Text:
    """Say that nobody runs anything by the clock here: no fault of the server, and yet good to know."""
    if found.state == "no daemon" or not found.scheduler:
        return say("nothing runs by the clock here, so nothing renews certificates: apt-get install cron, and start it")
    return NOTHING
