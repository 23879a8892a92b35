"""A relay as a phone gets it for a call: an allocation at a TURN server (RFC 8656) over UDP, TCP or TLS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace

from xmpp_wizard.core.errors import ProofFailedError, RefusedError
from xmpp_wizard.core.kit.bench import RelayOffer
from xmpp_wizard.core.text import say
from xmpp_wizard.effects import stun
from xmpp_wizard.effects.stun import Message, Place
from xmpp_wizard.effects.xmpp_tls import connection_failure

_ANSWER_SECONDS = 5.0
_REPEAT_SECONDS = 0.5
_UDP = bytes((17, 0, 0, 0))
_WRONG_CREDENTIALS, _STALE_NONCE = 401, 438


@asynccontextmanager
async def open_relay(
    offer: RelayOffer, address: str, context: ssl.SSLContext, *, is_ipv6: bool = False
) -> AsyncIterator[Relayed]:
    """Get a relay from ``offer`` at ``address`` and give it back at the end of the block.

    Raises:
        RefusedError: the server said no.
        ProofFailedError: no answer, not the right certificate, or a relay for somebody without credentials.
    """
    where = (address, offer.port)
    link = _Link(is_datagram=offer.transport == "udp")
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            await link.connect(where, context if offer.is_encrypted else None, offer.host)
    except OSError as error:
        raise connection_failure(error, offer.host, where) from error
    relay = Relayed(link, offer, where)
    try:
        await relay.allocate(is_ipv6=is_ipv6)
        yield relay
    finally:
        await relay.give_back()
        link.close()


@dataclass(slots=True)
class Relayed:
    """An address of the server's that passes on what is sent to it (core.bench.Relay)."""

    _link: _Link
    _offer: RelayOffer
    _where: Place
    place: Place = ("", 0)
    _signed: tuple[tuple[int, bytes], ...] = ()
    _key: bytes = b""

    async def allocate(self, *, is_ipv6: bool) -> None:
        """Ask without credentials first, as every client does; that must be refused."""
        wish = [(stun.REQUESTED_TRANSPORT, _UDP)]
        if is_ipv6:
            wish.append((stun.REQUESTED_FAMILY, bytes((2, 0, 0, 0))))
        refusal = await self._ask(stun.ALLOCATE, wish)
        if not refusal.error[0]:
            raise ProofFailedError(
                say("port {port} gives relays to anybody, without credentials", port=self._where[1]),
                say("Strangers would use this server's line: run xmpp-wizard apply, and report this."),
            )
        self._take_nonce(refusal)
        granted = await self._demand(stun.ALLOCATE, wish)
        self.place = granted.place(stun.XOR_RELAYED_ADDRESS) or ("", 0)

    async def allow(self, peer: str) -> None:
        """Let data pass from and to ``peer``, an IP address."""
        await self._demand(stun.CREATE_PERMISSION, [], (peer, 0))

    async def send(self, data: bytes, peer: Place) -> None:
        """Have the server send ``data`` to ``peer``; nobody tells whether it arrives."""
        message = stun.question(stun.SEND | stun.INDICATION)
        parts = ((stun.XOR_PEER_ADDRESS, stun.masked(peer, message.transaction)), (stun.PAYLOAD, data))
        self._link.write(stun.encoded(replace(message, attributes=parts)))

    async def receive(self, seconds: float) -> tuple[bytes, Place]:
        """Return the next data that came, and who sent it."""
        try:
            async with asyncio.timeout(seconds):
                message = await self._link.indications.get()
        except TimeoutError as error:
            raise ProofFailedError(
                say("what one side sent never came out at the other"),
                say("Look at `xmpp-wizard logs turn`; a firewall on this machine may stand between its own ports."),
            ) from error
        return message.value(stun.PAYLOAD) or b"", message.place(stun.XOR_PEER_ADDRESS) or ("", 0)

    async def give_back(self) -> None:
        """End the allocation; one that nobody ends lasts ten minutes."""
        if self._key:
            with suppress(ProofFailedError, OSError):
                await self._demand(stun.REFRESH, [(stun.LIFETIME, bytes(4))])

    async def _demand(self, method: int, wish: list[tuple[int, bytes]], peer: Place | None = None) -> Message:
        answer = await self._ask(method, [*wish, *self._signed], peer)
        if answer.error[0] == _STALE_NONCE:
            self._take_nonce(answer)
            answer = await self._ask(method, [*wish, *self._signed], peer)
        code, reason = answer.error
        if code == _WRONG_CREDENTIALS:
            raise RefusedError(
                say("the credentials are refused ({code} {reason})", code=code, reason=reason),
                say("Both servers must have the same secret, and this machine the right time: xmpp-wizard apply."),
            )
        if code:
            raise RefusedError(
                say("the relay is refused ({code} {reason})", code=code, reason=reason),
                say("Look at `xmpp-wizard logs turn` for this moment."),
            )
        return answer

    def _take_nonce(self, refusal: Message) -> None:
        """Take what the server wants signatures to be made with."""
        realm, nonce = refusal.value(stun.REALM) or b"", refusal.value(stun.NONCE) or b""
        user, password = self._offer.username, self._offer.password.reveal()
        self._signed = ((stun.USERNAME, user.encode()), (stun.REALM, realm), (stun.NONCE, nonce))
        self._key = stun.long_term_key(user, realm.decode("utf-8", "replace"), password)

    async def _ask(self, method: int, wish: list[tuple[int, bytes]], peer: Place | None = None) -> Message:
        message = stun.question(method)
        target = [(stun.XOR_PEER_ADDRESS, stun.masked(peer, message.transaction))] if peer else []
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                return await self._link.ask(replace(message, attributes=[*target, *wish]), self._key)
        except OSError as error:
            raise connection_failure(error, self._offer.host, self._where) from error


