"""Logging in over WebSocket (RFC 7395), as a web client does; aiohttp carries it, slixmpp's mechanisms log in."""

from __future__ import annotations

import asyncio
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring, tostring

import aiohttp
from slixmpp.util.sasl.client import SASLCancelled, SASLFailed

from xmpp_wizard.core.errors import ProofFailedError
from xmpp_wizard.core.kit.bench import Account
from xmpp_wizard.core.kit.stanzas import CLIENT, element, error_words, local_name
from xmpp_wizard.core.text import say
from xmpp_wizard.effects.xmpp_sasl import choose, refused
from xmpp_wizard.effects.xmpp_session import ClientSession, closed

FRAMING = "urn:ietf:params:xml:ns:xmpp-framing"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
BIND = "urn:ietf:params:xml:ns:xmpp-bind"
_LOG_IN_SECONDS = 10.0
_LOG_OUT_SECONDS = 1.0
_SHORT_SECONDS = 0.002

Socket = aiohttp.ClientWebSocketResponse


@asynccontextmanager
async def log_in_by_websocket(
    account: Account, web: aiohttp.ClientSession, url: str, mechanism: str
) -> AsyncIterator[ClientSession]:
    """Log in at ``url`` (``wss://…``), send first presence, log out at the end of the block.

    Raises:
        ProofFailedError: no WebSocket for XMPP there, or the log-in was refused.
    """
    try:
        async with asyncio.timeout(_LOG_IN_SECONDS):
            socket = await web.ws_connect(url, protocols=("xmpp",), autoclose=True)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ProofFailedError(
            say("no WebSocket at {url}: {reason}", url=url, reason=str(error) or "no answer in time"),
            say("Look at `xmpp-wizard logs` for this moment."),
        ) from error
    try:
        connection = _Connection(socket, account)
        try:
            async with asyncio.timeout(_LOG_IN_SECONDS):
                await connection.log_in(mechanism)
        except TimeoutError as error:
            raise closed("no answer in time during the log-in") from error
        async with connection.reading():
            await connection.session.become_available()
            yield connection.session
            await connection.say_goodbye()
    finally:
        await _close(socket)


class _Connection:
    """One stream over a WebSocket: each message is one whole element."""

    def __init__(self, socket: Socket, account: Account) -> None:
        self._socket = socket
        self._account = account
        self._writes: set[asyncio.Task[None]] = set()
        self.session = ClientSession(self._write)

    async def log_in(self, mechanism: str) -> None:
        """Open the stream, authenticate, open it again and bind a resource (RFC 6120 6 and 7)."""
        features = await self._open()
        offered = [item.text or "" for item in features.iter(f"{{{SASL}}}mechanism")]
        encryption = self._socket.get_extra_info("ssl_object")
        self.session.tls_version = encryption.version() if encryption is not None else ""
        local, _, _ = self._account.jid.partition("@")
        secrets = {"username": local, "password": self._account.password.reveal()}
        chosen = choose(offered, mechanism, secrets, self.session.tls_version)
        await self._authenticate(chosen)
        self.session.mechanism = chosen.name
        self.session.features = await self._open()
        bind = element(f"{{{CLIENT}}}iq", {"type": "set", "id": "bind"}, element(f"{{{BIND}}}bind"))
        answer = await self._ask(bind)
        self.session.jid = answer.findtext(f".//{{{BIND}}}jid") or ""
        if not self.session.jid:
            raise refused(self._account.jid, error_words(answer))

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """Take what comes in for as long as the block runs."""
        reader = asyncio.get_running_loop().create_task(self._read())
        try:
            yield
        finally:
            reader.cancel()
            await asyncio.wait([reader, *self._writes])

    async def say_goodbye(self) -> None:
        """Close the stream (RFC 7395 3.6), so that the server ends the session and does not keep it waiting."""
        with suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(_LOG_OUT_SECONDS):
                await self._socket.send_str(tostring(element(f"{{{FRAMING}}}close"), encoding="unicode"))

    async def _open(self) -> Element:
        domain = self._account.jid.rpartition("@")[2]
        await self._ask(element(f"{{{FRAMING}}}open", {"to": domain, "version": "1.0"}))
        return await self._next()

    async def _authenticate(self, mechanism: Any) -> None:  # noqa: ANN401 slixmpp's
        first = _encoded(mechanism.process())
        answer = await self._ask(element(f"{{{SASL}}}auth", {"mechanism": mechanism.name}, text=first))
        while local_name(answer) == "challenge":
            response = self._solve(mechanism, answer)
            answer = await self._ask(element(f"{{{SASL}}}response", text=_encoded(response)))
        if local_name(answer) != "success":
            raise refused(self._account.jid, error_words(answer))
        self._solve(mechanism, answer)

    def _solve(self, mechanism: Any, answer: Element) -> bytes:  # noqa: ANN401 slixmpp's
        process: Callable[[bytes], bytes] = mechanism.process
        try:
            return process(b64decode(answer.text or ""))
        except (SASLCancelled, SASLFailed) as error:
            raise refused(self._account.jid, f"the server does not prove that it knows the account: {error}") from error

    async def _ask(self, item: Element) -> Element:
        await self._socket.send_str(tostring(item, encoding="unicode"))
        return await self._next()

    async def _next(self) -> Element:
        """Return the next element from the server."""
        received = await self._socket.receive()
        if received.type is not aiohttp.WSMsgType.TEXT:
            raise closed("")
        try:
            item = fromstring(received.data)  # noqa: S314 from our own server, size limited by aiohttp
        except ParseError as error:
            raise closed(f"no XML came: {error}") from error
        if local_name(item) in ("close", "error"):
            raise closed(error_words(item))
        return item

    async def _read(self) -> None:
        try:
            while True:
                self.session.take(await self._next())
        except ProofFailedError as error:
            self.session.end(str(error))

    def _write(self, text: str) -> None:
        if self._socket.closed:
            raise ConnectionError("closed by the server")
        task = asyncio.get_running_loop().create_task(self._socket.send_str(text))
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)


async def _close(socket: Socket) -> None:
    """Close, and wait until the connection is gone: aiohttp leaves the end of TLS to a loop that may end before."""
    wire = socket.get_extra_info("socket")
    await socket.close()
    with suppress(TimeoutError):
        async with asyncio.timeout(_LOG_OUT_SECONDS):
            while wire is not None and wire.fileno() != -1:  # noqa: ASYNC110 nobody tells of it
                await asyncio.sleep(_SHORT_SECONDS)


def _encoded(value: bytes) -> str:
    return b64encode(value).decode("ascii") if value else "="
