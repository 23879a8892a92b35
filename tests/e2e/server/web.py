"""A browser's way to a server's pages."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from collections.abc import Mapping
from contextlib import closing
from urllib.parse import urlencode, urlsplit

from tests.e2e.server.machine import Server


def ask(
    server: Server,
    url: str,
    form: dict[str, str] | None = None,
    *,
    roots: str = "",
    language: str = "",
    source: str = "",
) -> tuple[int, str]:
    """Ask the server as a browser does, whatever DNS says, believing only its own authority, ``roots`` if known."""
    parts = urlsplit(url)
    context = ssl.create_default_context(cadata=roots or server.authority())
    connection = http.client.HTTPSConnection(str(parts.hostname), context=context, timeout=10)
    raw = socket.create_connection((server.address, 443), 10, (source, 0))
    connection.sock = context.wrap_socket(raw, server_hostname=parts.hostname)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    headers = {"Accept-Language": language} if language else {}
    if form:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request("POST" if form else "GET", path, body=urlencode(form) if form else None, headers=headers)
    answer = connection.getresponse()
    status, text = answer.status, answer.read().decode(errors="replace")
    connection.close()
    return status, text


def exchange(
    server: Server, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> tuple[int, bytes]:
    """Ask the server as an app does that sends or fetches a file."""
    parts = urlsplit(url)
    context = ssl.create_default_context(cadata=server.authority())
    with closing(http.client.HTTPSConnection(str(parts.hostname), context=context)) as connection:
        raw = socket.create_connection((server.address, 443), 60)
        connection.sock = context.wrap_socket(raw, server_hostname=parts.hostname)
        connection.request(method, parts.path, body=body or None, headers=dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, answer.read()


def invitation(server: Server, domain: str) -> str:
    """Return the link of a new invitation, for anybody at a domain or for one address."""
    for _ in range(3):
        said = server.inside("prosodyctl", "shell", "invite", "create_account", domain)
        if found := re.search(r"https://\S+", said):
            return found[0]
        # on a busy machine an engine has been seen to lose all that a command said
        assert not said
    raise AssertionError("no invitation")
