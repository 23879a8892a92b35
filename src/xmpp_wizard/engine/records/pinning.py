"""Which keys of a server belong into DNS (DANE): only where DNSSEC protects it, and always before they are served."""

from __future__ import annotations

from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.dns.finding import Finding
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import say
from xmpp_wizard.core.wanted.desired import Desired
from xmpp_wizard.engine.certificates.coming import coming
from xmpp_wizard.engine.dns.look import look_at
from xmpp_wizard.engine.observe import live_certificates


def pins_to_publish(world: World, layout: Layout, answers: Answers, server: Desired) -> tuple[str, ...]:
    """Return the keys that belong into DNS: those that are served, and those that will be next.

    None where the answers do not want pins, and where DNSSEC does not protect them: anybody could change them there.
    """
    live = live_certificates(world, layout)[1] if answers.dns.pins else {}
    if not live or not is_protected(world, answers, server):
        return ()
    next_ones = coming(world, layout, server.certificate_source, server.certificates)
    keys = (certificate.key_sha256 for certificate in (*live.values(), *next_ones.values()))
    return tuple(sorted({key for key in keys if key}))


def is_protected(world: World, answers: Answers, server: Desired) -> bool:
    """Say whether DNSSEC protects the machine's name, and a resolver that is asked checks it."""
    outside = answers.dns.public_resolvers
    return look_at(world, (), (server.host,), answers.network.resolvers, (), outside).is_signed(server.host)


def unprotected(server: Desired) -> Finding:
    """Return that pins are wanted and cannot be had."""
    text = say("keys are not pinned: no resolver that was asked sees DNSSEC for {name}", name=server.host)
    advice = say("Switch DNSSEC on at your DNS provider and registrar, and use a resolver that checks it.")
    return Finding("todo", "pins-unprotected", server.host, "TLSA", text, advice)
