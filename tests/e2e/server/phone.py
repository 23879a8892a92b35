"""A person's device over asyncio, many of which fit into one process: STARTTLS, SCRAM, and sessions that are resumed.

Everything that it sends is kept until the server has acknowledged it (XEP-0198), as apps on phones do.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import cast
from xml.etree.ElementTree import Element, XMLPullParser
from xml.sax.saxutils import quoteattr

from tests.e2e.server.xmpp import BIND, SASL, STARTTLS, STREAMS, RefusedLogInError, Scram

CLIENT = "jabber:client"
MANAGEMENT = "urn:xmpp:sm:3"
CARBONS = "urn:xmpp:carbons:2"
WAIT_SECONDS = 60.0


def ignore(_stanza: Element) -> None:
    """Hear nothing."""


def trusting(roots: str) -> ssl.SSLContext:
    """Return a context that believes these roots alone, PEM; without any it believes everybody."""
    context = ssl.create_default_context(cadata=roots or None)
    if not roots:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


class Phone:
    """One device; ``hear`` is told of each message and presence, ``acknowledged`` of each id the server has taken.

    ``lost`` are the ids that may or may not have reached the server, as their session came to an end.
    """

    def __init__(
        self,
        where: tuple[str, int],
        jid: str,
        password: str,
        trust: ssl.SSLContext,
        *,
        hear: Callable[[Element], None] = ignore,
        acknowledged: Callable[[str], None] = lambda _number: None,
    ) -> None:
        """Be switched off."""
        self.jid, self.is_online = jid, False
        self.lost: list[str] = []
        self._where, self._password, self._trust = where, password, trust
        self._hear, self._acknowledged = hear, acknowledged
        self._unsure: deque[tuple[str, str]] = deque()
        self._session, self._heard, self._acks, self._next = "", 0, 0, 0
        self._waiting: dict[str, asyncio.Future[Element]] = {}
        self._listening: asyncio.Task[None] | None = None

    async def come(self) -> bool:
        """Go online; return whether the session is the one from before, with nothing lost in between.

        Raises:
            OSError: the server cannot be reached, or hung up.
            RefusedLogInError: it does not take the password.
        """
        await self._hang_up()
        async with asyncio.timeout(WAIT_SECONDS):
            self._reader, self._writer = await asyncio.open_connection(*self._where)
            try:
                await self._encrypt()
                await self._authenticate()
                has_resumed = bool(self._session) and await self._resume()
                if not has_resumed:
                    await self._begin()
            except BaseException:
                self._writer.close()
                raise
        self.is_online = True
        self._listening = asyncio.create_task(self._listen())
        if not has_resumed:
            await self._settle()
        return has_resumed

    async def leave(self) -> None:
        """Say goodbye: the server forgets the session."""
        if self.is_online:
            with suppress(OSError):
                self._write("</stream:stream>")
                await self._writer.drain()
        self._session = ""
        await self._hang_up()

    async def vanish(self) -> None:
        """Lose the network without a word; the server keeps the session for a while."""
        if self.is_online and not self._writer.transport.is_closing():
            self._writer.transport.abort()
        await self._hang_up()

    def send(self, stanza: str, number: str = "") -> None:
        """Send a stanza; where it is not online, when it is back. ``number`` is what it is known by."""
        self._unsure.append((number, stanza))
        if self.is_online:
            self._write(stanza + f"<r xmlns='{MANAGEMENT}'/>" if number and self._session else stanza)

    def say(self, to: str, body: str, number: str, kind: str = "chat") -> None:
        """Send a message; ``number`` is its id."""
        self.send(
            f"<message type='{kind}' to={quoteattr(to)} id={quoteattr(number)}><body>{body}</body></message>", number
        )

    async def ask(self, payload: str, kind: str = "get", to: str = "") -> Element:
        """Send an IQ and return its answer, result or error.

        Raises:
            OSError: the connection ended before.
        """
        if not self.is_online:
            raise ConnectionError("not online")
        self._next += 1
        number = f"q{self._next}"
        answer: asyncio.Future[Element] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        target = f" to={quoteattr(to)}" if to else ""
        self.send(f"<iq type='{kind}' id='{number}'{target}>{payload}</iq>")
        async with asyncio.timeout(WAIT_SECONDS):
            await answer
        return answer.result()

    @contextmanager
    def listening(self, hear: Callable[[Element], None]) -> Iterator[None]:
        """Have ``hear`` told instead for a while."""
        usual, self._hear = self._hear, hear
        try:
            yield
        finally:
            self._hear = usual

    # --- log-in

    async def _encrypt(self) -> None:
        await self._open()
        self._write(f"<starttls xmlns='{STARTTLS}'/>")
        await self._expect(f"{{{STARTTLS}}}proceed")
        await self._writer.start_tls(self._trust, server_hostname=self._domain)

    async def _authenticate(self) -> None:
        offered = {item.text for item in (await self._open()).iter(f"{{{SASL}}}mechanism")}
        mechanism = next(name for name in ("SCRAM-SHA-256", "SCRAM-SHA-1") if name in offered)
        scram = Scram(mechanism, self.jid.partition("@")[0], self._password)
        self._write(f"<auth xmlns='{SASL}' mechanism='{mechanism}'>{_b64(scram.first)}</auth>")
        challenge = await self._expect(f"{{{SASL}}}challenge")
        last = scram.last(base64.b64decode(challenge.text or ""))
        self._write(f"<response xmlns='{SASL}'>{_b64(last)}</response>")
        await self._expect(f"{{{SASL}}}success")
        await self._open()

    async def _resume(self) -> bool:
        self._write(f"<resume xmlns='{MANAGEMENT}' h='{self._heard}' previd={quoteattr(self._session)}/>")
        answer = await self._read()
        self._session = self._session if answer.tag == f"{{{MANAGEMENT}}}resumed" else ""
        if answer.get("h"):
            self._take_ack(int(answer.get("h", "0")))
        if self._session:
            self._write("".join(stanza for _, stanza in self._unsure) + f"<r xmlns='{MANAGEMENT}'/>")
        return bool(self._session)

    async def _begin(self) -> None:
        """Bind, and have the session kept."""
        self._heard = self._acks = 0
        self._write(f"<iq type='set' id='bind'><bind xmlns='{BIND}'/></iq>")
        assert (await self._expect(f"{{{CLIENT}}}iq")).get("type") == "result"
        self._write(f"<enable xmlns='{MANAGEMENT}' resume='true'/>")
        # whatever others send to this new device at once
        while (answer := await self._read()).tag.startswith(f"{{{CLIENT}}}"):
            self._hear(answer)
        self._session = answer.get("id") or ""
        self.lost += [number for number, _ in self._unsure if number]
        self._unsure.clear()

    async def _settle(self) -> None:
        """Ask for what apps ask for, then be there."""
        copies = self.ask(f"<enable xmlns='{CARBONS}'/>", "set")
        await asyncio.gather(copies, self.ask("<query xmlns='jabber:iq:roster'/>"))
        self.send("<presence/>")

    # --- the stream

    @property
    def _domain(self) -> str:
        return self.jid.partition("@")[2]

    async def _open(self) -> Element:
        self._parser: XMLPullParser[Element] = XMLPullParser(["start", "end"])
        self._depth = 0
        self._write(
            f"<?xml version='1.0'?><stream:stream xmlns='{CLIENT}' version='1.0' to={quoteattr(self._domain)} "
            "xmlns:stream='http://etherx.jabber.org/streams'>"
        )
        return await self._expect(f"{STREAMS}features")

    def _write(self, text: str) -> None:
        # a connection that just broke is noticed by whoever reads from it
        if not self._writer.transport.is_closing():
            self._writer.write(text.encode())

    async def _expect(self, tag: str) -> Element:
        found = await self._read()
        if found.tag != tag:
            raise RefusedLogInError(f"{found.tag}: {' '.join(item.tag for item in found)}")
        return found

    async def _read(self) -> Element:
        """Return the next stanza.

        Raises:
            ConnectionError: the stream ended.
        """
        while True:
            for event, element in cast("Iterator[tuple[str, Element]]", self._parser.read_events()):
                self._depth += 1 if event == "start" else -1
                if event == "start" and self._depth == 1:
                    self._root = element
                elif event == "end" and self._depth == 1:
                    # a stream lasts for days
                    self._root.clear()
                    if element.tag == f"{STREAMS}error":
                        raise ConnectionError(" ".join(item.tag for item in element))
                    return element
                elif event == "end" and self._depth == 0:
                    raise ConnectionError("the server ended the stream")
            piece = await self._reader.read(65536)
            if not piece:
                raise ConnectionError("the server hung up")
            self._parser.feed(piece)

    async def _listen(self) -> None:
        reason = ConnectionError("the connection ended")
        try:
            while True:
                self._take(await self._read())
        except OSError as error:
            reason = ConnectionError(str(error))
        finally:
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(reason)
                    # nobody may be left who asks for it
                    answer.exception()
            self._waiting.clear()
            self.is_online = False
            self._writer.close()

    def _take(self, stanza: Element) -> None:
        if stanza.tag == f"{{{MANAGEMENT}}}r":
            self._write(f"<a xmlns='{MANAGEMENT}' h='{self._heard}'/>")
        elif stanza.tag == f"{{{MANAGEMENT}}}a":
            self._take_ack(int(stanza.get("h", "0")))
        elif stanza.tag.startswith(f"{{{CLIENT}}}"):
            self._heard += 1
            waiting = (
                self._waiting.pop(stanza.get("id", ""), None) if stanza.get("type") in ("result", "error") else None
            )
            if waiting is not None and not waiting.done():
                waiting.set_result(stanza)
            elif stanza.tag == f"{{{CLIENT}}}iq" and stanza.get("type") in ("get", "set"):
                kept = f"id={quoteattr(stanza.get('id', ''))} to={quoteattr(stanza.get('from', self.jid))}"
                self.send(f"<iq type='result' {kept}/>")
            else:
                self._hear(stanza)

    def _take_ack(self, count: int) -> None:
        while self._acks < count and self._unsure:
            self._acks += 1
            number, _ = self._unsure.popleft()
            if number:
                self._acknowledged(number)

    async def _hang_up(self) -> None:
        if self._listening is not None:
            self._writer.close()
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening
            with suppress(OSError):
                await self._writer.wait_closed()
            # a task that never came to its beginning does not come to its end either
            self._listening, self.is_online = None, False


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
