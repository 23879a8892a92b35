"""What users fail at most, made really: names and the ways to them. The numbers are those of the list of 30 cases.

Each asks a real authority through the real engine and looks at what a person is told: what happened, and what to do.
Those about DNS itself are in ``tests/e2e/dns/test_failure_cases.py``, those about the authority, the account and this
machine in ``test_failure_cases_authority.py``, and those about what is served in ``tests/e2e/test_failure_cases.py``.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.core.acme.cases import CASES
from tests.e2e.acme.asking import Asking, words
from tests.e2e.acme.fault_proxy import FaultProxy
from tests.e2e.acme.pebble import Pebble
from tests.e2e.server.dns import A, Dns

from xmpp_wizard.engine.acme.report import Lack

pytestmark = pytest.mark.e2e

NAMES = ("a.example", "groups.a.example")
GROUPS = NAMES[1]


@pytest.fixture
def asking(tmp_path: Path, pebble: Pebble) -> Iterator[Asking]:
    """Give a machine that asks for two names, which both lead to it."""
    yield Asking(tmp_path, pebble, NAMES)
    pebble.lead_back(GROUPS)


@pytest.fixture
def elsewhere(host: str) -> str:
    """Return another address, where nobody listens unless a test does."""
    return f"127.63.{host.split('.', 2)[2]}"


@contextmanager
def website(address: str, status: int, body: bytes = b"", **headers: str) -> Iterator[None]:
    """Answer everything on port 80 of an address so."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 as in the base class
            """Say nothing."""

    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    server_class = type("Server", (ThreadingHTTPServer,), {"address_family": family})
    with server_class((address, 80), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield
        server.shutdown()


def only_groups(found: dict[str, Lack], asking: Asking) -> str:
    """Return what is told of the one name in trouble; the other one has its certificate all the same."""
    assert set(found) == {GROUPS}
    assert asking.had() == NAMES[:1]
    assert found[GROUPS].needs_person
    return words(found[GROUPS])


# --- by the authority's own words, which pebble lacks

TOLD = {
    (1, "closed"): ("nobody answers for groups.a.example on port 80 from outside", "forward port 80 to this machine"),
    (5, "ipv6"): ("over IPv6 another machine answers for groups.a.example (2001:db8::1)", "Correct its AAAA record"),
    (6, "no-address"): ("has no public address in DNS", "Put the public address of your line there"),
    (8, "no-such-name"): ("groups.a.example does not exist in DNS", "Is the name spelled right?"),
    (10, "dnssec"): ("the DNSSEC signature of groups.a.example is broken", "Compare the DS record at your registrar"),
    (11, "dns-server"): ("do not answer as they should", "look at the name servers at your registrar"),
    (12, "txt"): ("the DNS entry for the check of groups.a.example is missing", "takes a while until all name servers"),
    (15, "caa"): ("a CAA record of groups.a.example forbids", 'Add the CAA record 0 issue "letsencrypt.org"'),
    (17, "caa-lookup"): ("do not answer when asked for CAA records", "an empty answer without an error is enough"),
    (18, "redirect"): ("sends the authority on to a place where it gets no answer", "Switch that redirect off"),
    (19, "partly-blocked"): ("from one place of the world but not from others", "geo-IP, fail2ban"),
}


@pytest.mark.parametrize(("number", "case"), TOLD)
def test_case_of_the_authority_s_own_words(tmp_path: Path, pebble: Pebble, number: int, case: str) -> None:
    kind, detail = CASES[case]
    with FaultProxy(pebble) as proxy:
        proxy.fail_checks(
            kind, detail.replace("//a.example", f"//{GROUPS}").replace(" for a.example", f" for {GROUPS}")
        )
        asking = Asking(tmp_path, pebble, (GROUPS,), directory_url=proxy.url)
        found = asking.ask()
    assert set(found) == {GROUPS}, number
    assert all(said in words(found[GROUPS]) for said in TOLD[number, case]), words(found[GROUPS])
    assert asking.wait_seconds() == 60, "somebody may be mending it just now"
    assert asking.had() == ()


# --- made really


def test_case_2_port_80_is_closed(asking: Asking, pebble: Pebble, elsewhere: str) -> None:
    pebble.lead(GROUPS, elsewhere)
    told = only_groups(asking.ask(), asking)
    assert "groups.a.example is reached from outside, but port 80 there is closed" in told
    assert "does the router forward port 80 to it?" in told


def test_case_3_port_80_of_this_machine_is_taken(asking: Asking, host: str) -> None:
    with socket.create_server((host, 80)):
        found = asking.ask()
    assert set(found) == set(NAMES)
    told = words(found[GROUPS])
    mine = f"{Path('/proc/self/comm').read_text().strip()} (pid {os.getpid()})"
    assert f"port 80 of this machine is taken by another program ({mine})" in told
    assert "name the folder that it serves in certificates.acme.webroot" in told


@pytest.mark.parametrize("body", [b"", b"<html>Welcome to your router</html>"])
def test_case_4_another_web_server_or_the_router_s_page_answers(
    asking: Asking, pebble: Pebble, elsewhere: str, body: bytes
) -> None:
    pebble.lead(GROUPS, elsewhere)
    with website(elsewhere, 200 if body else 404, body):
        told = only_groups(asking.ask(), asking)
    assert "another machine or program answers for groups.a.example on port 80" in told
    assert "must pass on /.well-known/acme-challenge/" in told


def test_case_5_the_ipv6_address_leads_nowhere(asking: Asking, pebble: Pebble, host: str) -> None:
    pebble.lead(GROUPS, host, "::1")
    told = only_groups(asking.ask(), asking)
    assert "the IPv6 address of groups.a.example in DNS does not lead anywhere" in told
    assert "Correct its AAAA record, or remove it." in told


def test_case_7_the_name_leads_to_an_old_server_until_it_leads_here(
    asking: Asking, pebble: Pebble, elsewhere: str
) -> None:
    pebble.lead(GROUPS, elsewhere)
    with website(elsewhere, 404):
        told = only_groups(asking.ask(), asking)
    assert "Does groups.a.example lead to this machine in DNS" in told
    pebble.lead_back(GROUPS)
    assert asking.ask() == {}
    assert set(asking.had()) == set(NAMES)


@pytest.fixture
def zone(host: str) -> Iterator[Dns]:
    """Give a name server that knows the first name only."""
    with Dns(f"127.64.{host.split('.', 2)[2]}") as server:
        server.publish({("a.example", A): (host,)})
        yield server


@pytest.mark.parametrize("number", [8, 9])
def test_case_8_and_9_a_name_is_missing_and_the_others_have_theirs(
    tmp_path: Path, pebble: Pebble, zone: Dns, host: str, number: int
) -> None:
    names = ("a.example", "gruops.a.example") if number == 8 else ("a.example", "groups.a.example", "share.a.example")
    zone.publish({} if number == 8 else {("share.a.example", A): (host,)})
    asking = Asking(tmp_path, pebble, names, resolvers=(f"{zone.address}@53",))
    found = asking.ask()
    assert set(found) == {names[1]}
    assert words(found[names[1]]) == (
        f"{names[1]} does not exist in DNS. Add the address record for it that xmpp-wizard dns shows. "
        "Is the name spelled right?"
    )
    assert set(asking.had()) == set(names) - {names[1]}
    zone.publish({(names[1], A): (host,)})
    assert asking.ask() == {}
    assert set(asking.had()) == set(names)


@pytest.mark.parametrize("place", ["https://{name}/", "https://other.example/"])
def test_case_18_port_80_sends_the_authority_on(asking: Asking, pebble: Pebble, elsewhere: str, place: str) -> None:
    pebble.lead(GROUPS, elsewhere)
    pebble.lead("other.example", elsewhere)
    with website(elsewhere, 301, Location=place.format(name=GROUPS)):
        told = only_groups(asking.ask(), asking)
    assert "port 80 of groups.a.example sends the authority on to a place where it gets no answer" in told
    assert "Switch that redirect off for /.well-known/acme-challenge/." in told


@pytest.mark.parametrize(("name", "said"), [("chat.local", "is no name of the public internet"), ("a..b", "")])
def test_names_that_are_not_public(tmp_path: Path, pebble: Pebble, name: str, said: str) -> None:
    with FaultProxy(pebble) as proxy:
        kind, detail = CASES["not-public"]
        proxy.refuse("newOrder", 400, kind, detail)
        found = Asking(tmp_path, pebble, (name,), directory_url=proxy.url).ask()
    (lack,) = found.values()
    assert said in words(lack)
    assert "certificates.source = local" in words(lack)
    assert lack.next_attempt is None, "it is not asked again"
