"""Which ports of a server are open, and which certificate each serves."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from cryptography import x509
from tests.e2e.server.machine import PORTS, Server
from tests.e2e.server.xmpp import Stream, Tls

STREAMS: tuple[tuple[str, Tls, str, str], ...] = (
    ("client", "starttls", "jabber:client", ""),
    ("client_tls", "direct", "jabber:client", "xmpp-client"),
    ("server", "starttls", "jabber:server", ""),
    ("server_tls", "direct", "jabber:server", "xmpp-server"),
    ("https", "direct", "jabber:client", "xmpp-client"),
)


def served(server: Server, domain: str, roots: str = "") -> dict[str, int]:
    """Return the serial number on each way in, each checked against ``roots``, else the server's own authority."""
    roots = roots or server.root_certificate()
    found = {"web": serial(web_certificate(server, domain, roots))}
    for port, tls, namespace, alpn in STREAMS:
        where = (server.address, PORTS[port])
        with Stream(where, domain, tls, roots=roots, namespace=namespace, alpn=alpn) as stream:
            found[f"{port} {tls}"] = serial(stream.certificate)
    return found


def web_certificate(server: Server, name: str, roots: str) -> bytes:
    """Return what browsers get for ``name``."""
    context = ssl.create_default_context(cadata=roots)
    address = (server.address, PORTS["https"])
    with socket.create_connection(address, 10) as plain, context.wrap_socket(plain, server_hostname=name) as safe:
        return safe.getpeercert(binary_form=True) or b""


def serial(certificate: bytes) -> int:
    """Return the serial number of a certificate in DER."""
    return x509.load_der_x509_certificate(certificate).serial_number


def intended(server: Server) -> dict[str, int]:
    """Return the serial number of each live certificate by its name, as ``cert status`` tells them."""
    found = server.json("cert", "status")["certificates"]
    return {item["name"]: int(item["serial"], 16) for item in found}


def listeners(server: Server) -> set[tuple[str, int]]:
    """Return what the processes of the server's container listen on, read from the kernel."""
    pid = server.container()["State"]["Pid"]
    inodes = set(_sockets(pid))
    rows = [
        line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/{pid}/net/{name}").read_text().splitlines()
    ]
    return {_address(row[1]) for row in rows if row[3] == "0A" and row[9] in inodes}


def _sockets(pid: int) -> Iterator[str]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for each in (str(pid), *children):
        for handle in Path(f"/proc/{each}/fd").iterdir():
            target = ""
            # it may be closed by now
            with suppress(FileNotFoundError):
                target = str(handle.readlink())
            if target.startswith("socket:"):
                yield target.removeprefix("socket:[").removesuffix("]")


def _address(text: str) -> tuple[str, int]:
    address, _, port = text.partition(":")
    return socket.inet_ntoa(bytes.fromhex(address)[::-1]) if len(address) == 8 else address, int(port, 16)
