"""Ways of seeing, by real clients, whether a server has what apps may expect of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeAlias
from xml.etree.ElementTree import Element

from xmpp_wizard.core.errors import RefusedError
from xmpp_wizard.core.kit.bench import Bench, Session
from xmpp_wizard.core.kit.proofs import DISCO_INFO, failed, features_of, form_values, has_feature, service_with
from xmpp_wizard.core.kit.room_proofs import a_room
from xmpp_wizard.core.kit.stanzas import bare, element
from xmpp_wizard.core.text import Text, say

Check: TypeAlias = Callable[[Bench], Awaitable[None]]
"""Raises ProofFailedError or RefusedError where the server does not have it."""

MUC = "http://jabber.org/protocol/muc"
TURN_KINDS = ("turn", "turns")
EXTERNAL = "urn:xmpp:extdisco:2"


def server_has(*namespaces: str) -> Check:
    """Return what looks for features of the server itself (XEP-0030)."""
    return partial(_has_features, lambda bench: bench.domain, namespaces)


def account_has(*namespaces: str) -> Check:
    """Return what looks for features of one's own account."""
    return partial(_has_features, lambda bench: bare(bench.alice.jid), namespaces)


async def _has_features(whose: Callable[[Bench], str], namespaces: tuple[str, ...], bench: Bench) -> None:
    async with bench.log_in(bench.alice) as session:
        info = await features_of(session, whose(bench))
    for namespace in namespaces:
        if not has_feature(info, namespace):
            raise failed(say("{namespace} is not among the features of {jid}", namespace=namespace, jid=whose(bench)))


def stream_has(*tags: str) -> Check:
    """Return what looks for features of the stream after log-in; ``tags`` are ``{namespace}name``."""

    async def check(bench: Bench) -> None:
        async with bench.log_in(bench.alice) as session:
            offered = {item.tag for item in session.features.iter()}
        for tag in tags:
            if tag not in offered:
                raise failed(say("{tag} is not offered after log-in", tag=tag))

    return check


def service(namespace: str) -> Check:
    """Return what looks for a service with a feature, as apps find it."""

    async def check(bench: Bench) -> None:
        async with bench.log_in(bench.alice) as session:
            await service_with(session, bench.domain, namespace, say("that"))

    return check


def room_has(*namespaces: str) -> Check:
    """Return what looks for features of a new room."""

    async def check(bench: Bench) -> None:
        async with bench.log_in(bench.alice) as session:
            host = await service_with(session, bench.domain, MUC, say("rooms"))
            async with a_room(bench, host) as room:
                info = await features_of(session, room.address)
        for namespace in namespaces:
            if not has_feature(info, namespace):
                raise failed(say("{namespace} is not among the features of a room", namespace=namespace))

    return check


async def must_encrypt(bench: Bench) -> None:
    """See that encryption is demanded before log-in."""
    stranger = await bench.ask_as_stranger(element("{urn:ietf:params:xml:ns:xmpp-tls}nothing"), encrypted=False)
    if stranger.features.find(".//{urn:ietf:params:xml:ns:xmpp-tls}required") is None:
        raise failed(say("encryption is not demanded before log-in"))


async def direct_tls(bench: Bench) -> None:
    """Log in on the port that begins with TLS."""
    async with bench.log_in(bench.alice, "direct-tls"):
        pass


async def personal_eventing(bench: Bench) -> None:
    """See that an account can publish (XEP-0163)."""
    async with bench.log_in(bench.alice) as session:
        info = await features_of(session, bare(session.jid))
    kinds = {(item.get("category"), item.get("type")) for item in info.iter(f"{{{DISCO_INFO}}}identity")}
    if ("pubsub", "pep") not in kinds:
        raise failed(say("an account cannot publish anything"))


def answers_to(payload: Element, what: Text) -> Check:
    """Return what asks the account something that has to be answered."""

    async def check(bench: Bench) -> None:
        async with bench.log_in(bench.alice) as session:
            try:
                await session.request("get", payload)
            except RefusedError as error:
                raise failed(say("{what} cannot be had: {reason}", what=what, reason=error.text)) from error

    return check


async def abuse_address(bench: Bench) -> None:
    """See that somebody is named for complaints (XEP-0157)."""
    async with bench.log_in(bench.alice) as session:
        info = await features_of(session, bench.domain)
    if not any(form_values(info).get("abuse-addresses", ())):
        raise failed(say("the server names nobody for complaints (give it admins)"))


async def relays(bench: Bench) -> None:
    """See that a relay for calls is offered, with credentials (XEP-0215)."""
    async with bench.log_in(bench.alice) as session:
        offered = await _services(session, bench.domain)
    if not any(item.get("type") in TURN_KINDS and item.get("username") and item.get("password") for item in offered):
        raise failed(say("no relay (TURN) with credentials is offered"))


async def own_addresses(bench: Bench) -> None:
    """See that a server is offered that tells one's own address (RFC 8489)."""
    async with bench.log_in(bench.alice) as session:
        offered = await _services(session, bench.domain)
    if not any(item.get("type") in ("stun", "stuns") for item in offered):
        raise failed(say("no server that tells one's own address (STUN) is offered"))


async def _services(session: Session, domain: str) -> list[Element]:
    found = await session.request("get", element(f"{{{EXTERNAL}}}services"), domain)
    return list(found.iter(f"{{{EXTERNAL}}}service"))


def on_the_web(run: Callable[[Bench], Awaitable[Text]]) -> Check:
    """Return what a step of the proof already does through the port for the web."""

    async def check(bench: Bench) -> None:
        if "websocket" not in bench.ports():
            raise failed(say("the server has no port for the web"))
        await run(bench)

    return check
