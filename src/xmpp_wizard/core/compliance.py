"""What apps may expect of a server: the XMPP Compliance Suites 2023 (XEP-0479) and the checks of Conversations.

Each expectation is a step as those of the proof, done by real clients on the running server. What a client cannot
see of a server is left out: programs beside it (XEP-0114), and what is for clients alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeAlias, get_args
from xml.etree.ElementTree import Element

from xmpp_wizard.core.bench import Bench, Session
from xmpp_wizard.core.errors import ProofFailedError, RefusedError
from xmpp_wizard.core.feature import ProofStep
from xmpp_wizard.core.features import web
from xmpp_wizard.core.proofs import DISCO_INFO, failed, features_of, form_values, has_feature, service_with
from xmpp_wizard.core.room_proofs import a_room
from xmpp_wizard.core.stanzas import bare, element
from xmpp_wizard.core.text import Text, say

Suite: TypeAlias = Literal["Core", "Web", "IM", "Mobile", "Calls", "Conversations"]
Check: TypeAlias = Callable[[Bench], Awaitable[None]]
MUC = "http://jabber.org/protocol/muc"
TURN_KINDS = ("turn", "turns")
EXTERNAL = "urn:xmpp:extdisco:2"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One expectation: its standard, who expects it, what brings it, and how it is seen."""

    standard: str
    title: Text
    suites: tuple[Suite, ...]
    feature: str
    """The key of the feature that brings it."""
    check: Check

    @property
    def name(self) -> str:
        """The name of its step: ``xep_0280``, or ``rfc_7395``; what makes it single comes behind it."""
        return self.standard.lower().replace("-", "_").replace(" ", "_")

    @property
    def step(self) -> ProofStep:
        """The expectation as a step of a proof."""
        title = say("{title} ({standard})", title=self.title, standard=self.standard)
        return ProofStep(self.name, title, partial(_meet, self))


async def _meet(requirement: Requirement, bench: Bench) -> Text:
    try:
        await requirement.check(bench)
    except (ProofFailedError, RefusedError) as error:
        key = f"features.{requirement.feature}"
        raise ProofFailedError(
            error.text, say("What brings it: {key}. Look at it with: xmpp-wizard answers explain {key}", key=key)
        ) from error
    return say("{suites}", suites=", ".join(requirement.suites))


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


async def _must_encrypt(bench: Bench) -> None:
    stranger = await bench.ask_as_stranger(element("{urn:ietf:params:xml:ns:xmpp-tls}nothing"), encrypted=False)
    if stranger.features.find(".//{urn:ietf:params:xml:ns:xmpp-tls}required") is None:
        raise failed(say("encryption is not demanded before log-in"))


async def _direct_tls(bench: Bench) -> None:
    async with bench.log_in(bench.alice, "direct-tls"):
        pass


async def _personal_eventing(bench: Bench) -> None:
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


async def _abuse_address(bench: Bench) -> None:
    async with bench.log_in(bench.alice) as session:
        info = await features_of(session, bench.domain)
    if not any(form_values(info).get("abuse-addresses", ())):
        raise failed(say("the server names nobody for complaints (give it admins)"))


async def _relays(bench: Bench) -> None:
    async with bench.log_in(bench.alice) as session:
        offered = await _services(session, bench.domain)
    if not any(item.get("type") in TURN_KINDS and item.get("username") and item.get("password") for item in offered):
        raise failed(say("no relay (TURN) with credentials is offered"))


async def _own_addresses(bench: Bench) -> None:
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


