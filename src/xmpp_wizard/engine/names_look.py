"""What a page about names and certificates shows beside the certificates: records, DNS, and what limits count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from xmpp_wizard.core.acme.ledger import Ledger, Wait, recent, wait_for_check, wait_for_names
from xmpp_wizard.core.acme.source import asked_names, authority_name
from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.dns.record import Record
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import NOTHING, Text
from xmpp_wizard.engine.acme import store
from xmpp_wizard.engine.records import dns
from xmpp_wizard.engine.records.dns import DnsReport
from xmpp_wizard.engine.setup import current


@dataclass(frozen=True, slots=True)
class Limits:
    """What an authority's limits count just now."""

    authority: str
    orders: int
    """Within three hours."""
    issued: int
    """Certificates within a week."""
    failed: int
    """Checks within an hour."""
    more_at: datetime | None = None
    """When something is allowed again that is not now."""
    why: Text = NOTHING


@dataclass(frozen=True, slots=True)
class NamesLook:
    """What was found, and ``at`` when (seconds since 1970)."""

    at: float
    report: DnsReport
    records: tuple[Record, ...]
    limits: Limits | None
    """None where no public authority is asked."""
    can_push: bool
    """Whether the program may change DNS itself."""


def look_at_names(world: World, layout: Layout, answers: Answers) -> NamesLook:
    """Ask DNS about all records; takes as long as DNS does, at most some seconds.

    Raises:
        WizardError: the answers contradict each other, or there is no server.
    """
    target, _ = current(world, layout)
    report, records = dns.report(world, layout, answers), dns.records(world, layout, answers)
    can_push = answers.dns.account is not None
    return NamesLook(world.clock.timestamp(), report, records, limits(world, layout, target), can_push=can_push)


def limits(world: World, layout: Layout, target: Target) -> Limits | None:
    """Return what counts now at the authority of ``target``, and when more is allowed."""
    source = target.certificate_source.acme
    if source is None:
        return None
    now = world.clock.now()
    ledger = recent(store.load_state(world, layout).ledgers.get(source.directory_url, Ledger()), now)
    last = max(_waits(target, ledger, now), key=lambda wait: wait.until, default=None)
    who = authority_name(source.directory_url)
    counts = len(ledger.orders), len(ledger.issued), len(ledger.failed)
    return Limits(who, *counts, *((last.until, last.why) if last else ()))


def _waits(target: Target, ledger: Ledger, now: datetime) -> Iterator[Wait]:
    source = target.certificate_source.acme
    for request in target.certificates if source is not None else ():
        names = asked_names(source, request.names) if source is not None else ()
        found = (wait_for_names(ledger, names, now), *(wait_for_check(ledger, name, now) for name in names))
        yield from (wait for wait in found if wait is not None)
