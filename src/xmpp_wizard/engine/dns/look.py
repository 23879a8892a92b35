"""Asking everything that has to be known about some records, all at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from xmpp_wizard.core.dns import caa
from xmpp_wizard.core.dns.operators import one_of_each
from xmpp_wizard.core.dns.record import Record, is_public
from xmpp_wizard.core.dns.reply import Question, Reply
from xmpp_wizard.core.dns.view import View, direct_questions, first_questions, outside_questions, server_questions
from xmpp_wizard.core.ports import World

_RECURSIVE_SECONDS = 5.0
"""A resolver that knows nothing yet has to ask its way down from the root."""
_DIRECT_SECONDS = 3.0
"""With servers that answer it takes a fraction of a second; dead ones are not waited for longer."""
_OUTSIDE_SECONDS = 1.0
"""Resolvers that everybody asks are near and fast; where they cannot be asked, nobody shall wait for that."""
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

    ``public_resolvers`` outside this network are asked in a fourth, for what the whole world may see and can.
    """
    label = "w" + "".join(filter(str.isalnum, world.entropy.token(_LABEL_BYTES))).lower()
    first = [*first_questions(records, domains, label), *caa.questions(certified)]
    replies = world.resolver.ask(tuple(dict.fromkeys(first)), resolvers, _RECURSIVE_SECONDS)
    has_ipv4, has_ipv6 = _has(world, 4), _has(world, 6)
    outside = one_of_each(public_resolvers, has_ipv4=has_ipv4, has_ipv6=has_ipv6)
    view = View(replies, {}, label, has_ipv6=has_ipv6, resolvers=outside)
    names = tuple(dict.fromkeys((*domains, *(record.name for record in records))))
    view = _with(view, _ask(world, server_questions(view, names), resolvers))
    view = _with(view, _ask(world, direct_questions(view, records), resolvers))
    asked = outside_questions(view, records, domains)
    return replace(view, public=world.resolver.ask(asked, outside, _OUTSIDE_SECONDS)) if asked else view


def _ask(world: World, questions: Sequence[Question], resolvers: Sequence[str]) -> Mapping[Question, Reply]:
    return world.resolver.ask(questions, resolvers, _DIRECT_SECONDS) if questions else {}


def _with(view: View, more: Mapping[Question, Reply]) -> View:
    return replace(view, replies={**view.replies, **more})


def _has(world: World, version: int) -> bool:
    """Say whether this machine can ask over IPv4, also from behind a router, or over IPv6."""
    if version == 6:  # noqa: PLR2004 IPv6
        return any(":" in address and is_public(address) for address in world.sockets.addresses())
    return any(":" not in address and not address.startswith("127.") for address in world.sockets.addresses())
