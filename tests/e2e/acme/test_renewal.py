"""A public certificate is renewed by the timer while the whole village is there: nobody is dropped, all is served."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.e2e.acme.pebble import Pebble
from tests.e2e.acme.serving import answers
from tests.e2e.server.machine import PASSWORD, PORTS, Server, told
from tests.e2e.server.ports import intended, served
from tests.e2e.server.xmpp import BIND, Client

pytestmark = pytest.mark.e2e

PEOPLE = 200


@pytest.fixture
def pebble(server: Server, tmp_path: Path) -> Iterator[Pebble]:
    """Give an authority to which all names of the server lead to it."""
    with Pebble(tmp_path / "pebble", server.address) as running:
        yield running


def come(server: Server, roots: str) -> Client:
    """Return somebody who is connected, and says nothing."""
    client = Client((server.address, PORTS["client"]), server.domain, roots=roots, alpn="xmpp-client")
    client.authenticate("ann", PASSWORD)
    client.jid = client.ask(f"<bind xmlns='{BIND}'/>", "set").findtext(f".//{{{BIND}}}jid") or ""
    return client


def make_due(server: Server, pebble: Pebble) -> None:
    """Let the authority wish that the certificate be renewed now."""
    chain = server.state / "certificates" / "live" / server.domain / "fullchain.pem"
    past = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-02T00:00:00Z"}
    pebble.suggest(chain.read_bytes(), json.dumps({"suggestedWindow": past}))
    state = server.state / "acme" / "state.json"
    state.write_text(re.sub(r'"ask_renewal_at": "[^"]+"', '"ask_renewal_at": null', state.read_text()))


def test_200_people_notice_nothing_of_a_renewal(server: Server, pebble: Pebble) -> None:
    server.apply(answers(pebble))
    server.add_user()
    before, began, roots = intended(server), server.started_at(), pebble.roots.read_text()
    is_over, waits = threading.Event(), list[float]()
    with ExitStack() as stack:
        with ThreadPoolExecutor(8) as pool:
            people = list(pool.map(lambda _: stack.enter_context(come(server, roots)), range(PEOPLE)))

        def chat() -> None:
            while not is_over.is_set():
                asked = time.monotonic()
                people[0].ping()
                waits.append(time.monotonic() - asked)
                time.sleep(0.02)

        chatting = threading.Thread(target=chat)
        chatting.start()
        make_due(server, pebble)
        done = server.cli("cert", "renew", "--if-due")
        is_over.set()
        chatting.join()
        assert done.returncode == 0, told(done)
        assert done.stderr == f"{server.domain} is set up (generation 2)\n"
        for person in people:
            person.ping()
    after = intended(server)
    assert after.keys() == before.keys()
    assert not set(after.values()) & set(before.values())
    assert set(served(server, server.domain, roots).values()) == set(after.values())
    assert server.started_at() == began
    assert len(waits) > 10
    assert max(waits) < 5, "the server went on answering meanwhile"
