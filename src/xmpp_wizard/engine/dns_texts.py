"""Texts in DNS for a while, by which a name is proven (DNS-01): set all, seen everywhere, always cleared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from xmpp_wizard.core.dns.account import DnsAccount
from xmpp_wizard.core.dns.change import Change
from xmpp_wizard.core.dns.record import Record
from xmpp_wizard.core.dns.reply import SILENCE, Question
from xmpp_wizard.core.errors import DnsProviderError, WizardError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import say
from xmpp_wizard.engine import state
from xmpp_wizard.engine.dns_look import look_at
from xmpp_wizard.engine.dns_publish import Keeper, access_to, publish

_ASK_SECONDS = 5.0
_TTL_SECONDS = 60
_CHALLENGE = "_acme-challenge"


@contextmanager
def texts(
    world: World, layout: Layout, account: DnsAccount, values: Mapping[str, Sequence[str]], resolvers: Sequence[str]
) -> Iterator[None]:
    """Publish TXT records (name in A-labels → values) on all name servers before the block, and clear them after it.

    A name that is an alias (CNAME), so that its proof may lie in another zone, is followed. What an earlier run
    that was cut off has left is cleared, too.

    Raises:
        DnsProviderError: not published; nothing is left behind then either, as far as the provider lets us.
    """
    targets = _targets(world, tuple(values), resolvers)
    records = [Record(targets[name], "TXT", value) for name, these in values.items() for value in these]
    left = [
        record
        for record in state.dns_made(world, layout).records
        if record.kind == "TXT" and _CHALLENGE in record.name and record not in records
    ]
    view = look_at(world, [*records, *left], (), resolvers)
    keeper = Keeper(access_to(world, account), view, tuple(resolvers))
    for record in records:
        if not keeper.zone(record.name):
            raise DnsProviderError(
                say("{name} lies in no zone that may be changed", name=record.name),
                say("Look at dns.zone; or lead {name} into your zone with a CNAME record.", name=record.name),
            )
    try:
        publish(world, layout, keeper, _changes(keeper, records, left))
        yield
    finally:
        _clear(world, layout, keeper, records)


def _targets(world: World, names: Sequence[str], resolvers: Sequence[str]) -> dict[str, str]:
    """Return where each name leads in the end."""
    asked = [Question(name, "TXT") for name in names]
    replies = world.resolver.ask(asked, resolvers, _ASK_SECONDS)
    chains = {question.name: replies.get(question, SILENCE).chain for question in asked}
    return {name: chain[-1] if chain else name for name, chain in chains.items()}


def _changes(keeper: Keeper, add: Sequence[Record], remove: Sequence[Record]) -> tuple[Change, ...]:
    zones = sorted({keeper.zone(record.name) for record in (*add, *remove)} - {""})
    return tuple(
        Change(
            zone,
            tuple(record for record in add if keeper.zone(record.name) == zone),
            tuple(record for record in remove if keeper.zone(record.name) == zone),
            _TTL_SECONDS,
        )
        for zone in zones
    )


def _clear(world: World, layout: Layout, keeper: Keeper, records: Sequence[Record]) -> None:
    try:
        publish(world, layout, keeper, _changes(keeper, (), records), is_passing=True)
    except WizardError:
        # still remembered as made here: the next run clears them, and until then they harm nobody
        return
