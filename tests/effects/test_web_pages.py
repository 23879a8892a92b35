"""Asking web servers of others: pages, redirects, long answers, nobody there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.effects.web_pages import HttpPages


class Page(BaseHTTPRequestHandler):
    """Answers with what the path stands for."""

    def do_GET(self) -> None:
        self.send_response({"/broken": 503, "/moved": 302}.get(self.path, 200))
        self.send_header("X-Kind", "test")
        if self.path == "/moved":
            self.send_header("Location", "/plain")
        self.end_headers()
        self.wfile.write(b"x" * 100_000 if self.path == "/long" else b"hello")

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    """Give the address of a web server."""
    server = HTTPServer(("127.0.46.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.46.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("over_ipv4", [False, True])
@pytest.mark.parametrize("path", ["/plain", "/moved"])
def test_a_page(url: str, path: str, *, over_ipv4: bool) -> None:
    page = HttpPages().get(url + path, 5, over_ipv4=over_ipv4)
    assert (page.status, page.text, page.headers["x-kind"]) == (200, "hello", "test")


def test_a_fault_is_an_answer_too(url: str) -> None:
    assert HttpPages().get(f"{url}/broken", 5).status == 503


def test_of_a_long_answer_the_beginning_is_read(url: str) -> None:
    assert len(HttpPages().get(f"{url}/long", 5).text) == 65536


def test_nobody_there() -> None:
    with pytest.raises(EffectError, match="is not reached"):
        HttpPages().get("http://127.0.46.1:9/", 2)
