"""Port 80 for the seconds of an order: answers an authority's checks, and nothing else."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from xmpp_wizard.core.acme.model import AcmeError, Problem

_PATH = "/.well-known/acme-challenge/"
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 a public server: the authority comes from anywhere
_WITHOUT = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)
"""What the kernel says where IPv6 is switched off."""


class HttpResponder:
    """:class:`~xmpp_wizard.core.acme.model.Responder` on real sockets."""

    def __init__(self, port: int = 80) -> None:
        """An authority always comes to port 80 (RFC 8555 8.3)."""
        self._port = port

    @contextmanager
    def serve(self, addresses: Sequence[str], proofs: Mapping[str, str]) -> Iterator[Sequence[str]]:
        """Answer until the block ends; gives the addresses that asked so far."""
        seen: list[str] = []
        with ExitStack() as stack:
            for address in addresses or _EVERYWHERE:
                server = self._server(address, proofs, seen, is_optional=not addresses and ":" in address)
                if server is not None:
                    stack.callback(server.server_close)
                    stack.callback(server.shutdown)
                    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
            yield seen

    def _server(
        self, address: str, proofs: Mapping[str, str], seen: list[str], *, is_optional: bool
    ) -> ThreadingHTTPServer | None:
        kind = _SixServer if ":" in address else ThreadingHTTPServer
        try:
            return kind((address, self._port), _handler(proofs, seen))
        except OSError as error:
            if is_optional and error.errno in _WITHOUT:
                return None
            is_taken = error.errno in {errno.EADDRINUSE, errno.EACCES}
            detail = f"{address} port {self._port}: {error.strerror}"
            raise AcmeError(Problem("portTaken" if is_taken else "noMethod", detail)) from error


class _SixServer(ThreadingHTTPServer):
    """For IPv6 alone, as another socket has IPv4."""

    address_family = socket.AF_INET6

    def server_bind(self) -> None:
        """Bind without taking the port for IPv4, too."""
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        super().server_bind()


def _handler(proofs: Mapping[str, str], seen: list[str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10
        server_version = "xmpp-wizard"
        sys_version = ""

        def do_GET(self) -> None:
            seen.append(str(self.client_address[0]))
            proof = proofs.get(self.path.removeprefix(_PATH)) if self.path.startswith(_PATH) else None
            body = (proof or "").encode()
            self.send_response(HTTPStatus.NOT_FOUND if proof is None else HTTPStatus.OK)
            self.send_header("Content-Type", "application/octet-stream")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 as in the base class
            """Say nothing: stderr is the command line's."""

    return Handler
