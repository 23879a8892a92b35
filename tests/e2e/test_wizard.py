"""The whole wizard as a person sees it over SSH: from the address to the first log-in, and back after a lost line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from tests.e2e.server.cut_off import held, is_waiting
from tests.e2e.server.dns import A, Dns
from tests.e2e.server.machine import PASSWORD, Server
from tests.e2e.server.tmux import Tmux
from tests.e2e.server.web import ask
from tests.tui.codes import read_code

pytestmark = pytest.mark.e2e


@pytest.fixture
def names(server: Server) -> Iterator[Dns]:
    """Let the server's names lead to it."""
    with Dns(server.address) as dns:
        dns.publish({(f"{name}{server.domain}", A): (server.address,) for name in ("", "groups.", "share.")})
        yield dns


def window(server: Server) -> Tmux:
    """Open the wizard on a machine of which only an address of its own is taken."""
    own = json.dumps([server.address])
    return Tmux(server.command(), {"XMPP_WIZARD__NETWORK__LISTEN": own, "XMPP_WIZARD__NETWORK__RESOLVERS": own})


def apply(wizard: Tmux, server: Server) -> None:
    """Type the address, Enter, Enter."""
    wizard.expect("Your chat address")
    wizard.type(f"alice@{server.domain}")
    wizard.expect("You are alice")
    wizard.press("Enter")
    wizard.expect("Nothing is changed yet")
    wizard.expect("Apply starts")
    wizard.press("Enter")


def test_from_the_address_to_a_log_in_that_it_reports(server: Server, names: Dns) -> None:
    assert names
    with window(server) as wizard:
        apply(wizard, server)
        wizard.expect("xmpp-wizard • Done", 180)
        wizard.wait(lambda: read_code(wizard.screen()), "the code can be scanned")
        link = read_code(wizard.screen())
        assert link.startswith(f"https://{server.domain}/invite?")
        assert ask(server, link)[0] == 200
        form = {"token": urlsplit(link).query, "user": "alice", "password": PASSWORD, "app_id": "gajim"}
        status, page = ask(server, f"https://{server.domain}/register", form)
        assert (status, f"alice@{server.domain}" in page) == (200, True)
        wizard.expect("for your phone to log in")
        with server.log_in("alice") as alice:
            alice.ping()
            wizard.expect("ok    alice logged in")
            wizard.expect("from your own network")
        assert read_code(wizard.screen()) == "", "a code that was used is not shown any longer"
        wizard.press("q")
        wizard.wait(lambda: wizard.status() == "0", "it ends well")
    assert server.status()["healthy"]


def test_a_lost_line_stops_nothing_and_the_next_start_shows_it_again(server: Server, names: Dns) -> None:
    assert names
    with held(server):
        with window(server) as wizard:
            apply(wizard, server)
            wizard.wait(lambda: is_waiting(server), "the work waits")
            wizard.expect("Look whether prosody serves")
        assert is_waiting(server), "the window is closed, the work goes on"
        wizard = window(server)
        wizard.expect("xmpp-wizard • Apply")
        wizard.expect("Look whether prosody serves")
    with wizard:
        wizard.expect("xmpp-wizard • Done", 180)
        wizard.wait(lambda: read_code(wizard.screen()), "the code can be scanned")
