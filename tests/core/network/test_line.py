"""What stands between a machine and the internet, and what its owner is told to do."""

from __future__ import annotations

import pytest

from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.line import Kind, Line, in_words, port_table, verdict

HOME = ("192.168.1.5", "172.17.0.1")
SIX = "2003:e5::5"
ROUTER = "192.168.1.1"
MINE, OTHER = "93.184.216.34", "151.101.1.69"


@pytest.mark.parametrize(
    ("line", "kind", "public", "forward_to"),
    [
        (Line((MINE,), outside_sees=MINE), "direct", MINE, ""),
        (Line((MINE,)), "direct", MINE, ""),
        (Line(HOME, ROUTER, MINE, MINE), "router", MINE, "192.168.1.5"),
        (Line(HOME, ROUTER, MINE, ""), "router", "", "192.168.1.5"),
        (Line(HOME, ROUTER, "", MINE), "router", MINE, "192.168.1.5"),
        (Line(HOME, ROUTER, "192.168.178.20", MINE), "two routers", MINE, "192.168.1.5"),
        (Line(HOME, ROUTER, "10.1.2.3", MINE), "two routers", MINE, "192.168.1.5"),
        (Line(HOME, ROUTER, "100.64.3.4", MINE), "shared", "", "192.168.1.5"),
        (Line(HOME, ROUTER, "100.127.255.1", ""), "shared", "", "192.168.1.5"),
        (Line(HOME, ROUTER, "0.0.0.0", MINE), "shared", "", "192.168.1.5"),  # noqa: S104 DS-Lite, as many say it
        (Line(HOME, ROUTER, "192.0.0.2", MINE), "shared", "", "192.168.1.5"),
        (Line(HOME, ROUTER, "0.0.0.0", ""), "unknown", "", "192.168.1.5"),  # noqa: S104 its line is down
        (Line(HOME, ROUTER, OTHER, MINE), "shared", "", "192.168.1.5"),
        (Line(("100.72.0.9",), "100.72.0.1", "", MINE), "shared", "", "100.72.0.9"),
        # a private network of one's own (Tailscale) beside a router is no provider's
        (Line((*HOME, "100.72.0.9"), ROUTER, "", MINE), "router", MINE, "192.168.1.5"),
        (Line(HOME, ROUTER), "unknown", "", "192.168.1.5"),
        (Line((), "", "", ""), "unknown", "", ""),
    ],
)
def test_what_the_addresses_mean(line: Line, kind: Kind, public: str, forward_to: str) -> None:
    found = verdict(line)
    assert (found.kind, found.public, found.forward_to, found.has_ipv6) == (kind, public, forward_to, False)
    assert in_words(found, line)[0]


def test_where_ipv4_is_shared_ipv6_is_the_way_in() -> None:
    shared = Line((*HOME, SIX), ROUTER, "100.64.3.4", MINE)
    assert verdict(shared).has_way_in
    assert "publish only an AAAA record" in str(in_words(verdict(shared), shared)[1])
    without = Line((*HOME, "fd00::5", "fe80::5"), ROUTER, "100.64.3.4", MINE)
    assert not verdict(without).has_way_in
    assert "use it at home only" in str(in_words(verdict(without), without)[1])


def test_a_silent_router_is_not_trusted_blindly() -> None:
    line = Line(HOME, ROUTER, "", MINE)
    assert "http://192.168.1.1" in str(in_words(verdict(line), line)[1])
    assert "shares it among customers" in str(in_words(verdict(line), line)[1])


def test_the_table_says_what_goes_where() -> None:
    found = port_table((Door(443), Door(3478, "udp")), "192.168.1.5")
    assert found == (("443/tcp", "192.168.1.5:443"), ("3478/udp", "192.168.1.5:3478"))
    assert port_table((Door(443),), "") == ()