PRIVATE = element("{jabber:iq:private}query", {}, element("{storage:bookmarks}storage"))
REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement("RFC 7590", say("Encryption is demanded"), ("Core",), "accounts", _must_encrypt),
    Requirement("XEP-0368", say("TLS from the first byte"), ("Core", "Conversations"), "direct_tls", _direct_tls),
    Requirement("XEP-0030", say("The server says what it can do"), ("Core",), "accounts", server_has(DISCO_INFO)),
    Requirement(
        "XEP-0115",
        say("Abilities in brief"),
        ("Core", "Conversations"),
        "accounts",
        stream_has("{http://jabber.org/protocol/caps}c"),
    ),
    Requirement("XEP-0163", say("Publishing of one's own"), ("Core", "Conversations"), "contacts", _personal_eventing),
    Requirement("RFC 7395", say("Web apps by WebSocket"), ("Web",), "web", on_the_web(web.prove_websocket)),
    Requirement("XEP-0124", say("Web apps by HTTP requests"), ("Web",), "web", on_the_web(web.prove_bosh)),
    Requirement(
        "XEP-0156", say("Web apps find the server"), ("Web", "Conversations"), "web", on_the_web(web.prove_host_meta)
    ),
    Requirement(
        "RFC 6121",
        say("Contact lists"),
        ("IM", "Conversations"),
        "contacts",
        stream_has("{urn:xmpp:features:rosterver}ver", "{urn:xmpp:features:pre-approval}sub"),
    ),
    Requirement(
        "XEP-0398",
        say("Pictures of people, for new and old apps"),
        ("IM", "Conversations"),
        "contacts",
        account_has("urn:xmpp:pep-vcard-conversion:0"),
    ),
    Requirement("XEP-0054", say("Visiting cards"), ("IM",), "contacts", server_has("vcard-temp")),
    Requirement(
        "XEP-0280",
        say("Copies on all devices"),
        ("IM", "Conversations"),
        "multi_device",
        server_has("urn:xmpp:carbons:2"),
    ),
    Requirement("XEP-0191", say("Blocking"), ("IM", "Conversations"), "contacts", server_has("urn:xmpp:blocking")),
    Requirement(
        "XEP-0198",
        say("Lost lines lose nothing"),
        ("IM", "Mobile", "Conversations"),
        "mobile",
        stream_has("{urn:xmpp:sm:3}sm"),
    ),
    Requirement("XEP-0045", say("Rooms"), ("IM", "Conversations"), "group_chat", service(MUC)),
    Requirement(
        "XEP-0410",
        say("Apps notice that they fell out of a room"),
        ("IM",),
        "group_chat",
        room_has(f"{MUC}#self-ping-optimization"),
    ),
    Requirement("XEP-0049", say("Data of apps"), ("IM",), "contacts", answers_to(PRIVATE, say("data of apps"))),
    Requirement(
        "XEP-0411",
        say("Bookmarks of old and new apps are the same"),
        ("Conversations",),
        "contacts",
        account_has("urn:xmpp:bookmarks-conversion:0"),
    ),
    Requirement("XEP-0402", say("Bookmarks"), ("IM",), "contacts", account_has("urn:xmpp:bookmarks:1#compat")),
    Requirement(
        "XEP-0223",
        say("Data that only one's own apps see"),
        ("IM", "Conversations"),
        "contacts",
        account_has("http://jabber.org/protocol/pubsub#publish-options"),
    ),
    Requirement("XEP-0313", say("History"), ("IM", "Conversations"), "multi_device", account_has("urn:xmpp:mam:2")),
    Requirement(
        "XEP-0313 MUC", say("History of rooms"), ("IM", "Conversations"), "group_chat", room_has("urn:xmpp:mam:2")
    ),
    Requirement("XEP-0153", say("Pictures of rooms"), ("Conversations",), "group_chat", room_has("vcard-temp")),
    Requirement("XEP-0363", say("Files"), ("IM", "Conversations"), "file_sharing", service("urn:xmpp:http:upload:0")),
    Requirement(
        "XEP-0065",
        say("Files from app to app"),
        ("Conversations",),
        "file_proxy",
        service("http://jabber.org/protocol/bytestreams"),
    ),
    Requirement(
        "XEP-0160", say("Messages wait for their reader"), ("Conversations",), "multi_device", server_has("msgoffline")
    ),
    Requirement(
        "XEP-0352",
        say("Sleeping phones are left asleep"),
        ("Mobile", "Conversations"),
        "mobile",
        stream_has("{urn:xmpp:csi:0}csi"),
    ),
    Requirement(
        "XEP-0357", say("Phones are woken up"), ("Mobile", "Conversations"), "mobile", account_has("urn:xmpp:push:0")
    ),
    Requirement("XEP-0215", say("Calls through a relay"), ("Calls", "Conversations"), "calls", _relays),
    Requirement("RFC 8489", say("Calls find the way"), ("Calls", "Conversations"), "calls", _own_addresses),
    Requirement("XEP-0157", say("Whom to complain to"), ("Conversations",), "contact_addresses", _abuse_address),
)
"""Everything that is scored."""


STEPS = tuple(requirement.step for requirement in REQUIREMENTS)


@dataclass(frozen=True, slots=True)
class Score:
    """How many of a suite's expectations are met."""

    suite: str
    met: int
    of: int


def scores(met: Collection[str]) -> tuple[Score, ...]:
    """Return the score of each suite and of all together (suite empty); ``met`` are the names of the green steps."""
    everything = Score("", sum(found.name in met for found in REQUIREMENTS), len(REQUIREMENTS))
    single = []
    for suite in get_args(Suite):
        its = [found for found in REQUIREMENTS if suite in found.suites]
        single.append(Score(suite, sum(found.name in met for found in its), len(its)))
    return (*single, everything)
