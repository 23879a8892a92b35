"""A web server with HTTPS on this machine, whose certificate is of an authority of its own."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from xmpp_wizard.effects.local_authority import LocalAuthority

DRIPPING = b"drip"
"""A file that comes in 100 pieces with 0.2 s between them."""


@dataclass
class HttpsSite:
    """What is served: ``files`` and ``moves`` by path; anything else is answered with 404."""

    url: str
    roots: str
    """The authority's certificate, a file."""
    files: dict[str, bytes] = field(default_factory=dict)
    moves: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


class _Talk(BaseHTTPRequestHandler):
    site: HttpsSite

    def do_GET(self) -> None:
        self.site.asked.append(self.path)
        content = self.site.files.get(self.path)
        moved = self.site.moves.get(self.path)
        self.send_response(302 if moved else 404 if content is None else 200)
        if moved:
            self.send_header("Location", moved)
        self.end_headers()
        try:
            if content == DRIPPING:
                self._drip()
            self.wfile.write(b"<!DOCTYPE html><p>No such file" if content is None else content)
        except OSError:
            pass  # who asked has hung up

    def _drip(self) -> None:
        for _ in range(100):
            self.wfile.write(b"-")
            time.sleep(0.2)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@contextmanager
def https_site(folder: Path) -> Iterator[HttpsSite]:
    """Serve until the block ends; keys lie in ``folder``."""
    authority = LocalAuthority()
    now = datetime.now(UTC)
    root = authority.new_authority("Web of a test", now)
    pair = authority.issue(root, ["localhost"], now)
    for name, content in (("root.pem", root[0]), ("chain.pem", pair.chain), ("key.pem", pair.key)):
        (folder / name).write_bytes(content)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "chain.pem", folder / "key.pem")
    site = HttpsSite("", str(folder / "root.pem"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Talk", (_Talk,), {"site": site}))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    site.url = f"https://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
