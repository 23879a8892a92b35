"""Keys pinned in DNS by people themselves, with no account to do it: what is there is noticed, what lacks is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.dns.record import TTL_SECONDS, Record
from xmpp_wizard.core.dns.reply import Reply
from xmpp_wizard.core.errors import WizardError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.core.upkeep import Trouble
from xmpp_wizard.engine.certificates.coming import coming
from xmpp_wizard.engine.dns.look import look_at
from xmpp_wizard.engine.memory.pins import load_pins, remember_published, waiting
from xmpp_wizard.engine.observe import live_certificates
from xmpp_wizard.engine.records import dns


@dataclass(frozen=True, slots=True)
class Held:
    """A certificate that is there and is not served yet, since its key has to be known in DNS first."""

    name: str
    key_sha256: str
    from_at: float
    """When it is served, in seconds since 1970; 0: not before its key is in DNS."""


def held(world: World, layout: Layout, target: Target) -> tuple[Held, ...]:
    """Return what waits for DNS."""
    live = live_certificates(world, layout)[1]
    next_ones = coming(world, layout, target.certificate_source, target.certificates)
    pins = load_pins(world, layout)
    found = ((name, next_ones[name].key_sha256) for name in sorted(waiting(world, layout, next_ones, live)))
    return tuple(Held(name, key, pins.safe_at(key) if key in pins.seen_at else 0.0) for name, key in found)


def notice_pins(world: World, layout: Layout, answers: Answers) -> None:
    """Remember which keys DNS names, where people enter them by themselves.

    A port that none is entered for does not count; a key counts once every server names it for all others.
    """
    if not answers.dns.pins or answers.dns.account is not None:
        return
    pinned = [item for item in dns.records(world, layout, answers) if item.kind == "TLSA"]
    seen, ttl_seconds = _entered(world, pinned, answers)
    if seen or load_pins(world, layout).are_in_use():
        remember_published(world, layout, sorted(seen), ttl_seconds)


def _entered(world: World, pinned: list[Record], answers: Answers) -> tuple[set[str], int]:
    view = look_at(world, pinned, (), answers.network.resolvers)
    keys, ttl_seconds = list[set[str]](), TTL_SECONDS
    for name in dict.fromkeys(item.name for item in pinned):
        replies = list(view.authoritative(name, "TLSA").values()) or [view.recursive(name, "TLSA")]
        if any(reply.values for reply in replies):
            keys += [_keys(reply) for reply in replies]
            ttl_seconds = max(ttl_seconds, *(reply.ttl_seconds for reply in replies if reply.values))
    return (set.intersection(*keys) if keys else set()), ttl_seconds


def _keys(reply: Reply) -> set[str]:
    return {value.rpartition(" ")[2].lower() for value in reply.values if value.startswith("3 1 1 ")}


def key_troubles(world: World, layout: Layout, target: Target, answers: Answers | None) -> Iterator[Trouble]:
    """Yield what a person has to enter in DNS before a new key can be served."""
    if answers is None or answers.dns.account is not None:
        return
    for one in held(world, layout, target):
        if not one.from_at:
            what = say("the new certificate of {name} waits: DNS does not name its key yet", name=one.name)
            yield Trouble("key-not-in-dns", what, _to_enter(world, layout, answers, one.key_sha256))


def _to_enter(world: World, layout: Layout, answers: Answers, key: str) -> Text:
    found: list[str] = []
    with suppress(WizardError):
        found = [item.name for item in dns.records(world, layout, answers) if item.value == f"3 1 1 {key}"]
    return say(
        "At your DNS provider, add beside the old ones TLSA 3 1 1 {key} for: {names}", key=key, names=", ".join(found)
    )
