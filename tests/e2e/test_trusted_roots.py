"""Two servers with an authority of their own each: they talk once each trusts the other's, and not before."""

import time
from collections.abc import Callable, Iterator

import pytest
from tests.e2e.server.dns import SRV, A, Dns
from tests.e2e.server.machine import Server

pytestmark = pytest.mark.e2e

RESOLVER = "127.0.77.53"


@pytest.fixture
def dns() -> Iterator[Dns]:
    """Answer for the names of the test."""
    with Dns(RESOLVER) as running:
        yield running


def ping(one: Server, other: Server) -> str:
    """Send a ping from one server to the other and return what Prosody says of it."""
    return one.inside("prosodyctl", "shell", "xmpp", "ping", one.domain, other.domain)


@pytest.mark.parametrize("service", ["xmpp-server", "xmpps-server"])
def test_servers_with_local_authorities_trust_each_other(
    make_server: Callable[..., Server], dns: Dns, service: str
) -> None:
    one, other = make_server(), make_server()
    port = {"xmpp-server": 5269, "xmpps-server": 5270}[service]
    for server in (one, other):
        dns.publish(
            {
                (server.domain, A): (server.address,),
                (f"_{service}._tcp.{server.domain}", SRV): (f"{port} {server.domain}",),
            }
        )
        server.apply({"network.resolvers": [RESOLVER]})
    assert "pong" not in ping(one, other)
    for server, friend in ((one, other), (other, one)):
        roots = server.root / "friend.pem"
        roots.write_text(friend.root_certificate())
        server.apply({"network.resolvers": [RESOLVER], "features.federation.trusted_roots": str(roots)})
    deadline = time.monotonic() + 60
    while "pong" not in (said := ping(one, other)) and time.monotonic() < deadline:
        time.sleep(1)
    assert f"pong from {other.domain}" in said
    assert "Succeeded" in one.inside("prosodyctl", "shell", "s2s", "show")
