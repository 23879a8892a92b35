"""A tiny XMPP server on 127.0.44.x with real TLS, for the probe: it says what a script tells it to."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from xmpp_wizard.core.certificates.authority import CertificateFiles
from xmpp_wizard.effects.local_authority import LocalAuthority

ADDRESS = "127.0.44.1"
HEAD = (
    "<?xml version='1.0'?><stream:stream from='chat.example' id='1' version='1.0' xmlns='jabber:{kind}' "
    "xmlns:stream='http://etherx.jabber.org/streams'>"
)
STARTTLS = "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>"
NO_TLS = "<stream:features/>"
PROCEED = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
FAILURE = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
MECHANISMS = (
    "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-256</mechanism>"
    "<mechanism>PLAIN</mechanism></mechanisms></stream:features>"
)


def stream_error(condition: str) -> str:
    """Return the stream error with this condition."""
    return f"<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"


@dataclass
class Script:
    """What the server says before and after TLS; ``direct`` begins with TLS; ``freeze`` says nothing at all."""

    first: str = STARTTLS
    answer: str = PROCEED
    after: str = MECHANISMS
    kind: str = "client"
    direct: bool = False
    freeze: bool = False
    raw: bytes = b""
    heard: list[str] = field(default_factory=list)


def certificate() -> CertificateFiles:
    """Return a certificate for ``chat.example`` of an authority made for it."""
    now = datetime.now(UTC)
    authority = LocalAuthority()
    return authority.issue(authority.new_authority("Test", now), ["chat.example", "groups.chat.example"], now)


@contextmanager
def serve(
    script: Script, files: CertificateFiles, folder: Path, place: tuple[str, int] = (ADDRESS, 0)
) -> Iterator[int]:
    """Serve until the block ends; yield the port."""
    (folder / "served.pem").write_bytes(files.chain + files.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "served.pem")
    context.set_alpn_protocols(["xmpp-client", "xmpp-server"])
    with socket.create_server(place) as listener:
        listener.settimeout(10)
        ended = threading.Event()
        thread = threading.Thread(target=_accept, args=(listener, script, context, ended))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            ended.set()
            with suppress(OSError), socket.create_connection(listener.getsockname(), 1):
                pass
            thread.join()


def _accept(listener: socket.socket, script: Script, context: ssl.SSLContext, ended: threading.Event) -> None:
    while not ended.is_set():
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.settimeout(5)
            if script.freeze:
                ended.wait(5)
            elif not ended.is_set():
                _talk(connection, script, context)


def _talk(connection: socket.socket, script: Script, context: ssl.SSLContext) -> None:
    head = HEAD.format(kind=script.kind)
    if script.raw:
        connection.recv(1000)
        connection.sendall(script.raw)
        return
    if not script.direct:
        script.heard.append(connection.recv(1000).decode())
        # in pieces, as networks do
        for start in range(0, len(head + script.first), 50):
            connection.sendall((head + script.first)[start : start + 50].encode())
        if script.first != STARTTLS:
            return
        script.heard.append(connection.recv(1000).decode())
        connection.sendall(script.answer.encode())
        if script.answer != PROCEED:
            return
    with context.wrap_socket(connection, server_side=True) as secure:
        script.heard.append(f"alpn={secure.selected_alpn_protocol()}")
        opened = secure.recv(1000).decode()
        script.heard.append(opened)
        is_ours = f"jabber:{script.kind}" in opened
        secure.sendall((head + (script.after if is_ours else stream_error("invalid-namespace"))).encode())
        with suppress(OSError):
            secure.recv(1000)
