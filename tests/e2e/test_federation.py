"""Servers on one machine talk with each other, or refuse to: with local authorities and a DNS of the test's own."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.addresses import own_address
from tests.e2e.server.dns import SRV, A, Dns
from tests.e2e.server.machine import PASSWORD, PORTS, Server, told
from tests.e2e.server.village import Village, arrives
from tests.e2e.server.xmpp import log_in
from tests.e2e.together.people import tell, text

pytestmark = pytest.mark.e2e

MODE = "features.federation.mode"
ALLOW = "features.federation.allow"
NOT_REACHED = ("remote-server-not-found", "remote-server-timeout")
INSECURE = "features.federation.insecure_servers"


@pytest.fixture(scope="module")
def village(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    """Give two servers that trust each other's authority, and a third one whose authority nobody else trusts."""
    assert image
    folder = tmp_path_factory.mktemp("village")
    servers = []
    for number in range(3):
        root = folder / str(number)
        root.mkdir()
        servers.append(Server(root, f"v{number}-{uuid.uuid4().hex[:6]}.example"))
    try:
        with Dns(own_address()) as dns:
            village = Village(dns, folder, servers)
            for server in servers[:2]:
                server.apply(village.trusting())
            yield village
    finally:
        for server in servers:
            server.remove()


def comes_back(sender: Server, receiver: Server) -> str:
    """Send a message from ann to ann that does not arrive; return the condition of the error that comes back."""
    with sender.log_in() as here:
        here.say(f"ann@{receiver.domain}", "hello")
        kind, condition = here.hear()
        assert kind == "error"
        return condition


def connections(server: Server) -> set[int]:
    """Return the ports of the server for other servers that somebody is connected to, as the kernel has it."""
    address = socket.inet_aton(server.address)[::-1].hex().upper()
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    found = {row[1] for row in rows if row[3] == "01"}
    return {port for port in (PORTS["server"], PORTS["server_tls"]) if f"{address}:{port:04X}" in found}


@pytest.mark.parametrize(("way", "port"), [("starttls", "server"), ("direct", "server_tls")])
def test_messages_go_both_ways(village: Village, way: str, port: str) -> None:
    first, second, _ = village.servers
    for here, there in ((first, second), (second, first)):
        village.publish(there, way)
        first.restart()
        second.restart()
        assert arrives(here, there)
        assert connections(there) == {PORTS[port]}
        assert arrives(there, here)


def test_a_wrong_certificate_is_refused_unless_it_is_excepted(village: Village) -> None:
    first, _, stranger = village.servers
    first.restart()
    assert comes_back(first, stranger) in NOT_REACHED
    assert comes_back(stranger, first) in NOT_REACHED
    first.apply(village.trusting({INSECURE: [stranger.domain]}))
    stranger.apply(village.base({INSECURE: [first.domain]}))
    try:
        assert arrives(first, stranger)
        assert arrives(stranger, first)
    finally:
        first.apply(village.trusting())
        stranger.apply(village.base())
    assert comes_back(first, stranger) in NOT_REACHED


def test_a_domain_for_talks_inside_is_closed_to_others_while_its_sister_is_open(village: Village) -> None:
    first, second, _ = village.servers
    kids = f"kids.{first.domain}"
    first.apply(village.trusting({"extra_domains": [kids], "inside_domains": [kids]}))
    village.dns.publish(
        {(kids, A): (first.address,), (f"_xmpp-server._tcp.{kids}", SRV): (f"{PORTS['server']} {kids}",)}
    )
    done = first.cli("user", "add", f"tim@{kids}", "--password-stdin", stdin=f"{PASSWORD}\n")
    assert done.returncode == 0, told(done)
    try:
        roots = first.root_certificate()
        with (
            log_in(first.address, PORTS["client"], f"tim@{kids}", PASSWORD, roots=roots) as tim,
            first.log_in() as ann,
            second.log_in() as stranger,
        ):
            tim.say(f"ann@{first.domain}", "hello")
            assert ann.hear() == ("message", "hello")
            ann.say(f"tim@{kids}", "hello back")
            assert tim.hear() == ("message", "hello back")
            tim.say(f"ann@{second.domain}", "out")
            assert tim.hear()[0] == "error"
            stranger.say(f"tim@{kids}", "in")
            assert stranger.hear()[0] == "error"
        assert arrives(first, second)
        assert arrives(second, first)
    finally:
        first.apply(village.trusting(), "--allow-destroy")


def test_a_list_lets_in_who_is_on_it_and_nobody_else(village: Village) -> None:
    first, second, third = village.servers
    third.apply(village.trusting())
    first.apply(village.trusting({MODE: "list", ALLOW: [second.domain]}))
    try:
        assert arrives(first, second)
        assert arrives(second, first)
        assert comes_back(first, third) == "not-allowed"
        assert comes_back(third, first) in NOT_REACHED
        assert arrives(third, second)
    finally:
        first.apply(village.trusting())
        third.apply(village.base())


def test_switched_off_nobody_gets_in_or_out(village: Village) -> None:
    first, second, _ = village.servers
    first.apply(village.trusting({MODE: "off"}))
    try:
        for port in (PORTS["server"], PORTS["server_tls"]):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((first.address, port), 5).close()
        assert comes_back(first, second)
        assert comes_back(second, first) in NOT_REACHED
    finally:
        first.apply(village.trusting())
    assert arrives(first, second)


def test_who_insists_on_encryption_takes_nothing_readable_from_elsewhere_either(village: Village) -> None:
    first, second, _ = village.servers
    groups, exempt = f"groups.{first.domain}", f"ann@{second.domain}"
    found = f"{PORTS['server']} {groups}"
    village.dns.publish({(groups, A): (first.address,), (f"_xmpp-server._tcp.{groups}", SRV): (found,)})
    policy = {"features.e2e_policy.enabled": True, "features.e2e_policy.rooms": "required"}
    first.apply(village.trusting({**policy, "features.group_chat.rooms_for_all": ["hall"]}))
    try:
        assert comes_back(second, first) == "policy-violation"
        with first.log_in() as here, second.log_in() as there:
            tell(there, f"ann@{first.domain}", text("sealed", sealed=True))
            assert here.hear() == ("message", "sealed")
            tell(there, f"hall@{groups}", text("readable"), "groupchat")
            assert there.hear() == ("error", "policy-violation")
            tell(there, f"hall@{groups}", text("sealed", sealed=True), "groupchat")
            # now it is the room itself that does not know them
            assert there.hear() == ("error", "not-acceptable")
        first.apply(village.trusting({**policy, "features.e2e_policy.exempt": [exempt]}))
        assert arrives(second, first)
        assert arrives(first, second)
    finally:
        first.apply(village.trusting())
