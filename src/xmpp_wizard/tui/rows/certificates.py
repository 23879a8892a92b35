"""Certificates as rows: who issued them, for how long, which names wait for a public one, and what limits count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.acme.report import Lack
from xmpp_wizard.engine.certificates.live import CertificateStatus
from xmpp_wizard.engine.names_look import Limits
from xmpp_wizard.engine.status import Status
from xmpp_wizard.tui import when


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """One row; ``lines`` are what Enter shows."""

    title: str
    mark: str
    value: Text
    lines: tuple[Text, ...]


def rows(status: Status, limits: Limits | None, now: float) -> Iterator[CertificateRow]:
    """Yield a row for each certificate, then what else keeps names from a public one, then the limits."""
    left = list(status.lacks)
    for item in status.certificates:
        mine = [lack for lack in left if item.is_local and _is_about(lack, item)]
        left = [lack for lack in left if lack not in mine]
        yield _certificate(item, mine, limits, now)
    for lack in left:
        mark = "!" if lack.needs_person else " "
        yield CertificateRow(lack.name or lack.certificate, mark, _brief(lack, now), tuple(_whole(lack, now)))
    if limits is not None:
        yield _limits(limits)


def _is_about(lack: Lack, item: CertificateStatus) -> bool:
    return lack.name in item.names or (not lack.name and lack.certificate == item.name)


def _certificate(item: CertificateStatus, lacks: list[Lack], limits: Limits | None, now: float) -> CertificateRow:
    days = item.days_left(now)
    public = Text(limits.authority if limits is not None else item.issuer)
    issuer = say("this machine's own authority") if item.is_local else public
    value = say("{days} days left, by {issuer}", days=days, issuer=issuer)
    if lacks:
        value = say("this machine's own for now: {what}", what=_brief(lacks[0], now))
    if days < 0:
        value = say("ended on {day}", day=item.not_after.date())
    facts = (
        say("Names: {names}", names=", ".join(item.names)),
        say("From: {day}", day=item.not_before.date()),
        say("Until: {day}", day=item.not_after.date()),
        say("Renewed after: {day}", day=item.renewal_at.date()),
        say("Issued by: {issuer}", issuer=issuer if item.is_local else item.issuer),
        say("Serial number: {serial}", serial=item.serial),
        say("SHA-256: {hash}", hash=item.sha256),
    )
    told = tuple(text for lack in lacks for text in _whole(lack, now))
    return CertificateRow(item.name, "!" if days < 0 or lacks else " ", value, (*told, *facts))


def _brief(lack: Lack, now: float) -> Text:
    return say("{what}; {again}", what=lack.what, again=_again(lack, now))


def _whole(lack: Lack, now: float) -> Iterator[Text]:
    yield say("Not public yet: {what}.", what=lack.what)
    if lack.do:
        yield lack.do
    yield say("It is {again}; n asks at once.", again=_again(lack, now))


def _again(lack: Lack, now: float) -> Text:
    if lack.next_attempt is None:
        return say("not tried again by itself") if lack.needs_person else say("tried again within the hour")
    seconds = lack.next_attempt.timestamp() - now
    return say("tried again in {span}", span=when.span(seconds)) if seconds > 0 else say("tried again within the hour")


def _limits(found: Limits) -> CertificateRow:
    about = say("What {who} counts; this program stops before a limit is reached.", who=found.authority)
    facts = (
        say("Orders within three hours: {count}", count=found.orders),
        say("Failed checks within an hour: {count}", count=found.failed),
        say("Certificates within a week: {count}", count=found.issued),
    )
    counts = say(
        "orders {orders}, failed checks {failed}, certificates {issued}",
        orders=found.orders,
        failed=found.failed,
        issued=found.issued,
    )
    if found.more_at is None:
        more = say("more at any time")
        return CertificateRow("", " ", say("{counts}; {more}", counts=counts, more=more), (about, *facts, more))
    more = say("more from {time} on", time=when.day(found.more_at.timestamp()))
    return CertificateRow("", "!", say("{counts}; {more}", counts=counts, more=more), (about, *facts, found.why, more))
