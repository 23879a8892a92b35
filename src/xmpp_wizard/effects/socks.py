"""Meeting at a SOCKS 5 proxy (RFC 1928), as apps do that hand each other files (XEP-0065 6)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from xmpp_wizard.core.errors import ProofFailedError
from xmpp_wizard.core.text import say

_SECONDS = 10.0
_GREETING = b"\x05\x01\x00"
_WELCOME = b"\x05\x00"
_GRANTED = 0


@asynccontextmanager
async def meet(where: tuple[str, int], meeting: str) -> AsyncIterator[ProxyStream]:
    """Connect to the proxy at ``where`` (address, port) under the name of a ``meeting``: 40 hexadecimal digits.

    Raises:
        ProofFailedError: nobody answers there, or no proxy.
    """
    try:
        async with asyncio.timeout(_SECONDS):
            reader, writer = await asyncio.open_connection(*where)
    except (OSError, TimeoutError) as error:
        raise _failed(where) from error
    try:
        stream = ProxyStream(reader, writer, where)
        await stream.greet(meeting)
        yield stream
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


class ProxyStream:
    """One end of a connection through the proxy."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, where: tuple[str, int]) -> None:
        self._reader, self._writer, self._where = reader, writer, where

    async def greet(self, meeting: str) -> None:
        """Tell the proxy which meeting it is; the address in its answer is as long as ours."""
        await self.send(_GREETING)
        welcome = await self.receive(len(_WELCOME))
        name = meeting.encode("ascii")
        await self.send(b"\x05\x01\x00\x03" + bytes((len(name),)) + name + b"\x00\x00")
        answer = await self.receive(4 + 1 + len(name) + 2)
        if welcome != _WELCOME or answer[1] != _GRANTED:
            raise _failed(self._where)

    async def send(self, data: bytes) -> None:
        """Send all of ``data``."""
        try:
            async with asyncio.timeout(_SECONDS):
                self._writer.write(data)
                await self._writer.drain()
        except (OSError, TimeoutError) as error:
            raise _failed(self._where) from error

    async def finish(self) -> None:
        """Say that nothing more will be sent."""
        self._writer.write_eof()

    async def receive(self, size: int) -> bytes:
        """Return exactly ``size`` bytes."""
        try:
            async with asyncio.timeout(_SECONDS):
                return await self._reader.readexactly(size)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            raise _failed(self._where) from error


def _failed(where: tuple[str, int]) -> ProofFailedError:
    return ProofFailedError(
        say("nothing comes through {address}, port {port}", address=where[0], port=where[1]),
        say("Does a firewall keep that port closed?"),
    )
