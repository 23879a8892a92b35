"""A small XMPP client over blocking sockets, independent of the program's own, so that both can be wrong only apart."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import socket
import ssl
from collections.abc import Callable, Iterator
from functools import cache
from types import TracebackType
from typing import Literal, Self, cast
from xml.etree.ElementTree import Element, XMLPullParser
from xml.sax.saxutils import escape, quoteattr

STREAMS = "{http://etherx.jabber.org/streams}"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
STARTTLS = "urn:ietf:params:xml:ns:xmpp-tls"
BIND = "urn:ietf:params:xml:ns:xmpp-bind"
TIMEOUT_SECONDS = 20

Tls = Literal["starttls", "direct", "none"]


class RefusedLogInError(Exception):
    """The server did not take the password."""


class Stream:
    """One XMPP stream, encrypted but for ``none``; ``features`` are what comes after TLS, but for other servers."""

    def __init__(  # noqa: PLR0913 all that an app chooses
        self,
        address: tuple[str, int],
        domain: str,
        tls: Tls = "starttls",
        *,
        roots: str = "",
        namespace: str = "jabber:client",
        alpn: str = "",
        source: str = "",
    ) -> None:
        """Connect, from the address ``source`` if given, and go to TLS; without ``roots`` any certificate is taken."""
        self._domain, self._namespace = domain, namespace
        self._socket: socket.socket | ssl.SSLSocket = socket.create_connection(address, TIMEOUT_SECONDS, (source, 0))
        try:
            if tls == "starttls":
                self.open()
                self.send(f"<starttls xmlns='{STARTTLS}'/>")
                assert self.read().tag == f"{{{STARTTLS}}}proceed"
            if tls != "none":
                self._socket = _context(roots, alpn).wrap_socket(self._socket, server_hostname=domain)
            # a server would have to prove itself from here on
            self.features = Element("none") if namespace == "jabber:server" else self.open()
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> Self:
        """Be there."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Hang up."""
        self._socket.close()

    @property
    def certificate(self) -> bytes:
        """The certificate that was served, DER."""
        assert isinstance(self._socket, ssl.SSLSocket)
        return self._socket.getpeercert(binary_form=True) or b""

    def open(self) -> Element:
        """Begin a stream and return its features."""
        self._parser: XMLPullParser[Element] = XMLPullParser(["start", "end"])
        self._depth = 0
        self.send(
            f"<?xml version='1.0'?><stream:stream xmlns='{self._namespace}' version='1.0' "
            f"xmlns:stream='http://etherx.jabber.org/streams' to={quoteattr(self._domain)}>"
        )
        features = self.read()
        assert features.tag == f"{STREAMS}features", features.tag
        return features

    def send(self, text: str) -> None:
        """Send XML."""
        self._socket.sendall(text.encode())

    def read(self) -> Element:
        """Return the next stanza.

        Raises:
            ConnectionError: the stream ended.
            TimeoutError: nothing came.
        """
        while True:
            for event, element in cast("Iterator[tuple[str, Element]]", self._parser.read_events()):
                self._depth += 1 if event == "start" else -1
                if event == "end" and self._depth == 1:
                    return element
                if event == "end" and self._depth == 0:
                    raise ConnectionError("the server ended the stream")
            piece = self._socket.recv(65536)
            if not piece:
                raise ConnectionError("the server hung up")
            self._parser.feed(piece)

    def authenticate(self, name: str, password: str) -> None:
        """Log in by SCRAM, by the strongest hash that is offered; by PLAIN where the server offers nothing else.

        Raises:
            RefusedLogInError: the password is wrong, or there is no such account.
        """
        offered = {item.text for item in self.features.iter(f"{{{SASL}}}mechanism")}
        if offered == {"PLAIN"}:
            plain = _b64(f"\0{name}\0{password}".encode())
            self.send(f"<auth xmlns='{SASL}' mechanism='PLAIN'>{plain}</auth>")
            self._sasl("success")
            self.features = self.open()
            return
        mechanism = "SCRAM-SHA-256" if "SCRAM-SHA-256" in offered else "SCRAM-SHA-1"
        assert mechanism in offered, offered
        scram = Scram(mechanism, name, password)
        self.send(f"<auth xmlns='{SASL}' mechanism='{mechanism}'>{_b64(scram.first)}</auth>")
        self.send(f"<response xmlns='{SASL}'>{_b64(scram.last(self._sasl('challenge')))}</response>")
        assert self._sasl("success") == scram.expected
        self.features = self.open()

    def come_as_guest(self) -> None:
        """Log in without a name or password.

        Raises:
            RefusedLogInError: there is no place for guests, or none left.
        """
        self.send(f"<auth xmlns='{SASL}' mechanism='ANONYMOUS'/>")
        self._sasl("success")
        self.features = self.open()

    def _sasl(self, wanted: str) -> bytes:
        answer = self.read()
        if answer.tag != f"{{{SASL}}}{wanted}":
            raise RefusedLogInError(" ".join(item.tag for item in answer))
        return base64.b64decode(answer.text or "")


