"""A domain whose website is on another machine: pages and web apps move to this server's own name, chat stays."""

import json
from collections.abc import Callable

import pytest
from tests.e2e.server.machine import Server
from tests.e2e.server.web import ask, invitation

pytestmark = pytest.mark.e2e


def test_pages_move_to_the_name_and_chat_stays_at_the_domain(make_server: Callable[..., Server]) -> None:
    server = make_server()
    name = f"xmpp.{server.domain}"
    server.apply({"network.host": name})
    server.add_user()
    with server.log_in() as client:
        assert client
    for host in (name, server.domain):
        status, text = ask(server, f"https://{host}/.well-known/host-meta.json")
        links = {link["rel"].rpartition(":")[2]: link["href"] for link in json.loads(text)["links"]}
        assert (status, links["websocket"]) == (200, f"wss://{name}/xmpp-websocket")
    link = invitation(server, server.domain)
    assert link.startswith(f"https://{name}/")
    assert ask(server, link)[0] == 200
    proven = server.cli("prove")
    assert proven.returncode == 0, proven.stdout + proven.stderr
    shown = server.json("dns", "show")["records"]
    needed = {(record["name"], record["kind"]) for record in shown if record["is_required"]}
    assert (name, "A") in needed
    assert (f"_xmpp-client._tcp.{server.domain}", "SRV") in needed
    assert (server.domain, "A") not in needed
