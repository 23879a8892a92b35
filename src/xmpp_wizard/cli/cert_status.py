"""``xmpp-wizard cert status``: the certificates that are served, and what keeps others from coming."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from xmpp_wizard.cli.cert_account import show_lost_key
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.terminal import folded
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.acme.report import Lack, lacks, public_authority, together
from xmpp_wizard.engine.certificates.live import CertificateStatus, status
from xmpp_wizard.engine.certificates.own import own_troubles
from xmpp_wizard.engine.setup import current

if TYPE_CHECKING:
    from xmpp_wizard.engine.names_look import Limits
    from xmpp_wizard.engine.records.pin_upkeep import Held

_MINUTES_SHOWN = 120
_MINUTES_AT_LEAST = 5


def show_status(arguments: argparse.Namespace) -> int:
    """Print how the certificates are."""
    from xmpp_wizard.engine.names_look import limits  # noqa: PLC0415 it loads all about DNS
    from xmpp_wizard.engine.records.pin_upkeep import held  # noqa: PLC0415 see above

    context: Context = arguments.context
    world, layout, now = context.world, context.layout, context.world.clock.now()
    target, _ = current(world, layout)
    found, in_the_way, who = status(world, layout), lacks(world, layout, target), public_authority(target)
    troubles, counted = tuple(own_troubles(world, layout, target)), limits(world, layout, target)
    waits = held(world, layout, target)
    if context.as_json:
        print_json(
            {
                "source": target.certificate_source.kind,
                "authority": who,
                "certificates": [{**_fields(item), "days_left": item.days_left(now.timestamp())} for item in found],
                "troubles": in_the_way,
                "files": troubles,
                "held": waits,
                "limits": counted,
            }
        )
        return 0
    _show_certificates(found, now)
    _show_lacks(in_the_way, who, now, stand_ins=any(item.is_local for item in found))
    for trouble in troubles:
        print("\n" + folded(say("{what}. {do}", what=trouble.text, do=trouble.hint)))
    show_lost_key(world, layout, target)
    for said in (*map(_held_back, waits), *_at_the_limit(counted)):
        print("\n" + folded(said))
    return 0


def _show_certificates(found: Sequence[CertificateStatus], now: datetime) -> None:
    for item in found:
        left, until = item.days_left(now.timestamp()), item.renewal_at.date()
        issuer = say("{issuer} (this machine)", issuer=item.issuer) if item.is_local else item.issuer
        print(say("{name}: {days} days left, renewed from {day} on", name=item.name, days=left, day=until))
        print(folded(say("issuer {issuer}, serial {serial}", issuer=issuer, serial=item.serial), 2))
        print(folded(say("names {names}", names=", ".join(item.names)), 8, first=2))


def _show_lacks(in_the_way: Sequence[Lack], who: str, now: datetime, *, stand_ins: bool) -> None:
    if in_the_way and stand_ins:
        print("\n" + folded(say("Not yet from {who}; this machine's own certificate stands in:", who=who)))
    elif in_the_way:
        print("\n" + folded(say("Nothing newer from {who} yet; what is there stays in use:", who=who)))
    for lack in together(in_the_way):
        print(folded(lack.sentence, 2))
        print(folded(_again(lack.next_attempt, now), 2))


def _held_back(one: Held) -> Text:
    if not one.from_at:
        return say(
            "The new certificate of {name} waits until DNS names its key: TLSA 3 1 1 {key}",
            name=one.name,
            key=one.key_sha256,
        )
    return say(
        "The new certificate of {name} is served from {when} on, when all know its key.",
        name=one.name,
        when=_minute(datetime.fromtimestamp(one.from_at, UTC)),
    )


def _at_the_limit(counted: Limits | None) -> Iterator[Text]:
    if counted is not None and counted.more_at is not None:
        yield say(
            "{authority} gives no more before {when}: {why}",
            authority=counted.authority,
            when=_minute(counted.more_at),
            why=counted.why,
        )


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _fields(item: CertificateStatus) -> dict[str, object]:
    return {field.name: getattr(item, field.name) for field in fields(item)}


def _again(when: datetime | None, now: datetime) -> Text:
    if when is None:
        return say("not tried again by itself; when it is mended: xmpp-wizard cert issue")
    minutes = max(round((when - now).total_seconds() / 60), 0)
    # the timer comes every five minutes
    if minutes <= _MINUTES_AT_LEAST:
        soon = say("within {minutes} minutes", minutes=_MINUTES_AT_LEAST)
    elif minutes <= _MINUTES_SHOWN:
        soon = say("in {minutes} minutes", minutes=minutes)
    else:
        soon = say("in {hours} hours", hours=minutes // 60)
    return say("tried again by itself {soon}; at once: xmpp-wizard cert issue", soon=soon)
