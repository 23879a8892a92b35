"""Which check each name is to pass."""

from __future__ import annotations

import pytest

from xmpp_wizard.core.acme.model import Problem
from xmpp_wizard.core.acme.strategy import Means, choose, other_ways, port_holder
from xmpp_wizard.core.network.listeners import Listener

NAME = "a.example"
TAKEN, NO_WAY = Problem("tlsTaken", "nginx (pid 8)"), Problem("noWayPast", "nft is missing")
FREE = Means(tls_problem=None)
CASES = {
    "port 80 first": (FREE, False, "http-01"),
    "another web server's folder": (Means(port_holder="nginx", webroot="/srv", tls_problem=None), False, "http-01"),
    "80 taken, only 443 ours": (Means(port_holder="nginx", tls_problem=None), False, "tls-alpn-01"),
    "80 closed from outside": (FREE, True, "tls-alpn-01"),
    "80 closed, and 443 of no use": (Means(tls_problem=NO_WAY), True, "http-01"),
    "80 taken, an account for DNS": (Means(port_holder="nginx", has_dns=True, tls_problem=None), False, "dns-01"),
    "80 closed, an account for DNS": (Means(has_dns=True, tls_problem=None), True, "dns-01"),
    "both taken": (Means(port_holder="nginx", tls_problem=TAKEN), False, "portTaken"),
    "80 wished for and taken": (Means("http-01", port_holder="nginx", tls_problem=None), False, "portTaken"),
    "80 wished for and closed": (Means("http-01", has_dns=True, tls_problem=None), True, "http-01"),
    "443 wished for": (Means("tls-alpn-01", has_dns=True, tls_problem=None), False, "tls-alpn-01"),
    "443 wished for and taken": (Means("tls-alpn-01", has_dns=True, tls_problem=TAKEN), False, "tlsTaken"),
    "443 wished for without nftables": (Means("tls-alpn-01", tls_problem=NO_WAY), False, "noWayPast"),
    "DNS wished for": (Means("dns-01", has_dns=True, tls_problem=None), False, "dns-01"),
    "DNS wished for, no account": (Means("dns-01", tls_problem=None), False, "noMethod"),
}


@pytest.mark.parametrize(("means", "has_failed", "wanted"), CASES.values(), ids=CASES)
def test_each_name_passes_what_can_be_passed(means: Means, has_failed: bool, wanted: str) -> None:  # noqa: FBT001
    chosen = choose((NAME,), means, {NAME} if has_failed else ())
    found = chosen.methods.get(NAME) or chosen.problems[0].type
    assert found == wanted
    assert all(problem.name == NAME for problem in chosen.problems)


def test_a_star_goes_by_dns_alone() -> None:
    for challenge in ("auto", "http-01", "tls-alpn-01"):
        assert choose(("*.a.example",), Means(challenge, tls_problem=None)).problems[0].type == "noMethod"
        assert choose(("*.a.example",), Means(challenge, has_dns=True)).methods == {"*.a.example": "dns-01"}


def test_only_names_that_another_way_may_help_are_tried_that_way() -> None:
    closed = Problem("connection", "Timeout during connect", method="http-01")
    failed = dict.fromkeys((NAME, "b.example", "*.a.example"), closed)
    assert other_ways(failed, Means(tls_problem=None)) == {NAME, "b.example"}
    assert other_ways(failed, Means(has_dns=True)) == {NAME, "b.example"}
    assert other_ways(failed, Means(tls_problem=TAKEN)) == frozenset()
    assert other_ways(failed, Means(port_holder="nginx", tls_problem=None)) == frozenset(), "443 it is already"
    assert other_ways(failed, Means("http-01", tls_problem=None)) == frozenset()
    for problem in (Problem("caa", "forbidden", method="http-01"), Problem("rejectedIdentifier", "policy")):
        assert other_ways({NAME: problem}, Means(tls_problem=None)) == frozenset(), "no port is to blame"


def test_a_port_is_held_by_who_is_seen_there_and_not_by_us() -> None:
    nginx = Listener("", 443, "tcp", "nginx", 7)
    prosody = Listener("192.0.2.1", 443, "tcp", "lua", 8, "c0ffee")
    hidden = Listener("127.0.0.1", 443, "tcp", "dev", 9)
    assert port_holder((nginx,), (), 443) == "nginx (pid 7)"
    assert port_holder((nginx,), (), 80) == ""
    assert port_holder((prosody, hidden), (), 443, {"c0ffee"}) == ""
    assert port_holder((prosody, hidden), (), 443, {"other"}) == "lua (pid 8)"
    assert port_holder((prosody, nginx), ("192.0.2.1",), 443, {"c0ffee"}) == "nginx (pid 7)"
    assert port_holder((prosody,), ("192.0.2.2",), 443) == ""
    assert port_holder((Listener("", 443, "udp", "quic", 7),), (), 443) == ""
