"""What somebody has to do elsewhere before the world reaches the server: names in DNS, openings in the router."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.dns.free_names import provider_title
from xmpp_wizard.core.dns.record import Own
from xmpp_wizard.core.dns.record import wanted as records
from xmpp_wizard.core.dns.zone_file import rdata
from xmpp_wizard.core.names import is_at_home
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.core.wanted.desired import Desired
from xmpp_wizard.engine.asking.detect import Finding
from xmpp_wizard.engine.asking.session import Session
from xmpp_wizard.engine.plan_page.router import router_rows
from xmpp_wizard.engine.plan_page.row import PlanRow
from xmpp_wizard.engine.setup import Prepared


def outside(
    session: Session, prepared: Prepared, answers: Answers, wanted: Desired, findings: Mapping[str, Finding]
) -> Iterator[PlanRow]:
    """Return what somebody has to do elsewhere; none of it stops the set-up."""
    names = [finding for finding in (findings.get("domain"), findings.get("names")) if finding is not None]
    at_home = session.is_at_home or is_at_home(answers.domain)
    if at_home:
        text = say("your router must lead {domain} to this machine", domain=answers.domain)
        yield PlanRow("dns", say("Names at home"), text, say("Enter: what to enter in the router."), "!", opens="dns")
    elif wanted.keeping is not None:
        yield _kept(answers, wanted, findings.get("domain"))
    elif names and names[-1].word == "!" and names[-1].id == "names":
        yield PlanRow("dns", say("DNS"), names[-1].text, names[-1].hint, "!", opens="dns")
    elif any(finding.word != "ok" for finding in names) or not names:
        count = sum(record.is_required for record in wanted.records)
        text = say(
            "{count} records needed to start, {more} more are better", count=count, more=len(wanted.records) - count
        )
        yield PlanRow("dns", say("DNS"), text, say("Enter: the list to copy. It can be done later."), "!", opens="dns")
    else:
        yield PlanRow("dns", say("DNS"), say("right"), say("Enter: all records."), opens="dns")
    if not at_home:
        yield from router_rows(prepared, answers, wanted, findings)


def _kept(answers: Answers, wanted: Desired, found: Finding | None) -> PlanRow:
    """Return the row for records that are entered by themselves, with what keeps them from it."""
    if found is not None and found.word == "!":
        return PlanRow("dns", say("DNS"), found.text, found.hint, "!", opens="address")
    values = {"count": len(wanted.records), "provider": provider_title(answers.dns)}
    text = say("Apply enters {count} records at {provider}, and keeps them right", **values)
    return PlanRow("dns", say("DNS"), text, say("Enter: the records."), opens="dns")


def dns_lines(wanted: Desired, address: str) -> tuple[str, ...]:
    """Return the records as a zone file has them; ``address`` is what the machine's name leads to."""
    own = Own((address,) if address else (), frozenset())
    return tuple(f"{record.name + '.':<36} {record.kind:<5} {rdata(record)}" for record in records(wanted, own))


def router_lines(wanted: Desired, address: str, words: Callable[[Text], str] = str) -> tuple[str, ...]:
    """Return what the router has to forward to ``address``, a line for each port."""
    return tuple(
        f"{port.ports:>11} {port.protocol:<4} -> {address}   {words(port.purpose)}" for port in wanted.outside_ports
    )
