"""Asking everything that has to be known about some records, all at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from xmpp_wizard.core.dns import caa
from xmpp_wizard.core.dns.record import Record, is_public
from xmpp_wizard.core.dns.reply import Question, Reply
from xmpp_wizard.core.dns.view import View, direct_questions, first_questions, record_questions, server_questions
from xmpp_wizard.core.ports import World

_RECURSIVE_SECONDS = 5.0
"""A resolver that knows nothing yet has to ask its way down from the root."""
_DIRECT_SECONDS = 3.0
"""With servers that answer it takes a fraction of a second; dead ones are not waited for longer."""
_LABEL_BYTES = 9


def look_at(
    world: World,
    records: Sequence[Record],
    domains: Sequence[str],
    resolvers: Sequence[str],
    certified: Sequence[str] = (),
    public_resolvers: Sequence[str] = (),
) -> View:
    """Ask for the records, what lies above them and who keeps them, in three rounds.

    ``public_resolvers`` outside this network are asked for the records, too.
    """
    label = "w" + "".join(filter(str.isalnum, world.entropy.token(_LABEL_BYTES))).lower()
    first = [*first_questions(records, domains, label), *caa.questions(certified)]
    replies = world.resolver.ask(tuple(dict.fromkeys(first)), resolvers, _RECURSIVE_SECONDS)
    public = (*record_questions(records), *(item for item in first if item.kind == "NS")) if public_resolvers else ()
    outside = world.resolver.ask(tuple(dict.fromkeys(public)), public_resolvers, _DIRECT_SECONDS) if public else {}
    view = View(replies, outside, label, has_ipv6=_has_ipv6(world))
    names = tuple(dict.fromkeys((*domains, *(record.name for record in records))))
    view = _with(view, _ask(world, server_questions(view, names), resolvers))
    return _with(view, _ask(world, direct_questions(view, records), resolvers))


def _ask(world: World, questions: Sequence[Question], resolvers: Sequence[str]) -> Mapping[Question, Reply]:
    return world.resolver.ask(questions, resolvers, _DIRECT_SECONDS) if questions else {}


def _with(view: View, more: Mapping[Question, Reply]) -> View:
    return replace(view, replies={**view.replies, **more})


def _has_ipv6(world: World) -> bool:
    return any(":" in address and is_public(address) for address in world.sockets.addresses())
