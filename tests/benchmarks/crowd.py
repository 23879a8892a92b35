"""Many people at once: real clients in processes of their own, so that the server is what is measured."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Self
from xml.etree.ElementTree import Element

from tests.e2e.server.machine import PASSWORD
from tests.e2e.server.phone import CLIENT, Phone, trusting

_PROCESSES = 2
_AT_ONCE = 16
_WORDS = "How are you today? I have been out in the garden, and the first apples are ripe. "
_MOST_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Round:
    """``seconds`` until everybody was done, and the processor time that the clients themselves took meanwhile."""

    seconds: float
    own_cpu_seconds: float


class Crowd:
    """The people of one server; they come, talk and leave all together."""

    def __init__(self, where: tuple[str, int], domain: str, names: Sequence[str]) -> None:
        """Know them; each talks to the next one."""
        self._jids = [f"{name}@{domain}" for name in names]
        self._where = where
        self._workers: list[tuple[BaseProcess, Connection]] = []

    def __enter__(self) -> Self:
        """Start the processes."""
        context = multiprocessing.get_context("spawn")
        for number in range(_PROCESSES):
            here, there = context.Pipe()
            pairs = [(jid, self._jids[(at + 1) % len(self._jids)]) for at, jid in enumerate(self._jids)]
            process = context.Process(target=_work, args=(there, self._where, pairs[number::_PROCESSES]), daemon=True)
            process.start()
            self._workers.append((process, here))
        self._all("here")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the processes."""
        for process, connection in self._workers:
            connection.close()
            process.join(10)
            process.kill()

    def come(self) -> Round:
        """Log everybody in: TLS, SCRAM, a session, copies, contacts, presence."""
        return self._all("come")

    def talk(self, messages: int) -> Round:
        """Have everybody send so many messages, and wait until the last one has arrived."""
        return self._all("talk", messages)

    def leave(self) -> Round:
        """Have everybody say goodbye."""
        return self._all("leave")

    def _all(self, order: str, count: int = 0) -> Round:
        began = time.perf_counter()
        for _, connection in self._workers:
            connection.send((order, count))
        used = 0.0
        for _, connection in self._workers:
            assert connection.poll(_MOST_SECONDS), f"the clients did not end: {order}"
            answer = connection.recv()
            assert isinstance(answer, float), answer
            used += answer
        return Round(time.perf_counter() - began, used)


def _work(orders: Connection, where: tuple[str, int], pairs: list[tuple[str, str]]) -> None:
    """Do what the other process says, and answer with the processor time that it took, or with what went wrong."""
    asyncio.run(_Group(where, pairs).work(orders))


class _Group:
    """Those people who live in one process."""

    def __init__(self, where: tuple[str, int], pairs: list[tuple[str, str]]) -> None:
        trust = trusting("")
        self._pairs, self._heard, self._due = pairs, 0, 0
        self._phones = [Phone(where, jid, PASSWORD, trust, hear=self._hear) for jid, _ in pairs]
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def work(self, orders: Connection) -> None:
        actions: dict[str, Callable[[int], Awaitable[None]]]
        actions = {"here": self._here, "come": self._come, "talk": self._talk, "leave": self._leave}
        while True:
            try:
                order, count = await asyncio.to_thread(orders.recv)
            except (EOFError, ConnectionResetError):
                return
            began = time.process_time()
            try:
                await actions[order](count)
            except Exception as error:  # noqa: BLE001 the other process says it
                orders.send(f"{order}: {error!r}")
            else:
                orders.send(time.process_time() - began)

    async def _here(self, _count: int) -> None:
        """Be ready."""

    async def _come(self, _count: int) -> None:
        async def one(phone: Phone) -> None:
            async with self._places:
                await phone.come()

        await asyncio.gather(*map(one, self._phones))

    async def _talk(self, count: int) -> None:
        self._due += count * len(self._phones)
        for turn in range(count):
            for phone, (_, other) in zip(self._phones, self._pairs, strict=True):
                phone.say(other, f"{_WORDS}{turn}", "")
            await asyncio.sleep(0)
        end = time.monotonic() + _MOST_SECONDS / 2
        while self._heard < self._due:
            assert time.monotonic() < end, f"{self._due - self._heard} messages did not arrive"
            await asyncio.sleep(0.002)

    async def _leave(self, _count: int) -> None:
        await asyncio.gather(*(phone.leave() for phone in self._phones))

    def _hear(self, stanza: Element) -> None:
        if stanza.tag == f"{{{CLIENT}}}message" and stanza.find(f"{{{CLIENT}}}body") is not None:
            self._heard += 1
