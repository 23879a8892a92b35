"""The workbench of a proof: throw-away accounts and real clients, as proof steps see them.

Part of what the engine speaks to (:mod:`xmpp_wizard.core.ports`); apart from it because features bring their
own proof steps. Every wait has a deadline and ends in :class:`~xmpp_wizard.core.errors.ProofFailedError`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal, Protocol
from xml.etree.ElementTree import Element

from xmpp_wizard.core.secret import Secret
from xmpp_wizard.core.text import Text


@dataclass(frozen=True, slots=True)
class Account:
    """A throw-away account of a proof."""

    jid: str
    password: Secret


class Session(Protocol):
    """One logged-in client of a proof. Every wait has a deadline and ends in ProofFailedError."""

    jid: str
    """The full address."""
    mechanism: str
    """The SASL mechanism that was used."""
    tls_version: str
    features: Element
    """What the stream offers after log-in (RFC 6120 4.3.2)."""

    async def send(self, stanza: Element) -> None:
        """Send one stanza (``{jabber:client}message`` …); its id is set if it has none."""

    async def request(self, kind: Literal["get", "set"], payload: Element, to: str = "") -> Element:
        """Send an IQ and return the payload element of the result (the whole iq where it is empty).

        Raises:
            RefusedError: an error came back; with the server's words.
            ProofFailedError: nothing came in time.
        """

    async def wait_for(self, matches: Callable[[Element], bool], what: Text, seconds: float = 10) -> Element:
        """Return the first stanza received since log-in that ``matches``; ``what`` names it if none comes."""

    def received(self) -> Sequence[Element]:
        """Return all stanzas received so far, oldest first."""


@dataclass(frozen=True, slots=True)
class RelayOffer:
    """A TURN server and credentials for it, as a server offers them to its people (XEP-0215)."""

    host: str
    port: int
    transport: Literal["udp", "tcp"]
    is_encrypted: bool
    username: str
    password: Secret


class Relay(Protocol):
    """An address of the server's that passes on what is sent to it (RFC 8656)."""

    place: tuple[str, int]
    """The address and port that others send to."""

    async def allow(self, peer: str) -> None:
        """Let data pass from and to ``peer``, an IP address.

        Raises:
            RefusedError: the server passes nothing on to it.
        """

    async def send(self, data: bytes, peer: tuple[str, int]) -> None:
        """Have the server send ``data`` to ``peer``; nobody tells whether it arrives."""

    async def receive(self, seconds: float) -> tuple[bytes, tuple[str, int]]:
        """Return the next data that came, and who sent it.

        Raises:
            ProofFailedError: none came in time.
        """


class ByteStream(Protocol):
    """A connection of bytes; every wait has a deadline and ends in ProofFailedError."""

    async def send(self, data: bytes) -> None:
        """Send all of ``data``."""

    async def finish(self) -> None:
        """Say that nothing more will be sent."""

    async def receive(self, size: int) -> bytes:
        """Return exactly ``size`` bytes."""


class Bench(Protocol):
    """The proof's workbench: two accounts and real clients through the real ports."""

    domain: str
    alice: Account
    bob: Account
    invitation: str
    """The page of an invitation made for this proof; empty where there are no such pages."""

    def log_in(
        self,
        account: Account,
        via: Literal["starttls", "direct-tls", "https-port", "websocket"] = "starttls",
        *,
        mechanism: str = "",
        max_tls: Literal["", "1.2"] = "",
    ) -> AbstractAsyncContextManager[Session]:
        """Log in as ``account``, be available, and log out at the end of the block.

        Raises:
            RefusedError: the server said no; with its words.
            ProofFailedError: no connection, or not the right certificate.
        """

    async def http(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> HttpAnswer:
        """Ask this server over HTTPS, whatever DNS says about the name in ``url``."""

    async def ask_as_stranger(self, stanza: Element, *, encrypted: bool = True) -> StrangerAnswer:
        """Send ``stanza`` on the port for STARTTLS without having logged in, after TLS or without it.

        Raises:
            ProofFailedError: no connection, or no stream came.
        """

    def byte_stream(self, port: int, meeting: str) -> AbstractAsyncContextManager[ByteStream]:
        """Connect to this server's proxy for files (XEP-0065) under the name of a ``meeting``, 40 hexadecimal digits.

        Raises:
            ProofFailedError: no connection, or no proxy there.
        """

    def ports(self) -> Mapping[str, int]:
        """Return the port of each way of :meth:`log_in` that is open."""

    def relay(self, offer: RelayOffer) -> AbstractAsyncContextManager[Relay]:
        """Get a relay of this server's, whatever DNS says about its name, and give it back at the end of the block.

        Raises:
            RefusedError: the server said no; with its words.
            ProofFailedError: no answer, not the right certificate, or a relay for somebody without credentials.
        """


@dataclass(frozen=True, slots=True)
class StrangerAnswer:
    """What somebody sees who has not logged in: the stream's features, and the answer to what was sent.

    ``answer`` is None where the server closed the connection without a word.
    """

    features: Element
    answer: Element | None


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """The answer of a web server."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Benches(Protocol):
    """Makes workbenches."""

    def open(
        self,
        domain: str,
        accounts: tuple[Account, Account],
        addresses: Mapping[str, tuple[str, int]],
        roots: bytes,
        invitation: str = "",
    ) -> AbstractAsyncContextManager[Bench]:
        """Return a bench for ``domain``; ``addresses`` gives (address, port) for each way in that is open.

        ``roots`` are PEM certificates trusted beside the host's own, ``invitation`` is what the bench has by that name.
        """
