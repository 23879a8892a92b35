"""The resolver against real name servers: every state that a reply can have, and how fast many are asked."""

from __future__ import annotations

import time

import pytest
from tests.e2e.dns.lab import HERE, Lab

from xmpp_wizard.core.dns.reply import Kind, Question, Reply, State
from xmpp_wizard.effects.resolver import NetworkResolver

pytestmark = pytest.mark.e2e


def ask(lab: Lab, name: str, kind: Kind, server: str = "", seconds: float = 6) -> Reply:
    question = Question(name, kind, server)
    return NetworkResolver().ask([question], [lab.resolver], seconds)[question]


@pytest.mark.parametrize(
    ("name", "state", "is_validated"),
    [
        ("example.lab", "OK", True),
        ("plain.lab", "OK", False),
        ("bogus.lab", "BOGUS", False),
        ("nope.example.lab", "NXDOMAIN", True),
        ("lame.lab", "SERVFAIL", False),
    ],
)
def test_a_resolver_that_checks(lab: Lab, name: str, state: State, *, is_validated: bool) -> None:
    reply = ask(lab, name, "A")
    assert (reply.state, reply.is_validated) == (state, is_validated), reply


def test_broken_dnssec_comes_with_its_reason(lab: Lab) -> None:
    reason = ask(lab, "bogus.lab", "A").reason
    assert reason
    assert not reason[0].isdigit(), "in words"


def test_a_name_without_such_records(lab: Lab) -> None:
    assert ask(lab, "xmpp.example.lab", "AAAA").state == "NODATA"


def test_values_are_as_we_write_them(lab: Lab) -> None:
    assert ask(lab, "text.example.lab", "TXT").values == ("one text",)
    assert ask(lab, "_xmpp-client._tcp.example.lab", "SRV").values == ("10 5 5222 xmpp.example.lab.",)
    assert ask(lab, "forbid.example.lab", "CAA").values == ('0 issue "other.lab"',)
    assert ask(lab, "example.lab", "NS").values == ("ns1.example.lab.", "ns2.example.lab.")


def test_an_alias_is_followed_and_told(lab: Lab) -> None:
    reply = ask(lab, "alias.example.lab", "A")
    assert (reply.state, reply.values, reply.chain) == ("OK", (HERE,), ("xmpp.example.lab",))
    assert ask(lab, "alias.example.lab", "A", lab.ns1).ttl_seconds == 5


def test_a_circle_is_seen_by_asking_the_server(lab: Lab) -> None:
    assert ask(lab, "loop.example.lab", "A", lab.ns1).state == "LOOP"


def test_servers_that_do_not_know_the_zone(lab: Lab) -> None:
    assert ask(lab, "example.lab", "A", lab.root).state == "LAME"
    assert ask(lab, "lame.lab", "A", lab.ns1).state in ("REFUSED", "LAME")


def test_a_dead_server_is_not_waited_for_longer_than_said(lab: Lab) -> None:
    began = time.monotonic()
    assert ask(lab, "example.lab", "A", lab.dead, seconds=1).state == "TIMEOUT"
    assert time.monotonic() - began < 5, "else it is six"


def test_a_dead_resolver_is_passed_over(lab: Lab) -> None:
    question = Question("example.lab", "A")
    reply = NetworkResolver().ask([question], [lab.dead, lab.resolver], 6)[question]
    assert reply.values == (HERE,)
