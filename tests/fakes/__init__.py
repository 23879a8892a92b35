"""A world in memory: one fake for each port, held to the behaviour of the real one by ``tests/contracts``.

Every call is written down in ``calls`` as ``"verb subject"``; ``fail_at`` maps such a call, or a verb alone,
to the error that it raises instead.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from tests.fakes.acme import FakeAuthorities, FakeResponder, FakeTlsResponder
from tests.fakes.authority import FakeAuthority
from tests.fakes.containers import FakeContainer, FakeContainers
from tests.fakes.dns_providers import FakeDnsProviders, FakeWebPages
from tests.fakes.files import FakeFiles, Node
from tests.fakes.firewall import FakeFirewall
from tests.fakes.host import NOON, FakeAppliance, FakeBackground, FakeClock, FakeEntropy, FakeLock
from tests.fakes.line import FakeLine
from tests.fakes.network import FakeBenches, FakeProbe, FakeSockets
from tests.fakes.notifier import FakeNotifier
from tests.fakes.recorder import Recorder
from tests.fakes.resolver import FakeResolver
from tests.fakes.router import FakeRouter
from tests.fakes.services import FakeServices
from tests.fakes.surroundings import FakeSurroundings
from tests.fakes.web_files import FakeWebFiles
from tests.fakes.web_servers import FakeWebServers

from xmpp_wizard.core.network.listeners import Listener
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.target import Target

__all__ = [
    "NOON",
    "FakeAppliance",
    "FakeAuthorities",
    "FakeAuthority",
    "FakeBackground",
    "FakeBenches",
    "FakeClock",
    "FakeContainer",
    "FakeContainers",
    "FakeDnsProviders",
    "FakeEntropy",
    "FakeFiles",
    "FakeFirewall",
    "FakeLine",
    "FakeLock",
    "FakeNotifier",
    "FakeProbe",
    "FakeResolver",
    "FakeResponder",
    "FakeRouter",
    "FakeServices",
    "FakeSockets",
    "FakeSurroundings",
    "FakeTlsResponder",
    "FakeWebFiles",
    "FakeWebPages",
    "FakeWebServers",
    "Fakes",
    "Node",
    "Recorder",
    "fake_world",
]


@dataclass
class Fakes:
    """All fakes of one world, by their own types; ``world()`` is what the engine gets."""

    files: FakeFiles = field(default_factory=FakeFiles)
    containers: FakeContainers = field(default_factory=FakeContainers)
    authority: FakeAuthority = field(default_factory=FakeAuthority)
    clock: FakeClock = field(default_factory=FakeClock)
    entropy: FakeEntropy = field(default_factory=FakeEntropy)
    lock: FakeLock = field(default_factory=FakeLock)
    sockets: FakeSockets = field(default_factory=FakeSockets)
    web_servers: FakeWebServers = field(default_factory=FakeWebServers)
    probe: FakeProbe = field(default_factory=FakeProbe)
    benches: FakeBenches = field(default_factory=FakeBenches)
    background: FakeBackground = field(default_factory=FakeBackground)
    appliance: FakeAppliance = field(default_factory=FakeAppliance)
    surroundings: FakeSurroundings = field(default_factory=FakeSurroundings)
    resolver: FakeResolver = field(default_factory=FakeResolver)
    dns_providers: FakeDnsProviders = field(default_factory=FakeDnsProviders)
    web_pages: FakeWebPages = field(default_factory=FakeWebPages)
    web_files: FakeWebFiles = field(default_factory=FakeWebFiles)
    services: FakeServices = field(default_factory=FakeServices)
    notifier: FakeNotifier = field(default_factory=FakeNotifier)
    firewall: FakeFirewall = field(default_factory=FakeFirewall)
    line: FakeLine = field(default_factory=FakeLine)
    router: FakeRouter = field(default_factory=FakeRouter)
    acme: FakeAuthorities = field(default_factory=FakeAuthorities)
    responder: FakeResponder = field(default_factory=FakeResponder)
    tls_responder: FakeTlsResponder = field(default_factory=FakeTlsResponder)
    user: str = "root"

    def __post_init__(self) -> None:
        """Let the probe look at the same host as all others."""
        self.web_servers.files = self.files
        self.probe.files, self.probe.containers, self.probe.authority = self.files, self.containers, self.authority
        self.services.files = self.files
        self.dns_providers.resolver = self.resolver
        self.resolver.surroundings = self.surroundings
        self.acme.clock, self.acme.authority, self.acme.responder = self.clock, self.authority, self.responder
        self.acme.resolver, self.acme.tls_responder = self.resolver, self.tls_responder
        for folder in ("/etc/systemd/system", "/etc/cron.d"):
            self.files.make_folder(folder, 0o755, (0, 0))
        self.files.calls.clear()

    def listen(self, target: Target) -> None:
        """Let the containers of ``target`` listen on all their ports; ranges are taken as needed, here not at all."""
        engine_ids = {item.container.spec.name: item.id for item in self.containers.containers.values()}
        self.sockets.listening = tuple(
            Listener(opening.address, opening.port, opening.protocol, "server", 7, engine_ids[opening.container])
            for opening in target.openings
            if not opening.last
        )

    def world(self) -> World:
        """Return the world made of these."""
        return World(
            files=self.files,
            containers=self.containers,
            authority=self.authority,
            clock=self.clock,
            entropy=self.entropy,
            lock=self.lock,
            sockets=self.sockets,
            web_servers=self.web_servers,
            probe=self.probe,
            benches=self.benches,
            background=self.background,
            appliance=self.appliance,
            surroundings=self.surroundings,
            resolver=self.resolver,
            dns_providers=self.dns_providers,
            web_pages=self.web_pages,
            web_files=self.web_files,
            services=self.services,
            notifier=self.notifier,
            firewall=self.firewall,
            line=self.line,
            router=self.router,
            acme=self.acme,
            responder=self.responder,
            tls_responder=self.tls_responder,
            user=self.user,
        )


def fake_world(**overrides: Any) -> World:  # noqa: ANN401 any field of World
    """Return a world of fakes; ``overrides`` are fields of :class:`World`, real or fake."""
    return replace(Fakes().world(), **overrides)
