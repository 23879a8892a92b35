"""Two servers that tell the world whom they are connected with: who tells the same is named, everybody else counted."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterator

import pytest
from tests.addresses import own_address
from tests.e2e.server.dns import SRV, A, Dns
from tests.e2e.server.faults import wait_until
from tests.e2e.server.machine import PORTS, Server
from tests.e2e.server.proving import changed, proven, red
from tests.e2e.server.village import Village, arrives

pytestmark = pytest.mark.e2e

PUBSUB = "http://jabber.org/protocol/pubsub"
INFO = "{urn:xmpp:serverinfo:0}"
ON = {"features.published_info.enabled": True, "features.feeds.enabled": True}


@pytest.fixture(scope="module")
def pair(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    """Give two servers that trust each other, of which the first one publishes, often."""
    assert image
    folder = tmp_path_factory.mktemp("pair")
    servers = []
    for number in range(2):
        root = folder / str(number)
        root.mkdir()
        servers.append(Server(root, f"p{number}-{uuid.uuid4().hex[:6]}.example"))
        own = servers[-1].settings / "prosody" / "conf.d"
        own.mkdir(parents=True)
        (own / "often.cfg.lua").write_text(
            f'VirtualHost "{servers[-1].domain}"\n\tpublished_info_period = "2 seconds"\n'
        )
    try:
        with Dns(own_address()) as dns:
            village = Village(dns, folder, servers)
            first, second = servers
            name = f"pubsub.{first.domain}"
            dns.publish(
                {(name, A): (first.address,), (f"_xmpp-server._tcp.{name}", SRV): (f"{PORTS['server']} {name}",)}
            )
            first.apply(village.trusting(ON))
            second.apply(village.trusting())
            yield village
    finally:
        for server in servers:
            server.remove()


def told(by: Server, to: Server) -> list[str]:
    """Return the servers that one publishes, as somebody reads them who lives on another; "" is one without a name."""
    with to.log_in() as client:
        items = f"<pubsub xmlns='{PUBSUB}'><items node='serverinfo'/></pubsub>"
        answer = client.ask(items, to=f"pubsub.{by.domain}")
        assert answer.get("type") == "result"
        domains = [item.get("name") for item in answer.iter(f"{INFO}domain")]
        assert domains == [by.domain]
        return [item.get("name", "") for item in answer.iter(f"{INFO}remote-domain")]


def test_the_proof_reads_what_is_published(pair: Village) -> None:
    found = proven(pair.servers[0])
    assert "published_info" in found
    assert red(found) == set()
    with changed(pair.servers[0], {"modules_disabled = {}": 'modules_disabled = { "published_info" }'}):
        assert red(proven(pair.servers[0])) == {"published_info"}


def test_who_does_not_publish_is_counted_but_not_named(pair: Village) -> None:
    first, second = pair.servers
    assert arrives(first, second)
    wait_until(lambda: told(first, second) == [""], "that the other server is counted")


def test_who_only_claims_a_name_is_not_counted(pair: Village) -> None:
    first, second = pair.servers
    assert arrives(first, second)
    with socket.create_connection((first.address, PORTS["server"]), 20) as liar:
        liar.sendall(
            b"<?xml version='1.0'?><stream:stream xmlns='jabber:server' version='1.0' from='claimed.example' "
            b"xmlns:stream='http://etherx.jabber.org/streams' to='%s'>" % first.domain.encode()
        )
        assert b"starttls" in liar.recv(65536)
        assert "claimed.example" in first.inside("prosodyctl", "shell", "s2s", "show")
        first.inside("sleep", "3")
        assert told(first, first) == [""]


def test_who_publishes_too_is_named(pair: Village) -> None:
    first, second = pair.servers
    second.apply(pair.trusting(ON))
    first.restart()
    assert arrives(first, second)
    wait_until(lambda: told(first, second) == [second.domain], "the name of the other server")


def test_switched_off_nothing_is_told_any_more(pair: Village) -> None:
    first, second = pair.servers
    first.apply(pair.trusting({"features.feeds.enabled": True}))
    assert arrives(first, second)
    with first.log_in() as client:
        answer = client.ask(
            f"<pubsub xmlns='{PUBSUB}'><items node='serverinfo'/></pubsub>", to=f"pubsub.{first.domain}"
        )
        assert not list(answer.iter(f"{INFO}domain"))
        info = client.ask("<query xmlns='http://jabber.org/protocol/disco#info'/>", to=first.domain)
        assert "urn:xmpp:serverinfo:0" not in {item.get("var") for item in info.iter()}
    assert not list((first.state / "data").rglob("*serverinfo*/*"))
