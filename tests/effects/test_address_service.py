"""Asking for one's own address: plain texts, pages, nonsense, nobody there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.effects.address_service import WebAddressService


class Page(BaseHTTPRequestHandler):
    """Answers with what the path stands for."""

    texts: dict[str, bytes]

    def do_GET(self) -> None:
        text = self.texts.get(self.path)
        self.send_response(200 if text is not None else 503)
        self.end_headers()
        self.wfile.write(text or b"")

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    """Give the address of a web server; ``/client`` tells who asks."""
    Page.texts = {
        "/plain": b"9.9.9.9\n",
        "/page": b"<p>v1.2.3 Your address: <b>9.9.9.10</b></p>" + b"x" * 100_000,
        "/private": b"192.168.1.5",
        "/nonsense": b"999.1.1.1 and 1.2.3.4.5",
        "/empty": b"",
    }
    server = HTTPServer(("127.0.46.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.46.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("path", "address"), [("/plain", "9.9.9.9"), ("/page", "9.9.9.10")])
def test_an_address_in_the_answer(url: str, path: str, address: str) -> None:
    assert WebAddressService().address(url + path, 5) == address


@pytest.mark.parametrize("path", ["/private", "/nonsense", "/empty"])
def test_no_public_address_in_the_answer(url: str, path: str) -> None:
    with pytest.raises(EffectError, match="did not answer with a public address"):
        WebAddressService().address(url + path, 5)


def test_a_service_that_fails(url: str) -> None:
    with pytest.raises(EffectError, match="HTTP 503"):
        WebAddressService().address(f"{url}/broken", 5)


def test_nobody_there() -> None:
    with pytest.raises(EffectError, match="is not reached"):
        WebAddressService().address("http://127.0.46.1:9/", 2)
