"""One logged-in client of a proof, whatever carries its stanzas. Every wait has a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from copy import deepcopy
from itertools import count
from typing import Literal
from xml.etree.ElementTree import Element, tostring

from xmpp_wizard.core.errors import ProofFailedError, RefusedError
from xmpp_wizard.core.kit.stanzas import CLIENT, Matcher, error_words, is_presence, presence
from xmpp_wizard.core.text import Text, say

REQUEST_SECONDS = 10.0
FEATURES = "{http://etherx.jabber.org/streams}features"

Write = Callable[[str], None]
"""Puts the text of one stanza on the wire; raises OSError when the connection is gone."""


class ClientSession:
    """Keeps all stanzas that came in, and wakes whoever waits for one (core.ports.Session)."""

    def __init__(self, write: Write) -> None:
        """Send by ``write``; the address, mechanism, TLS version and features are set once the log-in is done."""
        self.jid = ""
        self.mechanism = ""
        self.tls_version = ""
        self.features = Element(FEATURES)
        self._write = write
        self._received: list[Element] = []
        self._waiting: list[tuple[Matcher, asyncio.Future[Element]]] = []
        self._ids = count(1)
        self._ended: ProofFailedError | None = None

    async def send(self, stanza: Element) -> None:
        """Send one stanza; its id is set if it has none."""
        if self._ended is not None:
            raise self._ended
        if not stanza.get("id"):
            stanza.set("id", self._next_id())
        try:
            self._write(tostring(stanza, encoding="unicode"))
        except OSError as error:
            raise closed(str(error)) from error

    async def request(self, kind: Literal["get", "set"], payload: Element, to: str = "") -> Element:
        """Send an IQ and return the payload of its result (RFC 6120 8.2.3), the whole iq where it is empty."""
        identity = self._next_id()
        iq = Element(f"{{{CLIENT}}}iq", {"type": kind, "id": identity, **({"to": to} if to else {})})
        iq.append(payload)
        what = say("answer of {host} to {request}", host=to or self.jid.partition("/")[0], request=_words(payload))
        waiting = self._expect(lambda s: s.tag == iq.tag and s.get("id") == identity and s.get("type") in _ANSWERS)
        await self.send(iq)
        answer = await self._result(waiting, what, REQUEST_SECONDS)
        if answer.get("type") == "error":
            raise RefusedError(
                say("the server refused {request}: {reason}", request=_words(payload), reason=error_words(answer)),
                say("Look at `xmpp-wizard logs` for this moment."),
            )
        return answer[0] if len(answer) else answer

    async def wait_for(self, matches: Matcher, what: Text, seconds: float = REQUEST_SECONDS) -> Element:
        """Return the first stanza since log-in that ``matches``; ``what`` names it if none comes."""
        for stanza in self._received:
            if matches(stanza):
                return stanza
        return await self._result(self._expect(matches), what, seconds)

    def received(self) -> Sequence[Element]:
        """Return all stanzas received so far, oldest first."""
        return tuple(self._received)

    def take(self, stanza: Element) -> None:
        """Note a stanza that came in."""
        kept = deepcopy(stanza)
        self._received.append(kept)
        for matches, future in self._waiting:
            if not future.done() and matches(kept):
                future.set_result(kept)
        self._waiting = [(matches, future) for matches, future in self._waiting if not future.done()]

    def end(self, reason: str) -> None:
        """Note that the connection is gone: all waits end, nothing can be sent any more."""
        self._ended = closed(reason)
        for _, future in self._waiting:
            if not future.done():
                future.set_exception(self._ended)
        self._waiting = []

    async def become_available(self) -> None:
        """Send first presence and wait until the server has it, so that messages to the bare address arrive."""
        await self.send(presence())
        await self.wait_for(is_presence(self.jid), say("own presence, sent back by the server"))

    def _next_id(self) -> str:
        return f"proof-{next(self._ids)}"

    def _expect(self, matches: Matcher) -> asyncio.Future[Element]:
        future: asyncio.Future[Element] = asyncio.get_running_loop().create_future()
        if self._ended is not None:
            future.set_exception(self._ended)
        self._waiting.append((matches, future))
        return future

    async def _result(self, future: asyncio.Future[Element], what: Text, seconds: float) -> Element:
        try:
            return await asyncio.wait_for(future, seconds)
        except TimeoutError as error:
            raise ProofFailedError(
                say("nothing came within {seconds} s: {what}", seconds=round(seconds), what=what),
                say("Look at `xmpp-wizard logs` for this moment."),
            ) from error


_ANSWERS = ("result", "error")


def closed(reason: str) -> ProofFailedError:
    """Return the error for a connection that ended too early."""
    return ProofFailedError(
        say("the connection ended: {reason}", reason=reason or "closed by the server"),
        say("Look at `xmpp-wizard logs` for this moment."),
    )


def _words(payload: Element) -> str:
    namespace, _, name = payload.tag.rpartition("}")
    return f"{name} ({namespace.removeprefix('{')})"
