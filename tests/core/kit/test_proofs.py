"""What proof steps share, and the one step that the end-to-end server has nothing for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

from xmpp_wizard.core.errors import ProofFailedError
from xmpp_wizard.core.features.contact_addresses import prove_addresses
from xmpp_wizard.core.kit.proofs import form, form_values, service_with
from xmpp_wizard.core.kit.stanzas import error_words, is_message, is_presence, message, presence
from xmpp_wizard.core.text import say

INFO = "http://jabber.org/protocol/disco#info"
ITEMS = "http://jabber.org/protocol/disco#items"


class Session:
    """Answers service discovery from a table."""

    def __init__(self, answers: dict[str, str]) -> None:
        self._answers = answers

    async def request(self, _kind: str, payload: Element, to: str = "") -> Element:
        """Return what the table has for the address and the namespace."""
        namespace = payload.tag.partition("}")[0].removeprefix("{")
        return fromstring(f"<query xmlns='{namespace}'>{self._answers.get(f'{namespace} {to}', '')}</query>")  # noqa: S314 ours


class Bench:
    """A bench with one such session."""

    domain = "home.example"
    alice = None

    def __init__(self, info: str) -> None:
        self._info = info

    @asynccontextmanager
    async def log_in(self, _account: object) -> AsyncIterator[Any]:
        """Log in without a server."""
        yield Session({f"{INFO} home.example": self._info})


ADDRESSES = (
    "<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE'><value>x</value></field>"
    "<field var='abuse-addresses'>{value}</field></x>"
)


async def test_contact_addresses_are_named_by_role() -> None:
    seen = await prove_addresses(Bench(ADDRESSES.format(value="<value>xmpp:ann@home.example</value>")))  # type: ignore[arg-type]
    assert str(seen) == "abuse"


@pytest.mark.parametrize("info", ["", ADDRESSES.format(value=""), ADDRESSES.format(value="<value/>")])
async def test_no_contact_address_is_red(info: str) -> None:
    with pytest.raises(ProofFailedError, match=r"home.example tells nobody's address"):
        await prove_addresses(Bench(info))  # type: ignore[arg-type]


async def test_a_service_is_found_by_what_it_can_do() -> None:
    session = Session(
        {
            f"{ITEMS} home.example": "<item jid='a.home.example'/><item jid='b.home.example'/>",
            f"{INFO} a.home.example": "<feature var='other'/>",
            f"{INFO} b.home.example": "<feature var='wanted'/>",
        }
    )
    assert await service_with(session, "home.example", "wanted", say("things")) == "b.home.example"  # type: ignore[arg-type]
    with pytest.raises(ProofFailedError, match=r"home.example lists no service for things"):
        await service_with(session, "home.example", "missing", say("things"))  # type: ignore[arg-type]


def test_a_form_keeps_its_values() -> None:
    assert form_values(form("kind", {"with": "ann@home.example"})) == {
        "FORM_TYPE": ["kind"],
        "with": ["ann@home.example"],
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "<iq xmlns='jabber:client' type='error'><query/><error><forbidden/><text>Not you</text></error></iq>",
            "forbidden: Not you",
        ),
        ("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>", "not-authorized"),
        ("<failure xmlns='s'><text>Why</text><account-disabled/></failure>", "account-disabled: Why"),
        ("<failure xmlns='s'/>", "no reason given"),
    ],
)
def test_errors_are_told_in_the_servers_words(text: str, words: str) -> None:
    assert error_words(fromstring(text)) == words  # noqa: S314 ours


def test_stanzas_are_recognised_by_sender_and_content() -> None:
    hello = message("bob@home.example", "hello")
    hello.set("from", "ann@home.example/phone")
    assert is_message("hello")(hello)
    assert is_message("hello", "ann@home.example")(hello)
    assert not is_message("hello", "eve@home.example")(hello)
    assert not is_message("hell")(hello)
    hello.set("type", "error")
    assert not is_message("hello")(hello)
    wish = presence("bob@home.example", "subscribe")
    wish.set("from", "ann@home.example")
    assert is_presence("ann@home.example", "subscribe")(wish)
    assert not is_presence("ann@home.example")(wish)
