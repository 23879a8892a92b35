"""Asking for all certificates that are due, and remembering what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from xmpp_wizard.core.acme.advice import Advice, explain
from xmpp_wizard.core.acme.due import is_attempt_due, is_worth_keeping
from xmpp_wizard.core.acme.ledger import Ledger, recent
from xmpp_wizard.core.acme.model import Problem
from xmpp_wizard.core.acme.retry import next_attempt
from xmpp_wizard.core.acme.source import AcmeSource, asked_names
from xmpp_wizard.core.acme.state import CertificateState
from xmpp_wizard.core.certificates.certificate import CertificateRequest, ObservedCertificate
from xmpp_wizard.core.certificates.renewal import missing_names
from xmpp_wizard.core.containers import Report
from xmpp_wizard.core.errors import DiskError, EffectError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import Text
from xmpp_wizard.engine.acme import store
from xmpp_wizard.engine.acme.attempt import Attempt, is_certificate_due
from xmpp_wizard.engine.acme.leads import have_moved, leads
from xmpp_wizard.engine.acme.window import ask_when_to_renew, is_question_due

_PATIENCE = 3
"""Attempts in a row that an authority may fail before another one is asked, while there is time."""


def obtain_due(world: World, layout: Layout, target: Target, report: Report, *, impatient: bool = False) -> bool:
    """Ask for what is due of a server's certificates; say whether anything new came.

    ``impatient``: also for names that failed, though it is not time to try them again.

    Nothing is raised for what an authority, DNS or a closed port does: it is remembered, and told by the status.

    Raises:
        DiskError: nothing can be remembered.
    """
    # of a run that was cut off
    world.tls_responder.tidy(layout.project)
    source = target.certificate_source.acme
    if source is None or target.certificate_source.kind != "acme":
        return False
    _forget_others(world, layout, target)
    for request in target.certificates:
        ask_when_to_renew(world, layout, source, request)
    due = [request for request in target.certificates if _is_due(world, layout, source, request, impatient=impatient)]
    return obtain(world, layout, source, due, report)


def is_anything_due(world: World, layout: Layout, target: Target) -> bool:
    """Say whether :func:`obtain_due` would ask an authority for anything; looks at the disk and at DNS only."""
    source = target.certificate_source.acme
    if source is None or target.certificate_source.kind != "acme":
        return False
    return any(
        is_question_due(world, layout, source, request) or _is_due(world, layout, source, request)
        for request in target.certificates
    )


def _is_due(
    world: World, layout: Layout, source: AcmeSource, request: CertificateRequest, *, impatient: bool = False
) -> bool:
    known = _known(world, layout, source, request)
    before = store.load_state(world, layout).certificates.get(request.name)
    if is_attempt_due(request, source.directory_url, known, before, world.clock.now()):
        return True
    is_lacking = known is None or missing_names(known, request.names)
    if impatient and (is_lacking or (before is not None and before.troubles)):
        return True
    return have_moved(world, source, before)


def obtain(
    world: World,
    layout: Layout,
    source: AcmeSource,
    requests: Iterable[CertificateRequest],
    report: Report,
    *,
    force: bool = False,
) -> bool:
    """Ask for these certificates now; say whether anything new came."""
    world.files.make_folder(str(layout.acme), 0o700, (0, 0))
    # each one is asked for, whatever came of the one before
    news = [_attempt(world, layout, source, request, report, force=force) for request in requests]
    return any(news)


def in_the_way(world: World, layout: Layout, requests: Iterable[CertificateRequest]) -> Iterator[Text]:
    """Yield what kept the last attempt from having all names of these certificates."""
    known = store.load_state(world, layout).certificates
    for request in requests:
        if request.name in known:
            yield from (trouble.what for trouble in known[request.name].troubles)


def _attempt(
    world: World, layout: Layout, source: AcmeSource, request: CertificateRequest, report: Report, *, force: bool
) -> bool:
    state = store.load_state(world, layout)
    before = state.certificates.get(request.name)
    ledger = recent(state.ledgers.get(source.directory_url, Ledger()), world.clock.now())
    order_url = before.order_url if before is not None and before.directory_url == source.directory_url else ""
    wished = replace(request, names=asked_names(source, request.names))
    attempt = Attempt(world, layout, source, wished, report, ledger, order_url, is_forced=force)
    known = _known(world, layout, source, request)
    is_due = is_certificate_due(attempt, known)
    begun = CertificateState(source.directory_url, request.names, order_url=order_url)
    if before is None:
        # written before anything is asked: also what is cut off counts as an attempt
        store.save_certificate_state(world, layout, request.name, begun)
    try:
        found = attempt.run(known, is_due=is_due)
    except DiskError as error:
        found = explain(Problem("disk", str(error.text)))
    except EffectError as error:
        found = explain(Problem("notAcme", str(error.text)))
    if source.fallback is not None and _is_needed(found, known, before or begun, world.clock.now()):
        url = source.fallback.directory_url
        second = Attempt(world, layout, source.fallback, wished, report, state.ledgers.get(url, Ledger()))
        found = second.run(known, is_due=True)
        _save_ledger(second)
        attempt.has_obtained = second.has_obtained
    _remember(attempt, request, before or begun, found)
    return attempt.has_obtained


def _is_needed(
    found: Iterable[Advice], known: ObservedCertificate | None, before: CertificateState, now: datetime
) -> bool:
    """Say whether to ask another authority: where this one is at fault, and there is no time or patience left."""
    is_its_fault = any(advice.blame == "authority" for advice in found)
    is_urgent = known is None or not is_worth_keeping(known, now)
    return is_its_fault and (is_urgent or before.failures >= _PATIENCE)


def _remember(
    attempt: Attempt, request: CertificateRequest, before: CertificateState, found: tuple[Advice, ...]
) -> None:
    world = attempt.world
    source, now, after = attempt.source, world.clock.now(), _known(world, attempt.layout, attempt.source, request)
    is_whole = after is not None and not missing_names(after, request.names)
    is_well = is_whole and (attempt.has_obtained or not found)
    failures = 0 if is_well else before.failures + 1
    state = replace(
        before,
        directory_url=source.directory_url,
        names=request.names,
        troubles=() if is_well else tuple(_worth_telling(advice, before.troubles) for advice in found),
        failures=failures,
        last_attempt=now,
        next_attempt=None if is_well else next_attempt(found, failures, now),
        order_url=attempt.order_url,
        ask_renewal_at=None if attempt.has_obtained else before.ask_renewal_at,
        leads={} if is_well else leads(world, source, _blamed(found, request.names)),
    )
    store.save_certificate_state(world, attempt.layout, request.name, state)
    _save_ledger(attempt)


def _worth_telling(advice: Advice, before: Iterable[Advice]) -> Advice:
    """Return why a name failed, where it now only waits for having failed too often."""
    if advice.key != "rate-failed":
        return advice
    return next((old for old in before if old.name == advice.name), advice)


def _blamed(found: Iterable[Advice], names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names that are in trouble for what the world sees of them."""
    named = {advice.name for advice in found if advice.blame == "name"}
    return names if "" in named else tuple(name for name in names if name in named)


def _save_ledger(attempt: Attempt) -> None:
    everything = store.load_state(attempt.world, attempt.layout)
    counted = recent(attempt.ledger, attempt.world.clock.now())
    ledgers = {**everything.ledgers, attempt.source.directory_url: counted}
    store.save_state(attempt.world, attempt.layout, replace(everything, ledgers=ledgers))


def _forget_others(world: World, layout: Layout, target: Target) -> None:
    everything = store.load_state(world, layout)
    names = {request.name for request in target.certificates}
    kept = {name: state for name, state in everything.certificates.items() if name in names}
    if kept != dict(everything.certificates):
        store.save_state(world, layout, replace(everything, certificates=kept))


def _known(world: World, layout: Layout, source: AcmeSource, request: CertificateRequest) -> ObservedCertificate | None:
    pair = store.obtained(world, layout, source, request)
    return pair[0] if pair is not None else None
