"""The health gate: opens an XMPP stream as a client or another server does, and reports what is served.

Nothing is verified here: a wrong certificate is a finding, and the caller compares serial numbers.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import Element, ParseError, XMLPullParser
from xml.sax.saxutils import quoteattr

from xmpp_wizard.core.errors import HealthError
from xmpp_wizard.core.names import ascii_name
from xmpp_wizard.core.text import say
from xmpp_wizard.effects import stun

if TYPE_CHECKING:
    import ssl

_STREAMS = "{http://etherx.jabber.org/streams}"
_TLS = "{urn:ietf:params:xml:ns:xmpp-tls}"
_START_TLS = b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
_PIECE = 16384
_STUN_TRIES = 3
_LARGEST = 262144
"""Bytes of stream features; nobody has a tenth of it."""


class StreamProbe:
    """:class:`~xmpp_wizard.core.probe.Probe` with plain sockets."""

    def stream(self, address: str, port: int, domain: str, tls: str, timeout_seconds: float) -> int:
        """Open a stream; ``direct`` tries the clients' kind first, then that of servers."""
        kinds: tuple[str, ...] = ("server",) if tls == "starttls-server" else ("client",)
        if tls == "direct":
            kinds = ("client", "server")
        deadline = time.monotonic() + timeout_seconds
        place = _Place(address or "127.0.0.1", port, domain, deadline)
        for kind in kinds:
            try:
                return _visit(place, kind, is_direct=tls == "direct")
            except _StreamError as error:
                # a port of servers says so to a client
                if not (kind == "client" and tls == "direct" and error.condition == "invalid-namespace"):
                    raise _sick(place, error.condition) from error
            except TimeoutError as error:
                raise _sick(place, "it says nothing") from error
            except ConnectionRefusedError as error:
                raise _sick(place, "nobody listens there") from error
            except OSError as error:
                raise _sick(place, str(error)) from error
            except ParseError as error:
                raise _sick(place, "it does not speak XMPP") from error
        raise _sick(place, "it serves neither apps nor servers")

    def stun(self, address: str, port: int, timeout_seconds: float) -> None:
        """Ask for one's own address over UDP, several times: a datagram may be lost."""
        place = (address or "127.0.0.1", port)
        asked = stun.question(stun.BINDING)
        problem = "it says nothing"
        try:
            with socket.socket(socket.AF_INET6 if ":" in place[0] else socket.AF_INET, socket.SOCK_DGRAM) as asking:
                asking.connect(place)
                asking.settimeout(timeout_seconds / _STUN_TRIES)
                for _ in range(_STUN_TRIES):
                    asking.send(stun.encoded(asked))
                    with suppress(TimeoutError):
                        answer = stun.decoded(asking.recv(_PIECE))
                        if answer.transaction == asked.transaction and answer.place(stun.XOR_MAPPED_ADDRESS):
                            return
        except ConnectionRefusedError:
            problem = "nobody listens there"
        except (OSError, ValueError, IndexError) as error:
            problem = str(error)
        raise HealthError(
            say("no STUN server at {address} port {port}: {reason}", address=place[0], port=port, reason=problem),
            say("Look at its log: xmpp-wizard logs turn"),
        )

    def serial(self, address: str, port: int, domain: str, tls: str, timeout_seconds: float) -> int:
        """Go as far as the certificate; for TLS at once without ALPN, so that web ports answer, too."""
        place = _Place(address or "127.0.0.1", port, domain, time.monotonic() + timeout_seconds)
        kind = "server" if tls == "starttls-server" else "client"
        try:
            with _secured(place, kind, is_direct=tls == "direct", has_protocol=False) as secure:
                return _serial(secure, place)
        except (_StreamError, OSError, ParseError) as error:
            raise HealthError(
                say(
                    "no certificate for {domain} at {address} port {port}: {reason}",
                    domain=domain,
                    address=place.address,
                    port=port,
                    reason=error,
                )
            ) from error


class _StreamError(Exception):
    """The server ended the stream with this condition (RFC 6120 4.9.3)."""

    def __init__(self, condition: str) -> None:
        super().__init__(condition)
        self.condition = condition


