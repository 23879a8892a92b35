"""The rows about router and line: what is to be forwarded, whether the router is told to, and ways around."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address

from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.dns.record import is_public
from xmpp_wizard.core.draft import Key
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.router import ObservedRouter, router_notes
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.core.wanted.desired import Desired
from xmpp_wizard.engine.asking.detect import Finding
from xmpp_wizard.engine.asking.session import Session
from xmpp_wizard.engine.plan_page.row import PlanRow
from xmpp_wizard.engine.relay import overview
from xmpp_wizard.engine.setup import Prepared

OPEN_ROUTER: Key = ("network", "open_router")
PUBLISHED: Key = ("network", "public_addresses")
_TITLE, _SIX_ONLY = say("Router"), say("IPv6 only")


def router_rows(
    prepared: Prepared, answers: Answers, wanted: Desired, findings: Mapping[str, Finding]
) -> Iterator[PlanRow]:
    """Yield what the router has to do; nothing where there is none in between."""
    line, router = findings.get("line"), findings.get("router")
    chosen, six = answers.network.public_addresses, own_ipv6(prepared.observed.addresses)
    pinholes = prepared.observed.pinholes
    is_told = pinholes is not None and bool(pinholes.language)
    if line is not None and line.fact:
        can_be_told = router is not None and router.fact == "ipv6 told"
        if chosen:
            yield from _way_taken(chosen, is_told=is_told)
        else:
            yield from (_let_in(six),) if is_told else _ways(line, six, is_told=can_be_told)
        return
    if line is not None and line.word == "!":
        yield PlanRow("router", _TITLE, line.text, line.hint, "!", opens="router")
    own = [address for address in prepared.observed.addresses if ":" not in address]
    if not own or not all(ip_address(address).is_private for address in own):
        return
    ports = " ".join(wanted.outside_numbers)
    values = {"ports": ports, "address": next(iter(wanted.addresses), own[0])}
    if answers.network.open_router and prepared.observed.router is None and pinholes is not None:
        yield _let_in(six) if pinholes.language else _ordered(pinholes, values)
    elif answers.network.open_router:
        yield _ordered(prepared.observed.router, values)
    elif line is None or line.word != "!":
        yield _offered(values, can_be_told=router is not None and router.word == "ok")


def own_ipv6(addresses: Sequence[str]) -> str:
    """Return this machine's IPv6 address that the whole internet could call; empty where it has none."""
    return next((address for address in addresses if ":" in address and is_public(address)), "")


def with_way(session: Session, row: PlanRow, addresses: Sequence[str]) -> Session | None:
    """Return the session with the way of ``row`` taken, or given up; None where somebody first has to read how."""
    match row.id:
        case "way-ipv6":
            chosen = None if session.draft.said(PUBLISHED) else [own_ipv6(addresses)]
            draft = session.draft.with_change(PUBLISHED, chosen)
            if OPEN_ROUTER in row.keys:
                draft = draft.with_change(OPEN_ROUTER, True if chosen else None)
            return session.with_draft(draft)
        case "way-taken":
            return session.with_draft(session.draft.with_change(PUBLISHED, None))
        case "way-home":
            return session.at_home(is_wanted=True)
    return None


def explained(row: PlanRow, layout: Layout) -> tuple[Text, ...]:
    """Return what somebody should read who opens a row that is no way by itself."""
    return tuple(overview(layout)) if row.id == "way-relay" else (row.value, row.why)


def _offered(values: Mapping[str, str], *, can_be_told: bool) -> PlanRow:
    if not can_be_told:
        text = say("forward {ports} to {address}", **values)
        return PlanRow("router", _TITLE, text, say("Enter: the table for your router."), "!", opens="router")
    text = say("Enter: let it forward {ports}", ports=values["ports"])
    why = say("Exactly these ports; undo or uninstall takes them back. Enter: tell it.")
    return PlanRow("router", _TITLE, text, why, "!", (OPEN_ROUTER,), "order")


def _ordered(found: ObservedRouter | None, values: Mapping[str, str]) -> PlanRow:
    notes = tuple(router_notes(found))
    if notes:
        why = say("Set that right on the router's page. Enter: leave the router alone.")
        return PlanRow("router", _TITLE, notes[0], why, "!", (OPEN_ROUTER,), "order")
    text = say("is told to forward {ports} to {address}", **values)
    why = say("A day each, again every hour; undo takes it back. Enter: leave it alone.")
    return PlanRow("router", _TITLE, text, why, keys=(OPEN_ROUTER,), opens="order")


def _let_in(six: str) -> PlanRow:
    """Return the row of a line that has no IPv4 address of its own, whose router is told to let IPv6 in."""
    text = say("is told to let people in over IPv6, at {address}", address=six)
    why = say("Who has no IPv6 cannot reach you. Enter: leave the router alone.")
    return PlanRow("router", _TITLE, text, why, keys=(OPEN_ROUTER,), opens="order")


def _ways(line: Finding, six: str, *, is_told: bool) -> Iterator[PlanRow]:
    """Yield what is left to somebody whom nobody can call over IPv4, before anything is built.

    A router that can be told (``is_told``) to let IPv6 in is told so together with that choice.
    """
    yield PlanRow("router", say("No way in"), line.text, line.hint, "!", opens="way")
    if six:
        value = say("over {address}   Enter: choose this", address=six)
        why = say("Who has no IPv6 cannot reach you: some phones, offices and servers.")
        if is_told:
            why = say("The router is told to let them in. Who has no IPv6 cannot reach you.")
        yield PlanRow("way-ipv6", _SIX_ONLY, value, why, keys=_keys(is_told=is_told), opens="way")
    value = say("nobody outside   Enter: choose this")
    why = say("Works in this network only, and talks to no other servers.")
    yield PlanRow("way-home", say("Home only"), value, why, opens="way")
    value = say("through a small rented server   Enter: how")
    why = say("It passes everything on to this machine, which keeps all data.")
    yield PlanRow("way-relay", say("A relay"), value, why, keys=(PUBLISHED,), opens="way")


def _keys(*, is_told: bool) -> tuple[Key, ...]:
    return (PUBLISHED, OPEN_ROUTER) if is_told else (PUBLISHED,)


def _way_taken(chosen: Sequence[str], *, is_told: bool) -> Iterator[PlanRow]:
    listed = ", ".join(chosen)
    if all(":" in address for address in chosen):
        value = say("over {address}", address=listed)
        why = say("Let the ports in on the router. Who has no IPv6 stays out. Enter: other ways.")
        if is_told:
            value = say("over {address}; the router is told to let people in", address=listed)
            why = say("Who has no IPv6 cannot reach you. Enter: other ways.")
        yield PlanRow("way-ipv6", _SIX_ONLY, value, why, keys=_keys(is_told=is_told), opens="way")
        return
    value = say("{addresses} passes on to this machine", addresses=listed)
    why = say("Then: sudo xmpp-wizard router relay ADDRESS. Enter: other ways.")
    yield PlanRow("way-taken", say("A relay"), value, why, keys=(PUBLISHED,), opens="way")