class Client(Stream):
    """A logged-in app."""

    jid = ""
    _next = 0

    def bind(self) -> None:
        """Become a device and be available."""
        answer = self.ask(f"<bind xmlns='{BIND}'/>", "set")
        self.jid = answer.findtext(f".//{{{BIND}}}jid") or ""
        assert self.jid
        self.send("<presence/>")

    def ask(self, payload: str, kind: str = "get", to: str = "") -> Element:
        """Send an IQ and return its answer, result or error."""
        self._next += 1
        number = f"q{self._next}"
        target = f" to={quoteattr(to)}" if to else ""
        self.send(f"<iq type='{kind}' id='{number}'{target}>{payload}</iq>")
        return self.wait(lambda stanza: stanza.get("id") == number and stanza.tag.endswith("}iq"))

    def ping(self) -> None:
        """See that the server still knows this session (XEP-0199)."""
        assert (
            self.ask("<ping xmlns='urn:xmpp:ping'/>", to=self.jid.partition("@")[2].partition("/")[0]).get("type")
            == "result"
        )

    def say(self, to: str, body: str) -> None:
        """Send a message."""
        self.send(f"<message type='chat' to={quoteattr(to)}><body>{escape(body)}</body></message>")

    def wait(self, matches: Callable[[Element], bool]) -> Element:
        """Return the next stanza that matches."""
        while True:
            stanza = self.read()
            if matches(stanza):
                return stanza

    def hear(self) -> tuple[str, str]:
        """Return (kind, body or error condition) of the next message that says something."""
        stanza = self.wait(
            lambda found: (
                found.tag == "{jabber:client}message"
                and (found.get("type") == "error" or found.find("{jabber:client}body") is not None)
            )
        )
        error = stanza.find("{jabber:client}error")
        if error is not None:
            return "error", error[0].tag.rpartition("}")[2]
        return "message", stanza.findtext("{jabber:client}body") or ""


def log_in(  # noqa: PLR0913 all that an app asks for
    address: str, port: int, jid: str, password: str, tls: Tls = "starttls", *, roots: str = "", source: str = ""
) -> Client:
    """Return a logged-in client.

    Raises:
        RefusedLogInError: the password is wrong, or there is no such account.
    """
    name, _, domain = jid.partition("@")
    client = Client((address, port), domain, tls, roots=roots, alpn="xmpp-client", source=source)
    try:
        client.authenticate(name, password)
        client.bind()
    except BaseException:
        client.__exit__(None, None, None)
        raise
    return client


def _context(roots: str, alpn: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=roots or None)
    if not roots:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if alpn:
        context.set_alpn_protocols([alpn])
    return context


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


class Scram:
    """The client's side of SCRAM (RFC 5802), without channel binding."""

    def __init__(self, mechanism: str, name: str, password: str) -> None:
        """Use a mechanism without channel binding, such as SCRAM-SHA-256."""
        self._hash = "sha256" if mechanism.endswith("256") else "sha1"
        self._password = password
        self._nonce = _b64(os.urandom(18))
        self._bare = f"n={name},r={self._nonce}"
        self.first = f"n,,{self._bare}".encode()
        self.expected = b""

    def last(self, challenge: bytes) -> bytes:
        """Return the answer to the server's challenge."""
        found = dict(part.split("=", 1) for part in challenge.decode().split(","))
        assert found["r"].startswith(self._nonce)
        salt, count = base64.b64decode(found["s"]), int(found["i"])
        salted = _salted(self._hash, self._password, salt, count)
        final = f"c=biws,r={found['r']}"
        signed = f"{self._bare},{challenge.decode()},{final}".encode()
        key = self._mac(salted, b"Client Key")
        signature = self._mac(hashlib.new(self._hash, key).digest(), signed)
        proof = bytes(a ^ b for a, b in zip(key, signature, strict=True))
        self.expected = b"v=" + base64.b64encode(self._mac(self._mac(salted, b"Server Key"), signed))
        return f"{final},p={_b64(proof)}".encode()

    def _mac(self, key: bytes, data: bytes) -> bytes:
        return hmac.new(key, data, self._hash).digest()


@cache
def _salted(name: str, password: str, salt: bytes, count: int) -> bytes:
    """Return what apps keep instead of the password, so that they compute it only once (RFC 5802 5.1)."""
    return hashlib.pbkdf2_hmac(name, password.encode(), salt, count)
