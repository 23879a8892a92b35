"""Clients against things that are no XMPP server; what they do with a real one is in tests/e2e."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Literal

import pytest

from xmpp_wizard.core.errors import ProofFailedError
from xmpp_wizard.core.kit.bench import Account, Bench
from xmpp_wizard.core.kit.stanzas import element
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.effects import xmpp_stranger, xmpp_tcp
from xmpp_wizard.effects.local_authority import LocalAuthority
from xmpp_wizard.effects.xmpp_client import SlixmppBenches

PASSWORD = "never shown anywhere"
ANN, BOB = (Account(f"{name}@home.example", Secret(PASSWORD)) for name in ("ann", "bob"))
PING = element("{jabber:client}iq", {"type": "get", "id": "1"}, element("{urn:xmpp:ping}ping"))
Way = Literal["starttls", "direct-tls", "https-port", "websocket"]
WAYS: tuple[Way, ...] = ("starttls", "direct-tls", "https-port", "websocket")
HEADER = b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' id='1'>"


@asynccontextmanager
async def answering(content: bytes, *, hangs: bool = False) -> AsyncIterator[int]:
    """Listen on a port that says this to everybody."""
    gone = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(content)
        await reader.read(10)
        if hangs:
            await gone.wait()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        gone.set()


@asynccontextmanager
async def bench_at(port: int) -> AsyncIterator[Bench]:
    """Open a bench whose every way leads to this port."""
    addresses: dict[str, tuple[str, int]] = dict.fromkeys(WAYS, ("127.0.0.1", port))
    async with SlixmppBenches().open("home.example", (ANN, BOB), addresses, b"") as bench:
        yield bench


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a second at most: nothing is far away here."""
    monkeypatch.setattr(xmpp_tcp, "LOG_IN_SECONDS", 1.0)
    monkeypatch.setattr(xmpp_stranger, "STRANGER_SECONDS", 1.0)


@pytest.mark.parametrize("way", WAYS)
async def test_a_closed_port_is_named(way: Way) -> None:
    async with answering(b"") as port:
        pass
    async with bench_at(port) as bench:
        with pytest.raises(ProofFailedError, match=f"nothing listens on 127.0.0.1 port {port}") as caught:
            async with bench.log_in(bench.alice, way):
                pytest.fail("logged in to nothing")
    assert "xmpp-wizard status" in str(caught.value.hint)


@pytest.mark.parametrize("way", ["starttls", "direct-tls", "https-port"])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x00\xff" * 100,
        HEADER + b"<stream:features/>",
        HEADER + b"<oops",
        HEADER + b"<stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
    ],
)
async def test_what_is_no_xmpp_server_is_red(content: bytes, way: Way) -> None:
    async with answering(content) as port, bench_at(port) as bench:
        with pytest.raises(ProofFailedError) as caught:
            async with bench.log_in(bench.alice, way):
                pytest.fail("logged in to no server")
        assert str(caught.value.hint)
        assert PASSWORD not in repr(caught.value)


async def test_a_server_that_hangs_is_left_after_a_while() -> None:
    async with answering(HEADER, hangs=True) as port, bench_at(port) as bench:
        with pytest.raises(ProofFailedError, match="no answer in time"):
            async with bench.log_in(bench.alice):
                pytest.fail("logged in to a hanging server")
        with pytest.raises(ProofFailedError, match="no answer in time"):
            await bench.ask_as_stranger(PING, encrypted=False)


async def test_a_server_without_starttls_gets_no_password() -> None:
    features = (
        b"<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
        b"<mechanism>PLAIN</mechanism><mechanism>SCRAM-SHA-1</mechanism></mechanisms></stream:features>"
    )
    async with answering(HEADER + features) as port, bench_at(port) as bench:
        with pytest.raises(ProofFailedError):
            async with bench.log_in(bench.alice):
                pytest.fail("sent a password without encryption")


@pytest.mark.parametrize("content", [b"", b"garbage", HEADER + b"<other/>"])
async def test_a_stranger_tells_what_is_no_stream(content: bytes) -> None:
    async with answering(content) as port, bench_at(port) as bench:
        with pytest.raises(ProofFailedError, match=r"no stream features came|no XML came"):
            await bench.ask_as_stranger(PING, encrypted=False)


async def test_a_stranger_sees_a_connection_closed_without_a_word() -> None:
    async with answering(HEADER + b"<stream:features/></stream:stream>") as port, bench_at(port) as bench:
        seen = await bench.ask_as_stranger(PING, encrypted=False)
        assert seen.answer is None
        assert seen.features.tag.endswith("features")


@pytest.mark.parametrize("content", [b"", b"not http", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"])
async def test_https_that_is_none_is_red(content: bytes) -> None:
    async with answering(content) as port, bench_at(port) as bench:
        with pytest.raises(ProofFailedError):
            await bench.http("GET", f"https://home.example:{port}/")


async def test_a_way_that_is_not_open_is_named() -> None:
    async with SlixmppBenches().open("home.example", (ANN, BOB), {"starttls": ("127.0.0.1", 1)}, b"") as bench:
        assert bench.ports() == {"starttls": 1}
        for way in WAYS[1:]:
            with pytest.raises(ProofFailedError, match=f"no port for {way}"):
                async with bench.log_in(bench.alice, way):
                    pytest.fail("there is no such way")


@pytest.mark.parametrize("roots", [b"no PEM", "-----BEGIN CERTIFICATE-----\nü".encode()])
async def test_roots_that_are_none_are_told(roots: bytes) -> None:
    with pytest.raises(ProofFailedError, match="root certificates cannot be read"):
        async with SlixmppBenches().open("home.example", (ANN, BOB), {}, roots):
            pytest.fail("took them for roots")


async def test_a_real_root_is_taken() -> None:
    root, _ = LocalAuthority().new_authority("home", datetime(2026, 1, 1, tzinfo=UTC))
    async with SlixmppBenches().open("home.example", (ANN, BOB), {}, root) as bench:
        assert bench.domain == "home.example"
