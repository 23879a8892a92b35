"""Texts in DNS for a while, by which a name is proven (DNS-01): set all, seen everywhere, always cleared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from xmpp_wizard.core.acme.model import Problem
from xmpp_wizard.core.dns.account import DnsAccount
from xmpp_wizard.core.dns.change import Change
from xmpp_wizard.core.dns.record import Record
from xmpp_wizard.core.dns.reply import SILENCE, Question
from xmpp_wizard.core.errors import WizardError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.engine.dns.keeper import Keeper
from xmpp_wizard.engine.dns.look import look_at
from xmpp_wizard.engine.dns.made import all_made
from xmpp_wizard.engine.dns.places import CHALLENGE, put
from xmpp_wizard.engine.dns.publish import access_to, publish

_ASK_SECONDS = 5.0
_TTL_SECONDS = 60
_PROOF = re.compile(r"[A-Za-z0-9_-]{43}")
"""RFC 8555 8.4: a digest in base64url; where an alias leads, the name need not tell."""


@contextmanager
def texts(
    world: World, layout: Layout, account: DnsAccount, values: Mapping[str, Sequence[str]], resolvers: Sequence[str]
) -> Iterator[Mapping[str, Problem]]:
    """Publish TXT records (name in A-labels → values) on all name servers before the block, and clear them after it.

    A name that is an alias (CNAME), so that its proof may lie in another zone, is followed. What an earlier run
    that was cut off has left is cleared, too. The block gets the names for which nothing could be published, as
    they do not lead to where this account may write; all others are there.

    Raises:
        DnsProviderError: not published; nothing is left behind then either, as far as the provider lets us.
    """
    if account.provider == "acme-dns":
        # it keeps the last texts of a place until others come, and clears none
        yield put(world, layout, account, values, resolvers)
        return
    targets = _targets(world, tuple(values), resolvers)
    records = {name: [Record(targets[name], "TXT", value) for value in these] for name, these in values.items()}
    left = _left(world, layout, [record for these in records.values() for record in these])
    view = look_at(world, [*left, *(record for these in records.values() for record in these)], (), resolvers)
    keeper = Keeper(access_to(world, account), view, tuple(resolvers))
    strayed = {name: Problem("noZone", name) for name in values if not keeper.zone(targets[name])}
    ours = [record for name, these in records.items() if name not in strayed for record in these]
    try:
        publish(world, layout, keeper, _changes(keeper, ours, left))
        yield strayed
    finally:
        _clear(world, layout, keeper, ours)


def _left(world: World, layout: Layout, wanted: Sequence[Record]) -> list[Record]:
    """Return the proofs that an earlier run could not clear any more."""
    made = all_made(world, layout)
    proofs = (item for item in made if item.kind == "TXT" and (CHALLENGE in item.name or _PROOF.fullmatch(item.value)))
    return [item for item in proofs if item not in wanted]


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