class _Place(NamedTuple):
    address: str
    port: int
    domain: str
    deadline: float

    @property
    def seconds_left(self) -> float:
        return max(self.deadline - time.monotonic(), 0.001)


def _sick(place: _Place, reason: str) -> HealthError:
    return HealthError(
        say(
            "no XMPP stream for {domain} at {address} port {port}: {reason}",
            domain=place.domain,
            address=place.address,
            port=place.port,
            reason=reason,
        ),
        say("Look at the server's log: xmpp-wizard logs"),
    )


def _visit(place: _Place, kind: str, *, is_direct: bool) -> int:
    with _secured(place, kind, is_direct=is_direct, has_protocol=is_direct) as secure:
        serial = _serial(secure, place)
        _await_features(secure, place, kind)
        return serial


@contextmanager
def _secured(place: _Place, kind: str, *, is_direct: bool, has_protocol: bool) -> Iterator[ssl.SSLSocket]:
    """Yield the connection once TLS is on; with ``has_protocol`` it is said in the handshake what will be spoken."""
    with socket.create_connection((place.address, place.port), place.seconds_left) as connection:
        if not is_direct:
            features = _open(connection, place, kind)
            if features.find(f"{_TLS}starttls") is None:
                raise _sick(place, "it offers no encryption")
            connection.sendall(_START_TLS)
            if _Stream(connection, place).first().tag != f"{_TLS}proceed":
                raise _sick(place, "it refuses encryption")
        connection.settimeout(place.seconds_left)
        context = _context(kind if has_protocol else "")
        with context.wrap_socket(connection, server_hostname=ascii_name(place.domain)) as secure:
            yield secure


def _await_features(secure: socket.socket, place: _Place, kind: str) -> None:
    try:
        _open(secure, place, kind)
    except _StreamError as error:
        # we have no server's certificate to show: a server that insists on one is well
        if kind != "server" or error.condition != "not-authorized":
            raise


def _context(alpn_kind: str) -> ssl.SSLContext:
    import ssl  # noqa: PLC0415 loads OpenSSL, which only some commands need

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if alpn_kind:
        context.set_alpn_protocols([f"xmpp-{alpn_kind}"])
    return context


def _serial(secure: ssl.SSLSocket, place: _Place) -> int:
    from cryptography import x509  # noqa: PLC0415

    raw = secure.getpeercert(binary_form=True)
    if raw is None:
        raise _sick(place, "it has no certificate")
    return x509.load_der_x509_certificate(raw).serial_number


def _open(connection: socket.socket, place: _Place, kind: str) -> Element:
    """Send the stream's head and return the features."""
    head = (
        f"<?xml version='1.0'?><stream:stream to={quoteattr(place.domain)} version='1.0' xmlns='jabber:{kind}' "
        "xmlns:stream='http://etherx.jabber.org/streams'>"
    )
    connection.settimeout(place.seconds_left)
    connection.sendall(head.encode())
    found = _Stream(connection, place, inside=1).first()
    if found.tag == f"{_STREAMS}error":
        raise _StreamError(next((child.tag.rpartition("}")[2] for child in found), "error"))
    if found.tag != f"{_STREAMS}features":
        raise _sick(place, f"it answers with {found.tag.rpartition('}')[2]}")
    return found


class _Stream:
    """Reads one element: of the document itself, or ``inside`` the stream that the document is."""

    def __init__(self, connection: socket.socket, place: _Place, inside: int = 0) -> None:
        self._connection = connection
        self._place = place
        self._inside = inside

    def first(self) -> Element:
        # our own server on our own machine; expat refuses entities that blow up
        parser: XMLPullParser[Element] = XMLPullParser(("start", "end"))
        depth = size = 0
        while True:
            self._connection.settimeout(self._place.seconds_left)
            piece = self._connection.recv(_PIECE)
            size += len(piece)
            if not piece:
                raise _sick(self._place, "it closed the connection")
            if size > _LARGEST:
                raise _sick(self._place, "it does not stop talking")
            parser.feed(piece)
            for event in parser.read_events():
                depth += 1 if event[0] == "start" else -1
                element = event[-1]
                if event[0] == "end" and depth == self._inside and isinstance(element, Element):
                    return element
