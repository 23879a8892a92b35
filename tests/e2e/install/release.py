"""A release on a web server, and the README's lines that fetch it."""

from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.e2e.install.bare_host import ROOT


class QuietHandler(SimpleHTTPRequestHandler):
    """A web server that says nothing about what it serves."""

    def log_message(self, format: str, *values: object) -> None:  # noqa: A002 the base class calls it so
        """Say nothing."""


@contextmanager
def served(folder: Path, address: str) -> Iterator[int]:
    """Make a release in ``folder`` and serve it at ``address``; give the port."""
    subprocess.run([ROOT / "scripts" / "make-release", "HEAD", folder], cwd=ROOT, check=True, capture_output=True)
    handler = partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer((address, 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def first_lines() -> str:
    """Take the README's first block of commands."""
    block = re.search(r"^```sh\n(.*?)^```$", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    assert block
    return block[1]
