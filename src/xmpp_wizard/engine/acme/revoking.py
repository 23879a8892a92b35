"""Declaring certificates invalid at the authority that gave them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from xmpp_wizard.core.acme.advice import explain_once
from xmpp_wizard.core.acme.model import AcmeError
from xmpp_wizard.core.acme.source import AcmeSource
from xmpp_wizard.core.errors import EffectError, NeedsPersonError, WizardError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.acme import store
from xmpp_wizard.engine.acme.account import connect
from xmpp_wizard.engine.memory import generations

_KEY_COMPROMISE, _SUPERSEDED = 1, 4
"""RFC 5280 5.3.1."""


class Held(NamedTuple):
    """A public certificate that can be revoked."""

    source: AcmeSource
    name: str
    chain: bytes


def held(world: World, layout: Layout, target: Target) -> tuple[Held, ...]:
    """Return a server's public certificates.

    A server that has got others meanwhile has those of its earlier generations: whoever has their keys can still
    pass for it. One that gets public ones may have none yet, or none again.

    Raises:
        NeedsPersonError: the server has none, and gets none.
    """
    asked = (*_earlier(world, layout), target)
    found = {
        (source.directory_url, request.name): Held(source, request.name, files.chain)
        for source, request in ((one.certificate_source.acme, request) for one in asked for request in one.certificates)
        if source and (files := store.read_certificate(world, layout, source.directory_url, request.name))
    }
    if not found and target.certificate_source.acme is None:
        raise NeedsPersonError(say("this server has no public certificates"))
    return tuple(found.values())


def revoke(world: World, layout: Layout, target: Target, *, is_key_stolen: bool) -> Iterator[str]:
    """Revoke each of them and forget it, its key with it where that was stolen; yield names.

    Raises:
        NeedsPersonError: see :func:`held`.
        EffectError: the authority refused, or was not reached.
    """
    for one in held(world, layout, target):
        _revoke(world, layout, one.source, one.chain, _KEY_COMPROMISE if is_key_stolen else _SUPERSEDED)
        store.forget_certificate(world, layout, one.source, one.name, with_key=is_key_stolen)
        yield one.name


def _earlier(world: World, layout: Layout) -> Iterator[Target]:
    """Yield what the server was before, the oldest first: what was said last of an authority holds."""
    for generation in generations.all_generations(world, layout):
        # one of another version of this program cannot be read
        with suppress(WizardError):
            yield generations.load_target(world, layout, generation.number)


def _revoke(world: World, layout: Layout, source: AcmeSource, chain: bytes, reason: int) -> None:
    try:
        connect(world, layout, source).revoke(chain, reason)
    except AcmeError as error:
        # as good as done by us
        if error.problem.type == "alreadyRevoked":
            return
        raise EffectError(*explain_once(error.problem)) from error
