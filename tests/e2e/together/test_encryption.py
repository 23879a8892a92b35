"""End-to-end encryption is asked for: readable messages get nowhere by any way, sealed ones everywhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.e2e.server.xmpp import Client
from tests.e2e.together.conftest import WORDING
from tests.e2e.together.people import MESSAGE, OMEMO, House, body, condition, enter, kept, tell, text, until_pong

pytestmark = pytest.mark.e2e

CARBONS = "urn:xmpp:carbons:2"
XHTML = (
    "<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'>plain</body></html>"
)
READABLE = {
    "a text": ("chat", text("plain")),
    "a text without a type": ("normal", text("plain")),
    "a headline": ("headline", text("plain")),
    "a text with an empty envelope": ("chat", text("plain") + f"<encrypted xmlns='{OMEMO}'><payload/></encrypted>"),
    "a text with keys alone": ("chat", text("plain") + f"<encrypted xmlns='{OMEMO}'><header sid='1'/></encrypted>"),
    "a text that only says to be encrypted": (
        "chat",
        text("plain") + f"<encryption xmlns='urn:xmpp:eme:0' namespace='{OMEMO}'/>",
    ),
    "a text with somebody else's envelope": ("chat", text("plain") + "<encrypted xmlns='urn:x'>AA==</encrypted>"),
    "a formatted text": ("chat", XHTML),
}
SEALED = {
    "OMEMO as it was": text("fallback", sealed=True),
    "OMEMO as it is": "<body>fallback</body><encrypted xmlns='urn:xmpp:omemo:2'><payload>AA==</payload></encrypted>",
    "OpenPGP": "<body>fallback</body><openpgp xmlns='urn:xmpp:openpgp:0'>AA==</openpgp>",
    "OpenPGP as it was": "<body>fallback</body><x xmlns='jabber:x:encrypted'>AA==</x>",
    "no text at all": "<active xmlns='http://jabber.org/protocol/chatstates'/>",
}


@pytest.fixture
def ann(house: House) -> Iterator[Client]:
    """Write messages."""
    with house.log_in("ann") as client:
        yield client


@pytest.fixture
def ben(house: House) -> Iterator[Client]:
    """Read them."""
    with house.log_in("ben") as client:
        yield client


def answers_to(client: Client, to: str, payload: str, kind: str = "chat") -> list[str]:
    """Send a message; return the conditions of the errors that come back for it."""
    number = tell(client, to, payload, kind)
    return [condition(stanza) for stanza in until_pong(client) if stanza.get("id") == number and condition(stanza)]


def test_readable_messages_are_refused_and_leave_no_copy(house: House, ann: Client, ben: Client) -> None:
    with house.log_in("ann") as tablet:
        assert tablet.ask(f"<enable xmlns='{CARBONS}'/>", "set").get("type") == "result"
        for what, (kind, payload) in READABLE.items():
            for to in (f"ben@{house.domain}", ben.jid):
                assert answers_to(ann, to, payload, kind) == ["policy-violation"], what
        assert not [stanza for stanza in until_pong(tablet) if stanza.tag == MESSAGE]
        assert answers_to(ann, ben.jid, SEALED["OMEMO as it was"]) == []
        assert [stanza for stanza in until_pong(tablet) if stanza.find(f"{{{CARBONS}}}sent") is not None]
    assert [body(stanza) for stanza in until_pong(ben) if stanza.tag == MESSAGE] == ["fallback"]
    assert "plain" not in kept(ann) + kept(ben)


def test_sealed_messages_pass(ann: Client, ben: Client) -> None:
    for what, payload in SEALED.items():
        assert answers_to(ann, ben.jid, payload) == [], what
    assert len([stanza for stanza in until_pong(ben) if stanza.tag == MESSAGE]) == len(SEALED)


def test_no_way_round_leads_to_a_readable_message(house: House, ann: Client, ben: Client) -> None:
    assert enter(ann, house.family) == enter(ben, house.family) == ""
    until_pong(ben)
    ways = {
        "a room": (house.family, "groupchat"),
        "a private message in a room": (f"{house.family}/ben", "chat"),
        "oneself": (f"ann@{house.domain}", "chat"),
        "another server": ("friend@far.example", "chat"),
        "a room elsewhere": ("room@rooms.far.example", "groupchat"),
        "another domain here": (f"eve@{house.strangers}", "chat"),
    }
    for what, (to, kind) in ways.items():
        assert answers_to(ann, to, text("plain"), kind) == ["policy-violation"], what
    for to, kind in (ways["a room"], ways["a private message in a room"]):
        assert answers_to(ann, to, text("sealed", sealed=True), kind) == []
    assert [body(stanza) for stanza in until_pong(ben) if stanza.tag == MESSAGE] == ["sealed", "sealed"]
    assert "plain" not in kept(ann, house.family)


def test_exemptions_hold_for_exactly_those_that_are_named(house: House, ann: Client) -> None:
    assert enter(ann, house.lobby) == ""
    free = {f"help@{house.domain}": "chat", f"help@{house.domain}/desk": "chat", house.lobby: "groupchat"}
    bound = {
        f"help@{house.strangers}": "chat",
        f"helps@{house.domain}": "chat",
        f"x@channels.{house.domain}.example": "chat",
        f"x@xchannels.{house.domain}": "groupchat",
    }
    for to, kind in free.items():
        assert "policy-violation" not in answers_to(ann, to, text("plain"), kind), to
    for to, kind in bound.items():
        assert answers_to(ann, to, text("plain"), kind) == ["policy-violation"], to
    with house.log_in("help") as helper, house.log_in(f"help@{house.strangers}") as other:
        assert answers_to(helper, ann.jid, text("plain help")) == []
        assert answers_to(other, ann.jid, text("plain")) == ["policy-violation"]
    assert "plain help" in [body(stanza) for stanza in until_pong(ann)]


def test_the_refusal_is_in_the_admins_own_words(house: House, ann: Client) -> None:
    tell(ann, f"ben@{house.domain}", text("plain"))
    refusal = next(stanza for stanza in until_pong(ann) if condition(stanza))
    assert [item.text for item in refusal.iter("{urn:ietf:params:xml:ns:xmpp-stanzas}text")] == [WORDING]
