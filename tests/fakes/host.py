"""The small things of a host: clock, randomness, lock, background work, shipped files."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from xmpp_wizard.core.errors import (
    EffectError,
    LockedError,
)
from xmpp_wizard.core.text import say

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass
class FakeClock:
    """Time that passes only by sleeping."""

    at: datetime = NOON
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.at

    def timestamp(self) -> float:
        return self.at.timestamp()

    def monotonic(self) -> float:
        return sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)


@dataclass
class FakeEntropy:
    """Tokens that count up: as long as real ones, never the same twice."""

    count: int = 0

    def token(self, random_bytes: int) -> str:
        self.count += 1
        raw = sha256(str(self.count).encode()).digest() * (random_bytes // 32 + 1)
        return base64.urlsafe_b64encode(raw[:random_bytes]).decode().rstrip("=")

    def key_pair(self) -> tuple[str, str]:
        self.count += 1
        key = X25519PrivateKey.from_private_bytes(sha256(str(self.count).encode()).digest())
        raw = (key.private_bytes_raw(), key.public_key().public_bytes_raw())
        private, public = (base64.b64encode(item).decode() for item in raw)
        return private, public


@dataclass
class FakeLock:
    """A lock between the users of this one value; put a pid into ``held`` to be somebody else."""

    held: dict[str, int] = field(default_factory=dict)
    pid: int = 1000
    released_after: float = float("inf")
    """Seconds until the others let go."""
    patience_seconds: float = 0
    while_waiting: Callable[[], object] | None = None
    """What the others do before they let go."""

    @contextmanager
    def hold(self, path: str, patience_seconds: float = 0) -> Iterator[None]:
        if path in self.held and self.released_after > patience_seconds:
            raise LockedError(say("another run works on this server (process {pid})", pid=self.held[path]))
        if path in self.held and self.while_waiting is not None:
            del self.held[path]
            self.while_waiting()
        self.patience_seconds = patience_seconds
        self.held[path] = self.pid
        try:
            yield
        finally:
            del self.held[path]

    def holder(self, path: str) -> int | None:
        return self.held.get(path)


@dataclass
class FakeBackground:
    """Runs the work at once; ``statuses`` has how each ended, by pid."""

    statuses: dict[int, int] = field(default_factory=dict)
    alive: set[int] = field(default_factory=set)
    own: int = 987

    def start(self, work: Callable[[], int]) -> int:
        pid = 5000 + len(self.statuses)
        self.statuses[pid] = work()
        return pid

    def is_alive(self, pid: int) -> bool:
        return pid == self.own or pid in self.alive

    def stop(self, pid: int) -> None:
        self.alive.discard(pid)

    def own_pid(self) -> int:
        return self.own


def _contexts() -> dict[str, dict[str, bytes]]:
    context = {"Dockerfile": b"FROM debian:trixie-slim\n", "entrypoint": b"#!/bin/sh\n"}
    return dict.fromkeys(("prosody", "turn", "postgres", "mariadb"), context)


@dataclass
class FakeAppliance:
    """Images and whatever templates a test needs."""

    images: dict[str, dict[str, bytes]] = field(default_factory=_contexts)
    texts: dict[str, str] = field(
        default_factory=lambda: {
            "prosody/prosody.cfg.lua.j2": "-- {{ hosts | length }}\n",
            "coturn/turnserver.conf.j2": "realm={{ realm | line }}\n",
        }
    )

    catalogues: dict[str, str] = field(default_factory=dict)

    def image(self, name: str) -> Mapping[str, bytes]:
        if name not in self.images:
            raise EffectError(say("this program ships no image {name}", name=name))
        return self.images[name]

    def templates(self) -> Mapping[str, str]:
        return self.texts

    def catalogue(self, language: str) -> str:
        return self.catalogues.get(language, "")
