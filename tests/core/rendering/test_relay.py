"""The two files of a relay, and the keys that they keep."""

from __future__ import annotations

import pytest
from tests.servers import templates

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.rendering.relay import HOME, Keys, files, keys_in, tunnel

KEYS = Keys(("home-own=", "home-told="), ("relay-own=", "relay-told="))
DOORS = (Door(443), Door(5222), Door(3478, "udp"))


def made(*doors: Door) -> tuple[str, str]:
    return files(Layout(), "203.0.113.9", doors, KEYS, templates())


def test_each_end_has_its_own_key_and_the_other_s_public_one() -> None:
    home, relay = made(*DOORS)
    assert "PrivateKey = home-own=" in home
    assert "PublicKey = relay-told=" in home
    assert "PrivateKey = relay-own=" in relay
    assert "PublicKey = home-told=" in relay
    assert keys_in(home, relay) == KEYS


def test_exactly_these_ports_are_passed_on() -> None:
    _, relay = made(*DOORS)
    assert [line.partition("local ")[2] for line in relay.splitlines() if "add rule" in line] == [
        f"tcp dport {{ 443, 5222 }} dnat to {HOME}'",
        f"udp dport {{ 3478 }} dnat to {HOME}'",
    ]
    assert "udp" not in made(Door(443))[1]


def test_only_what_comes_over_the_relay_goes_back_over_it() -> None:
    home, _ = made(*DOORS)
    assert "Table = off" in home
    assert "Endpoint = 203.0.113.9:51820" in home


@pytest.mark.parametrize("texts", [("", ""), ("PrivateKey = x", "PublicKey = y")])
def test_other_files_have_no_keys(texts: tuple[str, str]) -> None:
    assert keys_in(*texts) is None


def test_the_kernel_takes_the_name_of_the_tunnel() -> None:
    assert tunnel(Layout()) == "xmpp-relay"
    assert len(tunnel(Layout(instance="a-very-long-name-of-an-instance"))) <= 15
