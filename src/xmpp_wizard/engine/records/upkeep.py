"""What the timer does for DNS: an address that changed is corrected, the pins of a next key are published in time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.dns.change import Push
from xmpp_wizard.core.dns.record import is_public
from xmpp_wizard.core.errors import AnswersError, DnsRefusedError, NameTakenError, WizardError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.names import is_at_home
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import say
from xmpp_wizard.core.upkeep import Trouble
from xmpp_wizard.core.wanted.desired import desired
from xmpp_wizard.engine.acme.account import account, account_url
from xmpp_wizard.engine.dns.address import addresses
from xmpp_wizard.engine.dns.made import all_made
from xmpp_wizard.engine.memory import generations
from xmpp_wizard.engine.memory.dns import last_line, remember_line
from xmpp_wizard.engine.memory.pins import load_pins
from xmpp_wizard.engine.records.dns import report
from xmpp_wizard.engine.records.entering import enter_records, remember_trouble
from xmpp_wizard.engine.records.memory import remember_report
from xmpp_wizard.engine.records.pin_upkeep import notice_pins
from xmpp_wizard.engine.records.push import carry_out, prepare

PAUSE_SECONDS = 300.0
"""Providers ask not to be told more often than every five minutes."""

_PATIENCE_SECONDS = 3 * 3600.0
"""A provider that is down for so long needs a person; a shorter fault mends itself."""


def keep_dns(world: World, layout: Layout) -> None:
    """Do all that the timer does for DNS, for the server as it was applied last; a failure is only remembered."""
    answers = applied_answers(world, layout)
    if answers is None or answers.dns.account is None:
        return
    try:
        if not _finish(world, layout, answers):
            update_addresses(world, layout, answers)
            keep_pins(world, layout, answers)
            keep_binding(world, layout, answers)
    except WizardError as error:
        remember_trouble(world, layout, error)
        return
    before = last_line(world, layout)
    if before.trouble is not None:
        remember_line(world, layout, replace(before, failing_since=0.0, trouble=None))


def look_at_dns(world: World, layout: Layout) -> None:
    """Compare DNS with what it should say and remember the outcome; a network of one's own needs none."""
    answers = applied_answers(world, layout)
    if answers is None or is_at_home(answers.domain):
        return
    with suppress(WizardError):
        remember_report(world, layout, report(world, layout, answers))
        notice_pins(world, layout, answers)


def dns_troubles(world: World, layout: Layout) -> Iterator[Trouble]:
    """Yield why DNS could not be corrected, once that has lasted."""
    line = last_line(world, layout)
    if line.trouble is None:
        return
    is_refused = line.trouble.code in (DnsRefusedError.code, NameTakenError.code)
    if is_refused or world.clock.timestamp() >= line.failing_since + _PATIENCE_SECONDS:
        yield line.trouble


def prefix_troubles(world: World, layout: Layout, target: Target) -> Iterator[Trouble]:
    """Yield that DNS leads people to an IPv6 address that this machine had, and its line has another prefix now."""
    answers = applied_answers(world, layout) if target.pinholes else None
    chosen = answers.network.public_addresses if answers is not None else ()
    own = [address for address in world.sockets.addresses() if ":" in address and is_public(address)]
    if own and chosen and all(":" in address for address in chosen) and not {*chosen} & {*own}:
        yield Trouble(
            "address-gone",
            say("DNS leads people to {address}, and this machine has {own} now", address=chosen[0], own=own[0]),
            say(
                "Your provider gave your line another prefix. Let DNS follow it (dns.follows_address, and nothing in "
                "network.public_addresses), or correct the answer and the record."
            ),
        )


def keep_binding(world: World, layout: Layout, answers: Answers) -> Push:
    """Let our own CAA record name the account that there is, after the key of an earlier one was lost.

    Raises:
        EffectError: DNS cannot be changed, or the authority is not reached.
    """
    source = desired(answers).certificate_source.acme
    is_ours = any(record.kind == "CAA" for record in all_made(world, layout))
    if source is None or answers.dns.caa != "account" or not is_ours:
        return Push()
    # makes an account where there is none
    account_url(world, layout, source)
    known = account(world, layout, source)
    if known is None or not known.former_url:
        return Push()
    prepared = prepare(world, layout, answers, kinds=frozenset(("CAA",)))
    carry_out(world, layout, prepared)
    return prepared.push


def _finish(world: World, layout: Layout, answers: Answers) -> bool:
    """Enter what an apply could not; say whether there was something of that kind."""
    keeping, line = desired(answers).keeping, last_line(world, layout)
    if keeping is None or line.entered == keeping.mark:
        return False
    enter_records(world, layout, answers, keeping.mark)
    return True


def applied_answers(world: World, layout: Layout) -> Answers | None:
    from xmpp_wizard.core.answers.file import load  # noqa: PLC0415 it is heavy, and only this needs it

    good = generations.last_good(world, layout)
    if good is None:
        return None
    try:
        return load(generations.load_answers(world, layout, good.number).encode(), "answers.toml", {}, ())[0]
    except AnswersError:
        # of another version: the next apply brings them up to date
        return None


def update_addresses(world: World, layout: Layout, answers: Answers) -> Push:
    """Correct the address records if the line has another address; return what was changed.

    It does nothing where the answers do not want it, and at most every five minutes. Others' records stay.

    Raises:
        EffectError: the address cannot be found out, or DNS cannot be changed.
    """
    if not answers.dns.follows_address or answers.dns.account is None:
        return Push()
    now, before = world.clock.timestamp(), last_line(world, layout)
    if before.seen_at <= now < before.seen_at + PAUSE_SECONDS:
        return Push()
    found = addresses(world, answers)
    remember_line(world, layout, replace(before, addresses=found, seen_at=now))
    prepared = prepare(world, layout, answers, kinds=frozenset(("A", "AAAA")))
    carry_out(world, layout, prepared)
    return prepared.push


def keep_pins(world: World, layout: Layout, answers: Answers) -> Push:
    """Publish the pins of the keys that are served and of those to come; take away old ones.

    Raises:
        EffectError: DNS cannot be changed; a new key is then not served before it is pinned.
    """
    # pins that are no longer wanted are taken away, too
    is_about_pins = answers.dns.pins or load_pins(world, layout).are_in_use()
    if not is_about_pins or answers.dns.account is None:
        return Push()
    prepared = prepare(world, layout, answers, kinds=frozenset(("TLSA",)))
    carry_out(world, layout, prepared)
    return prepared.push
