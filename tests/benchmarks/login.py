"""The smallest real client: waits for Direct TLS to be served and logs in with SASL PLAIN (RFC 6120, XEP-0368)."""

from __future__ import annotations

import base64
import socket
import ssl
import time


def wait_for_log_in(address: str, domain: str, user: str, password: str, seconds: float = 60) -> float:
    """Try until the log-in succeeds; return the moment (``time.perf_counter``) of success."""
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline:
        try:
            _log_in(address, domain, user, password)
        except OSError:
            time.sleep(0.005)
        else:
            return time.perf_counter()
    message = f"no log-in as {user}@{domain} at {address} within {seconds} s"
    raise TimeoutError(message)


def _log_in(address: str, domain: str, user: str, password: str) -> None:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["xmpp-client"])
    with (
        socket.create_connection((address, 5223), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname=domain) as stream,
    ):
        stream.sendall(
            f"<?xml version='1.0'?><stream:stream to='{domain}' version='1.0' xmlns='jabber:client'"
            " xmlns:stream='http://etherx.jabber.org/streams'>".encode()
        )
        _read_until(stream, b"</stream:features>")
        token = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        stream.sendall(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{token}</auth>".encode())
        answer = _read_until(stream, b">")
        if b"<success" not in answer:
            raise ConnectionError(answer)


def _read_until(stream: ssl.SSLSocket, end: bytes) -> bytes:
    found = b""
    while end not in found:
        chunk = stream.recv(65536)
        if not chunk:
            raise ConnectionError(found)
        found += chunk
    return found
