"""Servers that answer so slowly that each single read is in time, over real TLS and without it."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tests.e2e.acme.pebble import self_signed

from xmpp_wizard.core.acme.model import AcmeError
from xmpp_wizard.core.dns.account import Access, DnsAccount
from xmpp_wizard.core.dns.change import Change
from xmpp_wizard.core.errors import DnsProviderError, EffectError
from xmpp_wizard.core.notify import Letter
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.core.text import Text
from xmpp_wizard.effects import acme_net
from xmpp_wizard.effects.acme_ca import AcmeAuthorities
from xmpp_wizard.effects.dns_providers import desec, rfc2136, web
from xmpp_wizard.effects.notifier import HostNotifier
from xmpp_wizard.effects.upnp import Service, UpnpError
from xmpp_wizard.effects.web_pages import HttpPages

HERE = "127.61.0.9"
DIRECTORY = b'{"newOrder": "https://ca.example/new", "newNonce": "https://ca.example/nonce"}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
WHOLE = HEAD + b"Content-Length: %d\r\n\r\n%s" % (len(DIRECTORY), DIRECTORY)
SECONDS = 1.0
SLOW = [
    pytest.param((b"HTTP/1.1 200 OK\r\n", *[b"X-Slow: 1\r\n"] * 90), id="headers"),
    pytest.param([bytes((sign,)) for sign in WHOLE], id="bytes"),
    pytest.param((HEAD, b"Content-Length: 90000\r\n\r\n", *[b" "] * 900), id="body"),
    pytest.param((HEAD, b"Transfer-Encoding: chunked\r\n\r\n", *[b"1\r\n \r\n"] * 900), id="chunks"),
]


@contextmanager
def served(folder: Path, pieces: Sequence[bytes], pause: float) -> Iterator[tuple[str, str]]:
    """Give the URL of a server that sends ``pieces`` with a pause after each, over and over, and its roots."""
    chain, key = self_signed(folder, HERE)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    with dripping(pieces, pause, lambda connection: context.wrap_socket(connection, server_side=True)) as port:
        yield f"https://{HERE}:{port}/dir", str(chain)


@contextmanager
def dripping(
    pieces: Sequence[bytes], pause: float, wrap: Callable[[socket.socket], socket.socket] = lambda plain: plain
) -> Iterator[int]:
    """Give the port of such a server."""
    ended = threading.Event()

    def drip(connection: socket.socket) -> None:
        with suppress(OSError), wrap(connection) as stream:
            stream.recv(4096)
            for piece in pieces:
                stream.sendall(piece)
                if ended.wait(pause):
                    return

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=drip, args=(server.accept()[0],), daemon=True).start()

    with socket.create_server((HERE, 0)) as server:
        threading.Thread(target=accept, daemon=True).start()
        try:
            yield server.getsockname()[1]
        finally:
            ended.set()
            server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("pieces", SLOW)
def test_a_server_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pieces: list[bytes]) -> None:
    monkeypatch.setattr(acme_net, "_WHOLE_SECONDS", SECONDS)
    authorities = AcmeAuthorities()
    with served(tmp_path, pieces, 0.2) as (url, roots):
        begun = time.monotonic()
        with pytest.raises(AcmeError) as caught:
            authorities.connect(url, authorities.new_key("ec256"), roots)
        assert SECONDS * 0.8 < time.monotonic() - begun < SECONDS + 8, "of the 18 and more that it takes"
    assert caught.value.problem.type == "offline"


@pytest.mark.parametrize("pieces", SLOW)
def test_without_tls_it_is_given_up_as_well(monkeypatch: pytest.MonkeyPatch, pieces: list[bytes]) -> None:
    monkeypatch.setattr(web, "_WHOLE_SECONDS", SECONDS)
    with dripping(pieces, 0.2) as port:
        begun = time.monotonic()
        with pytest.raises(DnsProviderError, match="is not reached"):
            web.call("acme-dns", "GET", f"http://{HERE}:{port}/", {})
        assert SECONDS * 0.8 < time.monotonic() - begun < SECONDS + 8, "of the 18 and more that it takes"


def test_without_tls_what_is_slow_but_done_in_time_is_heard() -> None:
    with dripping((WHOLE[:40], WHOLE[40:90], WHOLE[90:]), 0.2) as port:
        assert web.call("acme-dns", "GET", f"http://{HERE}:{port}/", {}).body["newNonce"]


@pytest.mark.parametrize("over_ipv4", [False, True])
def test_a_page_that_drips_is_given_up(*, over_ipv4: bool) -> None:
    with dripping((HEAD, b"Content-Length: 90000\r\n\r\n", *[b" "] * 900), 0.2) as port:
        begun = time.monotonic()
        with pytest.raises(EffectError, match="is not reached"):
            HttpPages().get(f"http://{HERE}:{port}/", SECONDS, over_ipv4=over_ipv4)
        assert time.monotonic() - begun < SECONDS + 8


def test_a_router_and_a_webhook_that_drip_are_given_up() -> None:
    with dripping((HEAD, b"Content-Length: 90000\r\n\r\n", *[b" "] * 900), 0.2) as port:
        begun = time.monotonic()
        with pytest.raises(UpnpError):
            Service("urn:x:WANIPConnection:1", f"http://{HERE}:{port}/", SECONDS).call("GetExternalIPAddress")
        letter = Letter("a.example", "x", Text("x"), Text("x"))
        with pytest.raises(EffectError, match="the webhook does not answer"):
            HostNotifier().post(f"http://{HERE}:{port}/", letter, SECONDS)
        assert time.monotonic() - begun < 2 * SECONDS + 8


def test_a_server_that_is_slow_but_done_in_time_is_heard(tmp_path: Path) -> None:
    authorities = AcmeAuthorities()
    with served(tmp_path, (WHOLE[:40], WHOLE[40:90], WHOLE[90:]), 0.2) as (url, roots):
        assert authorities.connect(url, authorities.new_key("ec256"), roots).facts.profiles == {}


def test_nothing_is_asked_over_plain_http(tmp_path: Path) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/dir\r\nContent-Length: 0\r\n\r\n"
    authorities = AcmeAuthorities()
    with (
        served(tmp_path, (moved,), 0) as (url, roots),
        pytest.raises(AcmeError, match="No connection adapters") as caught,
    ):
        authorities.connect(url, authorities.new_key("ec256"), roots)
    assert caught.value.problem.type == "notAcme"


def test_an_authority_that_leaves_out_half_of_its_directory_is_told(tmp_path: Path) -> None:
    listed = b'{"newOrder": "https://ca.example/new"}'
    answer = HEAD + b"Content-Length: %d\r\n\r\n%s" % (len(listed), listed)
    authorities = AcmeAuthorities()
    with served(tmp_path, (answer,), 0) as (url, roots):
        authority = authorities.connect(url, authorities.new_key("ec256"), roots)
    for work in (authority.log_in, lambda: authority.revoke(b"", 4)):
        with pytest.raises(AcmeError) as caught:
            work()
        assert caught.value.problem.type == "notAcme"


def test_a_dns_provider_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(web, "_WHOLE_SECONDS", SECONDS)
    pieces = (HEAD, b"Content-Length: 90000\r\n\r\n", *[b" "] * 60)
    with served(tmp_path, pieces, 0.2) as (url, roots):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", roots)
        begun = time.monotonic()
        with pytest.raises(DnsProviderError, match="is not reached"):
            web.call("deSEC", "GET", url, {})
        assert time.monotonic() - begun < SECONDS + 8, "of the 12 and more that it takes"


def test_a_dns_provider_is_heard_over_tls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with served(tmp_path, (WHOLE[:40], WHOLE[40:]), 0.2) as (url, roots):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", roots)
        assert web.call("deSEC", "GET", url, {}).body["newNonce"]
        monkeypatch.delenv("REQUESTS_CA_BUNDLE")
        with pytest.raises(DnsProviderError, match="is not reached: SSLError"):
            web.call("deSEC", "GET", url, {})


def test_a_name_server_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rfc2136, "_SECONDS", SECONDS)

    def drip() -> None:
        with suppress(OSError), server.accept()[0] as connection:
            connection.sendall(b"\xff\xff")
            for _ in range(60):
                connection.sendall(b" ")
                time.sleep(0.2)

    with socket.create_server((HERE, 0)) as server:
        threading.Thread(target=drip, daemon=True).start()
        account = DnsAccount("rfc2136", server=f"{HERE}@{server.getsockname()[1]}", key_name="key.", secret_file="/k")
        begun = time.monotonic()
        with pytest.raises(DnsProviderError, match="does not answer"):
            rfc2136.update(Access(account, Secret("c2VjcmV0")), Change("example.lab"))
        assert time.monotonic() - begun < SECONDS + 5, "of the 12 that it takes"


@pytest.mark.parametrize("body", [b"[1]", b'[{"type": "A"}]', b"<html>log in</html>", b"7"])
def test_what_is_no_list_of_records_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, body: bytes) -> None:
    answer = HEAD + b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    with served(tmp_path, (answer,), 0) as (url, roots):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", roots)
        account = DnsAccount("desec", zone="chat.dedyn.io", secret_file="/k", api_url=url)
        with pytest.raises(DnsProviderError, match="is not understood"):
            desec.change_zone(Access(account, Secret("x")), Change("chat.dedyn.io"))
