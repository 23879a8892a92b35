"""What apps may expect of a server: the XMPP Compliance Suites 2023 (XEP-0479) and the checks of Conversations.

Each expectation is a step as those of the proof, done by real clients on the running server. What a client cannot
see of a server is left out: programs beside it (XEP-0114), and what is for clients alone.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeAlias, get_args

from xmpp_wizard.core import compliance_checks as checks
from xmpp_wizard.core.errors import ProofFailedError, RefusedError
from xmpp_wizard.core.features import web
from xmpp_wizard.core.kit.bench import Bench
from xmpp_wizard.core.kit.feature import ProofStep
from xmpp_wizard.core.kit.proofs import DISCO_INFO
from xmpp_wizard.core.kit.stanzas import element
from xmpp_wizard.core.text import Text, say

Suite: TypeAlias = Literal["Core", "Web", "IM", "Mobile", "Calls", "Conversations"]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One expectation: its standard, who expects it, what brings it, and how it is seen."""

    standard: str
    title: Text
    suites: tuple[Suite, ...]
    feature: str
    """The key of the feature that brings it."""
    check: checks.Check

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


PRIVATE = element("{jabber:iq:private}query", {}, element("{storage:bookmarks}storage"))
REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement("RFC 7590", say("Encryption is demanded"), ("Core",), "accounts", checks.must_encrypt),
    Requirement("XEP-0368", say("TLS from the first byte"), ("Core", "Conversations"), "direct_tls", checks.direct_tls),
    Requirement(
        "XEP-0030", say("The server says what it can do"), ("Core",), "accounts", checks.server_has(DISCO_INFO)
    ),
    Requirement(
        "XEP-0115",
        say("Abilities in brief"),
        ("Core", "Conversations"),
        "accounts",
        checks.stream_has("{http://jabber.org/protocol/caps}c"),
    ),
    Requirement(
        "XEP-0163", say("Publishing of one's own"), ("Core", "Conversations"), "contacts", checks.personal_eventing
    ),
    Requirement("RFC 7395", say("Web apps by WebSocket"), ("Web",), "web", checks.on_the_web(web.prove_websocket)),
    Requirement("XEP-0124", say("Web apps by HTTP requests"), ("Web",), "web", checks.on_the_web(web.prove_bosh)),
    Requirement(
        "XEP-0156",
        say("Web apps find the server"),
        ("Web", "Conversations"),
        "web",
        checks.on_the_web(web.prove_host_meta),
    ),
    Requirement(
        "RFC 6121",
        say("Contact lists"),
        ("IM", "Conversations"),
        "contacts",
        checks.stream_has("{urn:xmpp:features:rosterver}ver", "{urn:xmpp:features:pre-approval}sub"),
    ),
    Requirement(
        "XEP-0398",
        say("Pictures of people, for new and old apps"),
        ("IM", "Conversations"),
        "contacts",
        checks.account_has("urn:xmpp:pep-vcard-conversion:0"),
    ),
    Requirement("XEP-0054", say("Visiting cards"), ("IM",), "contacts", checks.server_has("vcard-temp")),
    Requirement(
        "XEP-0280",
        say("Copies on all devices"),
        ("IM", "Conversations"),
        "multi_device",
        checks.server_has("urn:xmpp:carbons:2"),
    ),
    Requirement(
        "XEP-0191", say("Blocking"), ("IM", "Conversations"), "contacts", checks.server_has("urn:xmpp:blocking")
    ),
    Requirement(
        "XEP-0198",
        say("Lost lines lose nothing"),
        ("IM", "Mobile", "Conversations"),
        "mobile",
        checks.stream_has("{urn:xmpp:sm:3}sm"),
    ),
    Requirement("XEP-0045", say("Rooms"), ("IM", "Conversations"), "group_chat", checks.service(checks.MUC)),
    Requirement(
        "XEP-0410",
        say("Apps notice that they fell out of a room"),
        ("IM",),
        "group_chat",
        checks.room_has(f"{checks.MUC}#self-ping-optimization"),
    ),
    Requirement("XEP-0049", say("Data of apps"), ("IM",), "contacts", checks.answers_to(PRIVATE, say("data of apps"))),
    Requirement(
        "XEP-0411",
        say("Bookmarks of old and new apps are the same"),
        ("Conversations",),
        "contacts",
        checks.account_has("urn:xmpp:bookmarks-conversion:0"),
    ),
    Requirement("XEP-0402", say("Bookmarks"), ("IM",), "contacts", checks.account_has("urn:xmpp:bookmarks:1#compat")),
    Requirement(
        "XEP-0223",
        say("Data that only one's own apps see"),
        ("IM", "Conversations"),
        "contacts",
        checks.account_has("http://jabber.org/protocol/pubsub#publish-options"),
    ),
    Requirement(
        "XEP-0313", say("History"), ("IM", "Conversations"), "multi_device", checks.account_has("urn:xmpp:mam:2")
    ),
    Requirement(
        "XEP-0313 MUC",
        say("History of rooms"),
        ("IM", "Conversations"),
        "group_chat",
        checks.room_has("urn:xmpp:mam:2"),
    ),
    Requirement("XEP-0153", say("Pictures of rooms"), ("Conversations",), "group_chat", checks.room_has("vcard-temp")),
    Requirement(
        "XEP-0363", say("Files"), ("IM", "Conversations"), "file_sharing", checks.service("urn:xmpp:http:upload:0")
    ),
    Requirement(
        "XEP-0065",
        say("Files from app to app"),
        ("Conversations",),
        "file_proxy",
        checks.service("http://jabber.org/protocol/bytestreams"),
    ),
    Requirement(
        "XEP-0160",
        say("Messages wait for their reader"),
        ("Conversations",),
        "multi_device",
        checks.server_has("msgoffline"),
    ),
    Requirement(
        "XEP-0352",
        say("Sleeping phones are left asleep"),
        ("Mobile", "Conversations"),
        "mobile",
        checks.stream_has("{urn:xmpp:csi:0}csi"),
    ),
    Requirement(
        "XEP-0357",
        say("Phones are woken up"),
        ("Mobile", "Conversations"),
        "mobile",
        checks.account_has("urn:xmpp:push:0"),
    ),
    Requirement("XEP-0215", say("Calls through a relay"), ("Calls", "Conversations"), "calls", checks.relays),
    Requirement("RFC 8489", say("Calls find the way"), ("Calls", "Conversations"), "calls", checks.own_addresses),
    Requirement("XEP-0157", say("Whom to complain to"), ("Conversations",), "contact_addresses", checks.abuse_address),
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
