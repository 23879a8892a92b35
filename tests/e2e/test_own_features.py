"""What a server says and does beside chat: welcomes, files from app to app, programs beside it, news of websites."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.e2e.server.faults import wait_until
from tests.e2e.server.machine import PASSWORD, Server
from tests.e2e.server.program import Program
from tests.e2e.server.proving import proven, red
from tests.e2e.server.web import ask, invitation

from xmpp_wizard.core.features.gateways import PORT

pytestmark = pytest.mark.e2e

PUBSUB = "http://jabber.org/protocol/pubsub"
NEWS = b"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Club</title>
<entry><id>tag:club.example,2026:1</id><title>Summer fair</title><published>2026-11-20T10:00:00Z</published></entry>
</feed>"""


@pytest.fixture(scope="module")
def spoken(running: Server) -> Iterator[Server]:
    """A server with all of them, whose program is not there yet."""
    with website(running.address) as url:
        running.apply(
            {
                "features.announcements.welcome": "Welcome $username!",
                "features.announcements.at_log_in": "Cake\nat 15:00",
                "features.file_proxy.enabled": True,
                "features.gateways.names": [program(running)],
                "features.gateways.may_act_for_people": True,
                "features.feeds.enabled": True,
                "features.feeds.feeds": [f"club={url}"],
            }
        )
        yield running


def program(server: Server) -> str:
    return f"bridge.{server.domain}"


@contextmanager
def website(address: str) -> Iterator[str]:
    """Serve the news of a website and give its address."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(NEWS)))
            self.end_headers()
            self.wfile.write(NEWS)

        def log_message(self, *_: Any) -> None:  # noqa: ANN401 as its base has it
            pass

    server = HTTPServer((address, 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://{address}:{server.server_port}/feed.xml"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def register(server: Server, name: str) -> None:
    """Make an account in the browser, as an invited person does."""
    token = urlsplit(invitation(server, server.domain)).query
    form = {"token": token, "user": name, "password": PASSWORD, "app_id": "gajim"}
    assert ask(server, f"https://{server.domain}/register", form)[0] == 200


def password(server: Server) -> str:
    return (server.settings / "secrets" / "prosody" / f"gateway-{program(server)}").read_text().strip()


@contextmanager
def bridge(server: Server) -> Iterator[Program]:
    """Be the program, and answer who asks what it is."""
    with Program((server.address, PORT), program(server), password(server)) as found:
        assert found.handshake == "{jabber:component:accept}handshake"
        yield found


def test_a_new_account_is_welcomed_and_everybody_hears_the_word_at_log_in(spoken: Server) -> None:
    register(spoken, "newcomer")
    with spoken.log_in("newcomer") as client:
        heard = {client.hear()[1] for _ in range(2)}
    assert heard == {"Welcome newcomer!", "Cake\nat 15:00"}
    with spoken.log_in() as client:
        assert client.hear() == ("message", "Cake\nat 15:00")


def test_admins_write_to_everybody(spoken: Server) -> None:
    spoken.inside("prosodyctl", "shell", "announce", "all", spoken.domain, "Back in an hour")
    with spoken.log_in() as client:
        assert ("message", "Back in an hour") in [client.hear() for _ in range(2)]


def test_the_proof_hands_a_file_over_and_misses_the_program(spoken: Server) -> None:
    found = proven(spoken)
    assert red(found) == {"gateways"}, found["file_proxy"]
    assert "is not connected" in found["gateways"]["text"]["message"]
    assert {"file_proxy", "feeds", "word_at_log_in"} <= set(found)


def test_a_program_with_the_password_writes_for_people_and_one_without_does_not(spoken: Server) -> None:
    with Program((spoken.address, PORT), program(spoken), "guessed") as stranger:
        assert stranger.handshake.endswith("error")
    with bridge(spoken) as found, spoken.log_in() as client:
        client.say(f"friend@{program(spoken)}", "over the bridge")
        stanza = found.wait(lambda item: item.tag.endswith("message") and item.get("from") == client.jid)
        assert stanza.findtext("{jabber:component:accept}body") == "over the bridge"
        found.send(
            f"<message from='{program(spoken)}' to='{spoken.domain}' id='p1'><privilege xmlns='urn:xmpp:privilege:2'>"
            f"<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' type='chat' "
            f"from='ann@{spoken.domain}' to='newcomer@{spoken.domain}'>"
            "<body>sent from my other phone</body></message></forwarded></privilege></message>"
        )
        with spoken.log_in("newcomer") as friend:
            heard = [friend.hear()[1] for _ in range(3)]
    assert "sent from my other phone" in heard


def test_news_of_a_website_come_by_themselves(spoken: Server) -> None:
    service = f"pubsub.{spoken.domain}"

    def titles() -> list[str | None]:
        with spoken.log_in() as client:
            answer = client.ask(f"<pubsub xmlns='{PUBSUB}'><items node='club'/></pubsub>", to=service)
            return [item.text for item in answer.iter("{http://www.w3.org/2005/Atom}title")]

    wait_until(lambda: titles() == ["Summer fair"], "the news")


def test_switched_off_nothing_of_them_is_left(spoken: Server) -> None:
    spoken.apply({"features.file_proxy.enabled": False})
    with spoken.log_in() as client:
        for service in ("pubsub", "proxy", "bridge"):
            answer = client.ask(
                "<query xmlns='http://jabber.org/protocol/disco#info'/>", to=f"{service}.{spoken.domain}"
            )
            assert answer.get("type") == "error"
    for port in (PORT, 5000):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((spoken.address, port), 2)
    assert "motd" not in (spoken.settings / "prosody" / "prosody.cfg.lua").read_text()
