"""How long a full check of DNS takes: 12 names, a resolver that is 20 ms away, real name servers behind it."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from tests.e2e.dns.lab import Lab
from tests.fakes import Fakes
from tests.home_network import run, within
from tests.servers import answers

from xmpp_wizard.core.dns.operators import OPERATORS
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.effects.resolver import NetworkResolver
from xmpp_wizard.engine.records import dns

pytestmark = pytest.mark.benchmark

DELAY_SECONDS = 0.02
MOST_SECONDS = 2.0
NET = "198.18.66"
RESOLVERS = tuple(operator.addresses[0] for operator in OPERATORS)
SILENT = ("198.18.99.1", "198.18.99.2", "198.18.99.3")
"""Nobody is there, and nobody says so."""


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
    try:
        yield near
    finally:
        loop.call_soon_threadsafe(transport.close)
        # it is only closed in the turn after the one that asks for it
        loop.call_soon_threadsafe(loop.call_later, 0.05, loop.stop)
        thread.join()
        loop.close()


@contextmanager
def outside() -> Iterator[str]:
    """Make a network with public addresses, three of them those of resolvers, and a way out that leads nowhere."""
    space = f"xb{uuid.uuid4().hex[:6]}"
    run("ip", "netns", "add", space)
    try:
        for words in (
            *(f"address add {NET}.{host}/32 dev lo" for host in (10, 11, 12, 13, 53, 54)),
            *(f"address add {resolver}/32 dev lo" for resolver in RESOLVERS),
            *(
                "link set lo up",
                "link add away type veth peer name gone",
                "link set gone up",
                "link set away up",
                "route add default dev away",
            ),
        ):
            run("ip", "-n", space, *words.split())
        yield space
    finally:
        run("ip", "netns", "delete", space)


@pytest.mark.parametrize(("who", "resolvers"), [("none", ()), ("three", RESOLVERS), ("silent", SILENT)])
def test_twelve_names(tmp_path: Path, capsys: pytest.CaptureFixture[str], who: str, resolvers: tuple[str, ...]) -> None:
    """All records of addresses are there, so resolvers outside are asked for each of them, too."""
    fakes = Fakes()
    fakes.sockets.own_addresses = ("8.8.8.8",)
    extra = [f"n{number}.wild.example.lab" for number in range(3)]
    text = f'certificates.source = "acme"\nfeatures.preset = "family"\nextra_domains = {extra}\n'
    text += f'network.resolvers = ["{NET}.54"]\ndns.public_resolvers = {list(resolvers)}'
    wanted, world = answers(text, "wild.example.lab"), replace(fakes.world(), resolver=NetworkResolver())

    def look() -> tuple[dns.DnsReport, float]:
        with Lab(tmp_path, NET) as lab, far_away(lab.resolver):
            for resolver in RESOLVERS:
                lab.resolve_at(resolver)
            began = time.monotonic()
            return dns.report(world, Layout(), wanted), time.monotonic() - began

    with outside() as space:
        found, took = within(space, look)
    names = {finding.name for finding in found.findings if finding.kind in ("A", "AAAA")}
    with capsys.disabled():
        print(f"\nDNS, outside {who}: {len(names)} names, {len(found.findings)} findings: {took:.2f} s")  # noqa: T201 the figure
    assert len(names) >= 12
    assert sum(finding.level == "ok" for finding in found.findings) >= 12
    assert bool(found.outside) == (who == "silent")
    assert took < MOST_SECONDS
