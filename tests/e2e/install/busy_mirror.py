"""A package archive that is busy: one file is refused once, and another comes slowly.

Ten files fill apt's queue: the refused one is due again while the slow one holds the next nine up. Run in a bare host,
it writes its address to a file, and what it was asked for to its output.
"""

import hashlib
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

NAMES = [f"package-{number:02}" for number in range(20)]
REFUSED, SLOW = NAMES[:2]
SECONDS = 3.0
CONTENT = bytes(4000)
ADDRESS = Path("/run/busy-mirror")


def index() -> str:
    """List all packages, as ``Packages`` of a flat archive does."""
    return "\n".join(
        f"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\n"
        f"Description: {name}\nFilename: ./{name}.deb\nSize: {len(CONTENT)}\n"
        f"SHA256: {hashlib.sha256(CONTENT).hexdigest()}\n"
        for name in NAMES
    )


class BusyMirror(BaseHTTPRequestHandler):
    """Answers one connection of apt."""

    protocol_version = "HTTP/1.1"
    has_refused = False

    def do_GET(self) -> None:
        """Answer one request."""
        name = self.path.rpartition("/")[2].removesuffix(".deb")
        if name == "Packages":
            self._send(200, index().encode())
        elif name == REFUSED and not BusyMirror.has_refused:
            BusyMirror.has_refused = True
            self._send(429, b"later")
        elif name in NAMES:
            self._send(200, CONTENT, seconds=SECONDS if name == SLOW else 0)
        else:
            self._send(404, b"there is no such file")

    def _send(self, status: int, content: bytes, seconds: float = 0) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[:-1])
        time.sleep(seconds)
        self.wfile.write(content[-1:])


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", 0), BusyMirror) as server:
        ADDRESS.write_text(f"http://127.0.0.1:{server.server_port}")
        server.serve_forever()
