"""The relay's client against servers that do not keep to what they should."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from xmpp_wizard.core.errors import ProofFailedError, RefusedError
from xmpp_wizard.core.kit.bench import RelayOffer
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.effects import stun
from xmpp_wizard.effects.stun import Message
from xmpp_wizard.effects.turn import open_relay

ADDRESS = "127.0.0.1"
PLACE = ("192.0.2.9", 49152)
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
Answer = Callable[[Message], Message | bytes]


class Server(asyncio.DatagramProtocol):
    """Answers each datagram as a test says."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.transport: asyncio.DatagramTransport | None = None

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self.answer(stun.decoded(data))
        if self.transport is not None:
            self.transport.sendto(answer if isinstance(answer, bytes) else stun.encoded(answer), addr)


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[RelayOffer]:
    """Give an offer of a server that answers so."""
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(lambda: Server(answer), local_addr=(ADDRESS, 0))
    server.transport = transport
    try:
        yield RelayOffer("turn.a.example", transport.get_extra_info("sockname")[1], "udp", False, "1", Secret("x"))  # noqa: FBT003
    finally:
        transport.close()


def reply(asked: Message, kind: int, *attributes: tuple[int, bytes]) -> Message:
    """Return an answer to what was asked."""
    return Message(asked.kind | kind, asked.transaction, attributes)


def granted(asked: Message) -> Message:
    """Return a relay."""
    return reply(asked, stun.SUCCESS, (stun.XOR_RELAYED_ADDRESS, stun.masked(PLACE, asked.transaction)))


def refused(asked: Message, code: int, nonce: bytes = b"n") -> Message:
    """Return a refusal."""
    words = bytes((0, 0, code // 100, code % 100)) + b"No"
    return reply(asked, stun.ERROR, (stun.ERROR_CODE, words), (stun.REALM, b"a.example"), (stun.NONCE, nonce))


async def opened(answer: Answer) -> tuple[str, int]:
    """Return the address of the relay that a server gives."""
    async with serving(answer) as offer, open_relay(offer, ADDRESS, NO_TLS) as relay:
        return relay.place


def signed(answer: Answer) -> Answer:
    """Answer so to those with credentials, and ask the others for some."""
    return lambda asked: answer(asked) if asked.value(stun.USERNAME) else refused(asked, 401)


async def test_a_relay_is_had_with_credentials() -> None:
    assert await opened(signed(granted)) == PLACE


async def test_a_relay_without_credentials_is_a_fault() -> None:
    with pytest.raises(ProofFailedError, match="gives relays to anybody"):
        await opened(granted)


async def test_an_old_nonce_is_replaced() -> None:
    def picky(asked: Message) -> Message:
        return granted(asked) if asked.value(stun.NONCE) == b"new" else refused(asked, 438, b"new")

    assert await opened(signed(picky)) == PLACE


@pytest.mark.parametrize(("code", "words"), [(401, "the credentials are refused"), (486, "the relay is refused")])
async def test_a_refusal_is_told(code: int, words: str) -> None:
    with pytest.raises(RefusedError, match=f"{words} .{code} No"):
        await opened(signed(lambda asked: refused(asked, code)))


async def test_what_is_no_answer_is_passed_over_and_lost_datagrams_are_sent_again() -> None:
    seen: list[bytes] = []

    def lossy(asked: Message) -> Message | bytes:
        seen.append(asked.transaction)
        return granted(asked) if seen.count(asked.transaction) > 1 else b"rubbish"

    assert await opened(signed(lossy)) == PLACE
    assert len(seen) > len(set(seen))
