"""A proxy in front of an authority that answers some requests itself: limits, maintenance, cut lines, other texts.

Pebble has no rate limits, checks no CAA and knows few of the words that Let's Encrypt uses.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from tests.e2e.acme.pebble import Pebble

NS = "urn:ietf:params:acme:error:"
PORT = 14001
PATHS = {
    "directory": "/dir",
    "newAccount": "/sign-me-up",
    "newOrder": "/order-plz",
    "order": "/my-order/",
    "authorization": "/authZ/",
    "challenge": "/chalZ/",
}


@dataclass
class Fault:
    """What is answered to requests of a kind: ``status`` and ``body``, or ``edit`` of the real answer, or nothing."""

    path: str
    status: int = 0
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int = -1
    edit: Callable[[bytes], bytes] | None = None


class FaultProxy:
    """Listens beside ``pebble``, on the same address."""

    def __init__(self, pebble: Pebble) -> None:
        """Take an authority that runs."""
        self.url = f"https://{pebble.address}:{PORT}/dir"
        self.requests: list[str] = []
        self._faults: list[Fault] = []
        self._pebble = pebble
        self._upstream = ssl.create_default_context(cafile=str(pebble.certificate))
        self._server = ThreadingHTTPServer((pebble.address, PORT), _handler(self))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pebble.certificate, pebble.key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def __enter__(self) -> Self:
        """Begin."""
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, what: str, status: int, body: bytes, times: int = -1, **headers: str) -> None:
        """Answer requests for ``what`` so."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._faults.append(Fault(PATHS[what], status, body, named, times))

    def refuse(self, what: str, status: int, kind: str, detail: str, times: int = -1, **headers: str) -> None:
        """Answer requests for ``what`` with an ACME problem."""
        body = json.dumps({"type": NS + kind, "detail": detail, "status": status}).encode()
        self.answer(what, status, body, times, **{"Content_Type": "application/problem+json", **headers})

    def cut(self, what: str, times: int = -1) -> None:
        """Hang up on requests for ``what``."""
        self._faults.append(Fault(PATHS[what], times=times))

    def change(self, what: str, edit: Callable[[bytes], bytes]) -> None:
        """Change the real answers to requests for ``what``."""
        self._faults.append(Fault(PATHS[what], edit=edit))

    def fail_checks(self, kind: str, detail: str) -> None:
        """Let every check that was answered fail in these words."""

        def edit(data: bytes) -> bytes:
            found = json.loads(data)
            if found["status"] == "pending" and not any(path.startswith(PATHS["challenge"]) for path in self.requests):
                return data
            found["status"] = "invalid"
            # the authority lists them in an order of chance: the one that was answered fails
            answered = [one for one in found["challenges"] if any(one["url"].endswith(path) for path in self.requests)]
            for challenge in answered or found["challenges"][:1]:
                challenge.update(status="invalid", error={"type": NS + kind, "detail": detail, "status": 400})
            return json.dumps(found).encode()

        self.change("authorization", edit)

    def heal(self) -> None:
        """Answer nothing by itself any more."""
        self._faults.clear()

    def fault_for(self, path: str) -> Fault | None:
        """Return what is to be done about a request, counting it."""
        for fault in self._faults:
            if path.startswith(fault.path) and fault.times != 0:
                fault.times -= 1
                return fault
        return None

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
        """Ask the authority itself; it builds its own addresses from the Host header."""
        connection = HTTPSConnection(self._pebble.address, 14000, context=self._upstream, timeout=30)
        kept = {name: value for name, value in headers.items() if name.lower() not in {"connection", "accept-encoding"}}
        connection.request(method, path, body or None, kept)
        answer = connection.getresponse()
        data = answer.read()
        found = {
            name: value
            for name, value in answer.getheaders()
            if name.lower() not in {"transfer-encoding", "connection", "content-length", "link"}
        }
        connection.close()
        return answer.status, found, data

    def nonce(self) -> str:
        """Return a nonce of the authority's."""
        return self.ask("HEAD", "/nonce-plz", b"", {"User-Agent": "x"})[1]["Replay-Nonce"]


def _handler(proxy: FaultProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # head and body of an answer are two packets, and nobody is to wait for the second one
        disable_nagle_algorithm = True

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            proxy.requests.append(self.path)
            fault = proxy.fault_for(self.path)
            if fault is not None and not fault.status and fault.edit is None:
                self.close_connection = True
                self.connection.close()
                return
            if fault is not None and fault.status:
                self.reply(fault.status, {"Replay-Nonce": proxy.nonce(), **fault.headers}, fault.body)
                return
            status, headers, data = proxy.ask(self.command, self.path, body, dict(self.headers.items()))
            self.reply(status, headers, fault.edit(data) if fault is not None and fault.edit else data)

        do_GET = do_POST = do_HEAD = handle_any  # noqa: N815 names of the base class

        def reply(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 as in the base class
            """Say nothing."""

    return Handler
