"""An XMPP stream of somebody who has not logged in, with or without TLS: what the server lets them do."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import suppress
from typing import cast
from xml.etree.ElementTree import Element, ParseError, XMLPullParser, tostring

from xmpp_wizard.core.kit.bench import StrangerAnswer
from xmpp_wizard.core.kit.stanzas import CLIENT, element, local_name
from xmpp_wizard.core.names import ascii_name
from xmpp_wizard.effects.xmpp_session import closed
from xmpp_wizard.effects.xmpp_tls import connection_failure

STREAMS = "http://etherx.jabber.org/streams"
TLS = "urn:ietf:params:xml:ns:xmpp-tls"
STRANGER_SECONDS = 5.0
_LIMIT = 262144


async def ask_as_stranger(
    domain: str, where: tuple[str, int], stanza: Element, context: ssl.SSLContext | None
) -> StrangerAnswer:
    """Open a stream to ``domain`` at ``where``, go to TLS if there is a ``context``, and send ``stanza``.

    Raises:
        ProofFailedError: no connection, or no stream came.
    """
    try:
        async with asyncio.timeout(STRANGER_SECONDS):
            reader, writer = await asyncio.open_connection(*where, limit=_LIMIT)
            try:
                stream = _Stream(reader, writer, domain)
                features = await stream.open()
                if context is not None:
                    await stream.ask(element(f"{{{TLS}}}starttls"))
                    await writer.start_tls(context, server_hostname=ascii_name(domain))
                    features = await stream.open()
                return StrangerAnswer(features, await stream.ask(stanza))
            finally:
                writer.transport.abort()
                with suppress(OSError, ssl.SSLError):
                    await writer.wait_closed()
    except OSError as error:
        raise connection_failure(error, domain, where) from error


class _Stream:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, domain: str) -> None:
        self._reader = reader
        self._writer = writer
        self._domain = domain
        self._parser: XMLPullParser[Element] = XMLPullParser(("start", "end"))
        self._depth = 0

    async def open(self) -> Element:
        """Open the stream, a new one after TLS; return its features."""
        self._parser = XMLPullParser(("start", "end"))
        self._depth = 0
        header = element(f"{{{STREAMS}}}stream", {"to": self._domain, "version": "1.0"})
        # a stream is an element that stays open (RFC 6120 4.2), which no serialiser writes
        text = tostring(header, encoding="unicode").replace("ns0", "stream").removesuffix(" />")
        self._writer.write(f"<?xml version='1.0'?>{text} xmlns='{CLIENT}'>".encode())
        features = await self._next()
        if features is None or local_name(features) != "features":
            raise closed("no stream features came")
        return features

    async def ask(self, item: Element) -> Element | None:
        """Send an element; return the next one, None where the server closes without a word."""
        self._writer.write(tostring(item))
        return await self._next()

    async def _next(self) -> Element | None:
        while True:
            # only "start" and "end" were asked for, and both come with an element
            for event, item in cast("Iterator[tuple[str, Element]]", self._parser.read_events()):
                self._depth += 1 if event == "start" else -1
                if event == "end" and self._depth <= 1:
                    return item if self._depth == 1 else None
            try:
                received = await self._reader.read(65536)
            except ConnectionError:
                return None
            if not received:
                return None
            try:
                self._parser.feed(received)
            except ParseError as error:
                raise closed(f"no XML came: {error}") from error
