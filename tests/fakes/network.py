"""What listens, what is served, and who proves it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.fakes.authority import FakeAuthority
from tests.fakes.containers import FakeContainers
from tests.fakes.files import FakeFiles
from tests.fakes.recorder import Recorder

from xmpp_wizard.core.errors import (
    HealthError,
    ProofFailedError,
)
from xmpp_wizard.core.kit.bench import Account, Bench
from xmpp_wizard.core.names import ascii_name
from xmpp_wizard.core.network.listeners import Listener
from xmpp_wizard.core.target import Container
from xmpp_wizard.core.text import say


@dataclass
class FakeSockets(Recorder):
    """A host with these sockets."""

    listening: tuple[Listener, ...] = ()
    own_addresses: tuple[str, ...] = ("192.0.2.10",)

    def listeners(self) -> Sequence[Listener]:
        self.hit("listeners")
        return self.listening

    def addresses(self) -> Sequence[str]:
        self.hit("addresses")
        return self.own_addresses


@dataclass
class FakeProbe(Recorder):
    """Sees what the running containers of ``containers`` serve: the live certificate in ``files``.

    ``served`` has the serial number that answers for a domain instead, whatever runs.
    """

    files: FakeFiles = field(default_factory=FakeFiles)
    containers: FakeContainers = field(default_factory=FakeContainers)
    authority: FakeAuthority = field(default_factory=FakeAuthority)
    served: dict[str, int] = field(default_factory=dict)
    closed_ports: tuple[int, ...] = ()
    closed_addresses: tuple[str, ...] = ()
    stale: dict[int, int] = field(default_factory=dict)
    """Serial numbers that ports serve whatever is live."""

    def stream(self, address: str, port: int, domain: str, tls: str, timeout_seconds: float) -> int:
        self.hit("stream", f"{address}:{port} {domain} {tls}")
        assert timeout_seconds > 0
        if address in self.closed_addresses:
            raise HealthError(say("{address} port {port} refused the connection", address=address, port=port))
        if domain in self.served and port not in self.closed_ports:
            return self.served[domain]
        running = () if port in self.closed_ports else self.containers.containers.values()
        for item in running:
            if not (item.is_running and item.container.uses_certificates) or item.container.health is None:
                continue
            if item.container.health.domain == domain or item.container.health.speaks == "xmpp":
                return self._look(item.container, ascii_name(domain))
        raise HealthError(say("{address} port {port} refused the connection", address=address, port=port))

    def stun(self, address: str, port: int, timeout_seconds: float) -> None:
        self.hit("stun", f"{address}:{port}")
        assert timeout_seconds > 0
        running = (item.container.health for item in self.containers.containers.values() if item.is_running)
        if port in self.closed_ports or not any(health and health.speaks == "stun" for health in running):
            raise HealthError(say("no STUN server at {address} port {port}", address=address, port=port))

    def serial(self, address: str, port: int, domain: str, tls: str, timeout_seconds: float) -> int:
        self.hit("serial", f"{address}:{port} {domain} {tls}")
        if port in self.stale:
            return self.stale[port]
        return self.stream(address, port, domain, tls, timeout_seconds)

    def _look(self, container: Container, name: str) -> int:
        source = next(bind.source for bind in container.binds if bind.target == "/certs")
        folder = f"{source}/live/{name}"
        for file in self.files.names(folder):
            content = self.files.nodes[self.files._real(f"{folder}/{file}")].content
            if content.startswith(b"-----BEGIN CERTIFICATE"):
                return self.authority.inspect(content).serial
        raise HealthError(say("no certificate is served for {name}", name=name))


@dataclass
class FakeBenches(Recorder):
    """Workbenches: ``bench`` is what a proof gets, if there is one."""

    bench: Bench | None = None

    @asynccontextmanager
    async def open(
        self,
        domain: str,
        accounts: tuple[Account, Account],
        addresses: Mapping[str, tuple[str, int]],
        roots: bytes,
        invitation: str = "",
    ) -> AsyncIterator[Bench]:
        self.hit("open", domain)
        if self.bench is None:
            raise ProofFailedError(say("nobody answers for {domain}", domain=domain))
        assert all(account.jid for account in accounts)
        assert addresses
        assert isinstance(roots, bytes)
        assert isinstance(invitation, str)
        yield self.bench
