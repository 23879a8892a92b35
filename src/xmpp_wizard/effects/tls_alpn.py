"""Port 443 for the seconds of an order: answers an authority's checks by TLS (RFC 8737).

Where our own server has the port, only what the authority sends is taken: who greets with ``acme-tls/1``. Everybody
else who comes in these seconds is passed on to the server as they came, until they or this program end.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path

from xmpp_wizard.core.acme.model import AcmeError, Problem
from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.effects.acme_keys import challenge_pair
from xmpp_wizard.effects.aside import behind, hindrance, led_aside, tidy, transparent_listener

_PROTOCOL = "acme-tls/1"
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 a public server: the authority comes from anywhere
_WITHOUT = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)
"""What the kernel says where IPv6 is switched off."""
_GREETING_SECONDS = 10.0
_LAST_SECONDS = 1.0
"""For those who were knocking when the rule was taken away."""
_CHUNK = 65536


class TlsAlpnResponder:
    """:class:`~xmpp_wizard.core.acme.model.TlsResponder` on real sockets."""

    def __init__(self, port: int = 443) -> None:
        """An authority always comes to port 443 (RFC 8737 3)."""
        self._port = port

    def hindrance(self, name: str) -> str:
        """Return why connections cannot be led past who has the port."""
        return hindrance(name)

    def tidy(self, name: str) -> None:
        """Remove what a run that was killed has left."""
        tidy(name)

    @contextmanager
    def serve(self, addresses: Sequence[str], proofs: Mapping[str, str], past: str = "") -> Iterator[Sequence[str]]:
        """Answer until the block ends; gives the addresses that asked so far."""
        seen: list[str] = []
        sockets = [transparent_listener()] if past else list(self._bound(addresses))
        with ExitStack() as stack:
            stack.enter_context(_Door(_context(proofs), seen, is_past=bool(past)).opened(sockets))
            if past:
                try:
                    stack.enter_context(led_aside(past, addresses, self._port, sockets[0]))
                except EffectError as error:
                    raise AcmeError(Problem("noWayPast", str(error.text))) from error
            yield seen

    def _bound(self, addresses: Sequence[str]) -> Iterator[socket.socket]:
        for address in addresses or _EVERYWHERE:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            try:
                yield socket.create_server((address, self._port), family=family)
            except OSError as error:
                if not addresses and ":" in address and error.errno in _WITHOUT:
                    continue
                detail = f"{address} port {self._port}: {error.strerror}"
                raise AcmeError(Problem("tlsTaken", detail)) from error


class _Door:
    """Meets whoever comes, in a thread of its own; ``is_past`` says that a server is behind it."""

    def __init__(self, context: ssl.SSLContext, seen: list[str], *, is_past: bool) -> None:
        self._context = context
        self._seen = seen
        self._is_past = is_past
        self._inside: set[asyncio.Task[None]] = set()

    @contextmanager
    def opened(self, sockets: Sequence[socket.socket]) -> Iterator[None]:
        """Take connections until the block ends; who is inside by then may stay as long as this program runs."""
        loop, closed, ending = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

        def run() -> None:
            with closing(loop):
                loop.run_until_complete(self._work(sockets, ending, closed))

        threading.Thread(target=run, daemon=True).start()
        try:
            yield
        finally:
            loop.call_soon_threadsafe(ending.set)
            closed.wait(_LAST_SECONDS + _GREETING_SECONDS)

    async def _work(self, sockets: Sequence[socket.socket], ending: asyncio.Event, closed: threading.Event) -> None:
        servers = [await asyncio.start_server(self._met, sock=one) for one in sockets]
        await ending.wait()
        await asyncio.sleep(_LAST_SECONDS if self._is_past else 0)
        for server in servers:
            server.close()
        closed.set()
        while self._inside:
            await asyncio.wait(self._inside)

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        self._inside.add(task)
        with suppress(OSError, TimeoutError):
            try:
                async with asyncio.timeout(_GREETING_SECONDS):
                    said = await self._check(reader, writer)
                if said and self._is_past:
                    await _pass_on(said, reader, writer)
            finally:
                writer.close()
        self._inside.discard(task)

    async def _check(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        """Answer the check of an authority; return what was said by anybody else."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self._context.wrap_bio(incoming, outgoing, server_side=True)
        said = b""
        try:
            # there is an answer as soon as the greeting is whole
            while not outgoing.pending:
                data = await reader.read(_CHUNK)
                if not data:
                    return said
                said += data
                incoming.write(data)
                with suppress(ssl.SSLWantReadError):
                    tls.do_handshake()
        except ssl.SSLError:
            # no TLS, or about a name that is not being checked
            return said
        if tls.selected_alpn_protocol() != _PROTOCOL:
            return said
        self._seen.append(str(writer.get_extra_info("peername")[0]).removeprefix("::ffff:"))
        writer.write(outgoing.read())
        while data := await reader.read(_CHUNK):
            incoming.write(data)
            with suppress(ssl.SSLWantReadError):
                tls.do_handshake()
                break
        writer.write(outgoing.read())
        return b""


async def _pass_on(said: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Lead somebody to where they wanted to go."""
    address = writer.get_extra_info("sockname")
    connection = behind(address)
    try:
        await asyncio.get_running_loop().sock_connect(connection, address)
        inner_reader, inner_writer = await asyncio.open_connection(sock=connection)
    except OSError:
        connection.close()
        return
    inner_writer.write(said)
    onward = asyncio.create_task(_pump(reader, inner_writer))
    await _pump(inner_reader, writer)
    onward.cancel()
    inner_writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
        writer.write_eof()


def _context(proofs: Mapping[str, str]) -> ssl.SSLContext:
    """Return what chooses the certificate for the name that is asked for; who asks for others gets none."""
    chosen = {_asked(name): _server_context(challenge_pair(name, proof)) for name, proof in proofs.items()}
    context = _server_context()

    def choose(tls: ssl.SSLObject | ssl.SSLSocket, name: str | None, _context: ssl.SSLContext) -> None:
        tls.context = chosen.get((name or "").lower(), context)

    context.sni_callback = choose
    return context


def _asked(name: str) -> str:
    """Return the name by which an authority asks; that of an address is its place for reverse look-ups (RFC 8738 6)."""
    try:
        return ip_address(name).reverse_pointer
    except ValueError:
        return name


def _server_context(pair: bytes = b"") -> ssl.SSLContext:
    """Return a context with the certificate and key in ``pair``, PEM; OpenSSL takes them from a file only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols([_PROTOCOL])
    if pair:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "pair.pem"
            path.write_bytes(pair)
            context.load_cert_chain(path)
    return context
