"""How long a full check of DNS takes: 12 names, a resolver that is 20 ms away, real name servers behind it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from tests.e2e.dns.lab import HERE, Lab
from tests.fakes import Fakes
from tests.servers import answers

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.effects.resolver import NetworkResolver
from xmpp_wizard.engine import dns

pytestmark = pytest.mark.benchmark

DELAY_SECONDS = 0.02
MOST_SECONDS = 2.0


class Relay(asyncio.DatagramProtocol):
    """Hands questions on and answers back, each answer after a while."""

    def __init__(self, resolver: str) -> None:
        self._resolver = resolver
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        task = asyncio.create_task(self._hand_on(data, addr))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hand_on(self, data: bytes, sender: tuple[str, int]) -> None:
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        class Once(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:  # noqa: ARG002 asyncio's own
                if not answer.done():
                    answer.set_result(data)

        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(Once, remote_addr=(self._resolver, 53))
        transport.sendto(data)
        found = await answer
        transport.close()
        await asyncio.sleep(DELAY_SECONDS)
        self._transport.sendto(found, sender)


@contextmanager
def far_away(resolver: str) -> Iterator[str]:
    """Put the resolver 20 ms away and give its new address."""
    loop, near = asyncio.new_event_loop(), resolver.rpartition(".")[0] + ".54"
    make = loop.create_datagram_endpoint(lambda: Relay(resolver), local_addr=(near, 53))
    transport, _ = loop.run_until_complete(make)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield near
    loop.call_soon_threadsafe(transport.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_twelve_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fakes = Fakes()
    fakes.sockets.own_addresses = (HERE,)
    extra = [f"n{number}.example.lab" for number in range(11)]
    text = f'certificates.source = "acme"\nfeatures.preset = "family"\nextra_domains = {extra[:3]}'
    wanted = answers(text, "example.lab")
    with Lab(tmp_path) as lab, far_away(lab.resolver) as resolver:
        network = wanted.network.model_copy(update={"resolvers": (resolver,)})
        world = replace(fakes.world(), resolver=NetworkResolver())
        began = time.monotonic()
        found = dns.report(world, Layout(), wanted.model_copy(update={"network": network}))
        took = time.monotonic() - began
    names = {finding.name for finding in found.findings if finding.kind in ("A", "AAAA")}
    with capsys.disabled():
        print(f"\nDNS: {len(names)} names, {len(found.findings)} findings: {took:.2f} s")  # noqa: T201 the figure
    assert len(names) >= 12
    assert any(finding.level == "ok" for finding in found.findings)
    assert took < MOST_SECONDS
