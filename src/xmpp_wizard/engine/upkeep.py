"""Looking after a server by the clock: renew what is due, see that it is served, call a person only if one must act.

Run by the timer, every hour or every few minutes, with nobody there to read or to answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from xmpp_wizard.core.acme.retry import PATIENT_ATTEMPTS
from xmpp_wizard.core.errors import HealthError, LockedError, WizardError
from xmpp_wizard.core.events import ApplyEnded
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.notify import letter, told_after
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.rendering.timer import is_frequent
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.core.upkeep import Memory, Trouble, ending, life_left, needs_person, pause_seconds
from xmpp_wizard.engine.acme.account import account_troubles
from xmpp_wizard.engine.acme.outside import is_look_due, look_at_ipv6
from xmpp_wizard.engine.acme.report import lacks
from xmpp_wizard.engine.acme.upkeep import is_anything_due, obtain_due
from xmpp_wizard.engine.applying.apply import Consent, done
from xmpp_wizard.engine.certificates.own import own_troubles
from xmpp_wizard.engine.certificates.served import make_served
from xmpp_wizard.engine.memory import journal
from xmpp_wizard.engine.memory.router import router_troubles
from xmpp_wizard.engine.memory.upkeep import remember, remembered
from xmpp_wizard.engine.notify import tell
from xmpp_wizard.engine.observe import live_certificates
from xmpp_wizard.engine.records.pin_upkeep import key_troubles
from xmpp_wizard.engine.records.upkeep import applied_answers, dns_troubles, keep_dns, look_at_dns, prefix_troubles
from xmpp_wizard.engine.router import keep_router
from xmpp_wizard.engine.setup import Renew, current, prepare

PATIENCE_SECONDS = 600.0
"""How long to wait for an apply that is going on; the next run comes in an hour anyway."""

_HOUR_SECONDS = 50 * 60.0
"""About an hour: where the timer comes every few minutes, not everything is looked at each time."""

_UNATTENDED = Renew(is_unattended=True)


@dataclass(frozen=True, slots=True)
class Upkept:
    """How one run went: what was done (empty: nothing), what is wrong, and whether a person must act."""

    change: Text = NOTHING
    trouble: Trouble | None = None
    needs_person: bool = False
    exit_status: int = 0


def upkeep(world: World, layout: Layout) -> Upkept:
    """Renew what is due, look whether it is served, and remember what is wrong.

    Raises:
        NotSetUpError: there is no server here.
        DiskError: nothing can be remembered.
    """
    memory = remembered(world, layout)
    target, _ = current(world, layout)
    is_time = _is_time(world, layout, target, memory)
    # DNS comes last: an address that is new is let in to, then looked at from outside, then published
    _keep_router(world, layout)
    _look_at_ipv6(world, layout, target)
    if is_time or target.follows_address or not _was_lately(world, target, memory):
        _keep_dns(world, layout)
    if not is_time:
        return Upkept(trouble=memory.trouble)
    look_at_dns(world, layout)
    ended = _renewed(world, layout)
    # an apply that was waited for may have made another server of it
    target, _ = current(world, layout)
    failures = memory.failures + 1 if ended.exit_status else 0
    left = _least_life_left(world, layout)
    if ended.exit_status:
        found = _of_failure(ended, failures, left)
    else:
        found = _of_success(ended.text, tuple(found for find in _FINDERS for found in find(world, layout, target)))
    now, pause = world.clock.timestamp(), pause_seconds(failures, left)
    told = _told(world, layout, target, found, memory.told)
    remember(world, layout, Memory(now, failures, now + pause if pause else 0.0, found.trouble, told))
    return found


def _is_time(world: World, layout: Layout, target: Target, memory: Memory) -> bool:
    """Say whether to look at everything; a timer that comes every few minutes mostly finds that it is not."""
    now = world.clock.timestamp()
    if now < memory.last_at:
        # the clock was ahead and has been put right, and so was all that is remembered
        return True
    if now < memory.next_try_at:
        return False
    return not _was_lately(world, target, memory) or is_anything_due(world, layout, target)


def _was_lately(world: World, target: Target, memory: Memory) -> bool:
    """Say whether everything was looked at within the hour, by a timer that comes more often."""
    return is_frequent(target) and world.clock.timestamp() < memory.last_at + _HOUR_SECONDS


def _told(
    world: World, layout: Layout, target: Target, found: Upkept, told: Mapping[str, float]
) -> Mapping[str, float]:
    """Tell people what they must see to, or that it is over; what reached nobody is told again next time."""
    if found.trouble is not None and not found.needs_person:
        return told
    now = world.clock.timestamp()
    given = letter(target.domains[0], found.trouble, told, now, layout.command("status"))
    if given is None or not tell(world, layout, target.contact, given).reached:
        return told
    return told_after(given, told, now)


def _renewed(world: World, layout: Layout) -> ApplyEnded:
    """Renew what is due and return how that ended; without a journal where nothing is due."""
    try:
        with world.lock.hold(str(layout.lock), PATIENCE_SECONDS):
            obtain_due(world, layout, current(world, layout)[0], lambda _line: None)
            is_due = bool(prepare(world, layout, _UNATTENDED).plan)
    except WizardError as error:
        return ApplyEnded(error.exit_status, error.code, error.text, error.hint, world.clock.timestamp())
    if not is_due:
        return ApplyEnded(0, "", NOTHING, NOTHING, world.clock.timestamp())
    record = journal.new_journal(world, layout)
    return done(world, layout, _UNATTENDED, Consent(wants_proof=False), record, PATIENCE_SECONDS)


def _of_failure(ended: ApplyEnded, failures: int, left: float) -> Upkept:
    is_urgent = needs_person(ended.exit_status, ended.code, failures, left)
    return Upkept(NOTHING, Trouble(ended.code, ended.text, ended.hint), is_urgent, ended.exit_status)


def _of_success(change: Text, troubles: Sequence[Trouble]) -> Upkept:
    """Nothing failed, and yet something may be wrong that only a person can put right."""
    if not troubles:
        return Upkept(change)
    grave = [trouble for trouble in troubles if not trouble.is_fresh]
    return Upkept(change, (grave or troubles)[0], bool(grave), HealthError.exit_status)


def _unserved(world: World, layout: Layout, target: Target) -> Iterator[Trouble]:
    wrong = make_served(world, layout, target)
    if wrong:
        hint = say("A restart makes it read them: docker restart {name}", name=layout.container("prosody"))
        yield Trouble("not-served", wrong[0], hint)


def _keep_dns(world: World, layout: Layout) -> None:
    """Correct addresses and pins; while an apply goes on that waits for the next run."""
    with suppress(LockedError), world.lock.hold(str(layout.lock)):
        keep_dns(world, layout)


def _look_at_ipv6(world: World, layout: Layout, target: Target) -> None:
    """Let somebody outside look whether IPv6 answers; DNS has it only then."""
    if is_look_due(world, layout, target):
        with suppress(LockedError), world.lock.hold(str(layout.lock)):
            look_at_ipv6(world, layout, target)


def _keep_router(world: World, layout: Layout) -> None:
    """Give the router its orders again; while an apply goes on that waits for the next run."""
    target, _ = current(world, layout)
    if target.forwards or target.pinholes:
        with suppress(LockedError), world.lock.hold(str(layout.lock)):
            keep_router(world, layout, current(world, layout)[0])


def _undone_in_dns(world: World, layout: Layout, _target: Target) -> Iterator[Trouble]:
    yield from dns_troubles(world, layout)


def _ending(world: World, layout: Layout, target: Target) -> Iterator[Trouble]:
    now = world.clock.now()
    for name, certificate in live_certificates(world, layout)[1].items():
        found = ending(name, certificate, target.certificate_source.kind, now)
        if found is not None:
            yield found


def _lacking(world: World, layout: Layout, target: Target) -> Iterator[Trouble]:
    """Yield what a person must do so that each name gets its public certificate."""
    for lack in lacks(world, layout, target):
        if lack.needs_person:
            yield Trouble("certificate-lacking", lack.what, lack.do, is_fresh=lack.attempts <= PATIENT_ATTEMPTS)


def _held_back(world: World, layout: Layout, target: Target) -> Iterator[Trouble]:
    """Yield what a person must enter in DNS so that a new certificate can be served."""
    yield from key_troubles(world, layout, target, applied_answers(world, layout))


_FINDERS = (
    *(_unserved, _ending, account_troubles, _lacking, own_troubles, _held_back, _undone_in_dns, router_troubles),
    prefix_troubles,
)


def _least_life_left(world: World, layout: Layout) -> float:
    now = world.clock.now()
    found = live_certificates(world, layout)[1].values()
    return min((life_left(certificate, now) for certificate in found), default=0.0)
