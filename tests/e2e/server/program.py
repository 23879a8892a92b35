"""A program beside the server that speaks for a name of its own (XEP-0114), over a blocking socket."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self, cast
from xml.etree.ElementTree import Element, XMLPullParser
from xml.sax.saxutils import quoteattr


class Program:
    """Connects as ``name`` with a password; ``handshake`` is what the server said to it."""

    def __init__(self, address: tuple[str, int], name: str, password: str) -> None:
        """Connect and prove who it is."""
        self._socket = socket.create_connection(address, 20)
        self._parser: XMLPullParser[Element] = XMLPullParser(["start", "end"])
        self._depth = 0
        self.send(
            "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' "
            f"to={quoteattr(name)}>"
        )
        number = self._read("start").get("id", "")
        self.send(f"<handshake>{hashlib.sha1(f'{number}{password}'.encode()).hexdigest()}</handshake>")  # noqa: S324 XEP-0114
        self.handshake = self._read("end").tag

    def __enter__(self) -> Self:
        """Be there."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Hang up."""
        self._socket.close()

    def send(self, text: str) -> None:
        """Send XML."""
        self._socket.sendall(text.encode())

    def wait(self, matches: Callable[[Element], bool]) -> Element:
        """Return the next stanza that matches."""
        while True:
            stanza = self._read("end")
            if matches(stanza):
                return stanza

    def _read(self, wanted: str) -> Element:
        while True:
            for event, item in cast("Iterator[tuple[str, Element]]", self._parser.read_events()):
                self._depth += 1 if event == "start" else -1
                if wanted == event and self._depth == 1:
                    return item
            piece = self._socket.recv(65536)
            if not piece:
                raise ConnectionError("the server hung up")
            self._parser.feed(piece)