@dataclass(slots=True)
class _Link(asyncio.Protocol, asyncio.DatagramProtocol):
    """Questions and answers over datagrams or a stream."""

    is_datagram: bool
    indications: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)
    _stream: asyncio.Transport | None = None
    _datagrams: asyncio.DatagramTransport | None = None
    _waiting: dict[bytes, asyncio.Future[Message]] = field(default_factory=dict)
    _unread: bytes = b""

    async def connect(self, where: Place, context: ssl.SSLContext | None, name: str) -> None:
        loop = asyncio.get_running_loop()
        if self.is_datagram:
            self._datagrams, _ = await loop.create_datagram_endpoint(lambda: self, remote_addr=where)
        else:
            known_as = name if context else None
            self._stream, _ = await loop.create_connection(lambda: self, *where, ssl=context, server_hostname=known_as)

    async def ask(self, message: Message, key: bytes) -> Message:
        """Send until an answer comes; a datagram may be lost."""
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[message.transaction] = answer
        data = stun.encoded(message, key)
        self.write(data)
        while self.is_datagram and not (await asyncio.wait([answer], timeout=_REPEAT_SECONDS))[0]:
            self.write(data)
        return await answer

    def write(self, data: bytes) -> None:
        if self._datagrams is not None:
            self._datagrams.sendto(data)
        if self._stream is not None:
            self._stream.write(data)

    def close(self) -> None:
        for transport in (self._datagrams, self._stream):
            if transport is not None:
                transport.abort()

    # --- what asyncio calls

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002 it is connected to one
        self._take(data)

    def data_received(self, data: bytes) -> None:
        self._unread += data
        while len(self._unread) >= stun.HEADER_BYTES:
            size = stun.HEADER_BYTES + stun.length(self._unread)
            if len(self._unread) < size:
                return
            self._take(self._unread[:size])
            self._unread = self._unread[size:]

    def error_received(self, exc: Exception) -> None:
        self._fail(exc)

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc or ConnectionError("closed by the server"))

    def _take(self, data: bytes) -> None:
        with suppress(ValueError, IndexError):
            message = stun.decoded(data)
            if message.kind == stun.DATA | stun.INDICATION:
                self.indications.put_nowait(message)
            elif (answer := self._waiting.pop(message.transaction, None)) is not None and not answer.done():
                answer.set_result(message)

    def _fail(self, error: Exception) -> None:
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(error)
        self._waiting.clear()
