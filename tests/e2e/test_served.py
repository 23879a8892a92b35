"""What is served is what was intended: the certificate on every port, and no listener more or less."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from tests.e2e.server.machine import PASSWORD, PORTS, Server, told
from tests.e2e.server.ports import intended, listeners, served, web_certificate
from tests.e2e.server.xmpp import log_in

from xmpp_wizard.core.target import from_json

pytestmark = pytest.mark.e2e


@pytest.fixture
def two_domains(server: Server) -> Server:
    """Give a server with two virtual hosts."""
    server.apply({"extra_domains": [f"second-{server.domain}"]})
    return server


def test_every_port_serves_each_domains_own_certificate(two_domains: Server) -> None:
    server = two_domains
    serials = intended(server)
    assert len(set(serials.values())) == 2
    for _ in range(3):  # Prosody picks among files by chance where it has several
        for domain, expected in serials.items():
            assert set(served(server, domain).values()) == {expected}, domain
        server.restart()


def test_services_have_their_name_in_a_certificate(running: Server) -> None:
    roots = running.root_certificate()
    for service in ("groups", "share"):
        assert web_certificate(running, f"{service}.{running.domain}", roots)


def test_exactly_the_intended_ports_are_open(running: Server) -> None:
    number = running.status()["generation"]
    target = from_json((running.state / "generations" / str(number) / "target.json").read_text())
    assert listeners(running) == {(opening.address, opening.port) for opening in target.openings}
    ports = running.status()["ports"]
    assert {(port["address"], port["port"]) for port in ports} == listeners(running)
    assert all(port["is_open"] for port in ports)


def test_a_renewal_reaches_every_port_and_drops_none_of_200_people(two_domains: Server) -> None:
    server = two_domains
    server.add_user()
    before = intended(server)
    began = server.started_at()
    with ExitStack() as stack:
        roots = server.root_certificate()
        address = f"ann@{server.domain}"
        people = [
            stack.enter_context(log_in(server.address, PORTS["client"], address, PASSWORD, roots=roots))
            for _ in range(200)
        ]
        done = server.cli("cert", "renew", "--force", "--yes", "--no-proof")
        assert done.returncode == 0, told(done)
        for person in people:
            person.ping()
    assert server.started_at() == began
    after = intended(server)
    assert not set(before.values()) & set(after.values())
    for domain, expected in after.items():
        assert set(served(server, domain).values()) == {expected}, domain
