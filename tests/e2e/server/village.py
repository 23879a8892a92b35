"""Servers that talk with each other on one machine."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from tests.e2e.server.dns import SRV, A, Dns
from tests.e2e.server.machine import PORTS, Server

ROOTS = "features.federation.trusted_roots"


class Village:
    """Some servers that find each other by DNS, each with one person, ann."""

    def __init__(self, dns: Dns, folder: Path, servers: list[Server]) -> None:
        """Set all servers up; nobody trusts anybody yet."""
        self.dns, self.servers = dns, servers
        self.roots = folder / "roots.pem"
        for server in servers:
            self.publish(server, "starttls")
            server.apply(self.base())
            server.add_user()
        self.roots.write_text("".join(server.root_certificate() for server in servers))

    def base(self, changes: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return answers that find the others."""
        return {"network.resolvers": [f"{self.dns.address}@53"], "features.preset": "minimal", **(changes or {})}

    def trusting(self, changes: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return answers that find the others and trust their authorities."""
        return self.base({ROOTS: str(self.roots), **(changes or {})})

    def publish(self, server: Server, way: str) -> None:
        """Let the others find this server by STARTTLS or by Direct TLS only."""
        name = server.domain
        starttls, direct = f"_xmpp-server._tcp.{name}", f"_xmpps-server._tcp.{name}"
        records = {(name, A): (server.address,), (starttls, SRV): (), (direct, SRV): ()}
        if way == "starttls":
            records[starttls, SRV] = (f"{PORTS['server']} {name}",)
        else:
            records[direct, SRV] = (f"{PORTS['server_tls']} {name}",)
        self.dns.publish(records)


def arrives(sender: Server, receiver: Server) -> bool:
    """Send a message from ann to ann; return whether the one that comes there is this one."""
    words = uuid.uuid4().hex
    with sender.log_in() as here, receiver.log_in() as there:
        here.say(f"ann@{receiver.domain}", words)
        return there.hear() == ("message", words)
