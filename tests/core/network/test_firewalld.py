"""What firewalld lets in, from what it lists; the texts are those of firewalld 2.3."""

from __future__ import annotations

import pytest

from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.firewalld import lets_in, zone, zones_with

ZONE = """public (default, active)
  target: {target}
  ingress-priority: 0
  interfaces: eth0
  services: {services}
  ports: {ports}
  protocols: {protocols}
  forward: yes
  forward-ports:
  rich rules:
{rules}
"""
SERVICE = "{name}\n  ports: {ports}\n  protocols: \n  destination: {destination}\n  includes: {includes}\n  helpers: "
SERVICES = {
    "ssh": SERVICE.format(name="ssh", ports="22/tcp", destination="", includes=""),
    "dhcpv6-client": SERVICE.format(name="dhcpv6-client", ports="546/udp", destination="ipv6:fe80::/64", includes=""),
    "files": SERVICE.format(name="files", ports="", destination="", includes="ssh names"),
    "names": SERVICE.format(name="names", ports="137-138/udp", destination="", includes="files"),
}
PORTS = (Door(22), Door(443), Door(5222), Door(138, "udp"), Door(546, "udp"))


def let_in(*rules: str, target: str = "default", services: str = "", ports: str = "", protocols: str = "") -> list[str]:
    """Return which of the doors strangers come in through."""
    lines = "\n".join(f"\trule {rule}" for rule in rules)
    text = ZONE.format(target=target, services=services, ports=ports, protocols=protocols, rules=lines)
    found = zone(text, lambda name: SERVICES.get(name, ""))
    return [str(door) for door in PORTS if lets_in(found, door)]


def test_what_is_not_said_is_closed() -> None:
    assert let_in() == []
    assert let_in(target="DROP") == []


def test_services_ranges_and_protocols_count() -> None:
    assert let_in(services="dhcpv6-client ssh unknown") == ["22/tcp"]
    assert let_in(services="files") == ["22/tcp", "138/udp"]
    assert let_in(ports="5000-6000/tcp 443/udp") == ["5222/tcp"]
    assert let_in(protocols="udp") == ["138/udp", "546/udp"]
    assert let_in(protocols="icmp", ports="443/sctp") == []
    assert let_in(target="ACCEPT") == [str(door) for door in PORTS]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ('port port="5222" protocol="tcp" accept', ["5222/tcp"]),
        ('port port="5000-6000" protocol="tcp" log prefix="x" level="info" accept', ["5222/tcp"]),
        ('family="ipv4" port port="5222" protocol="tcp" accept', []),
        ('service name="ssh" accept limit value="5/m"', ["22/tcp"]),
        ('family="ipv4" source address="192.0.2.0/24" port port="5222" protocol="tcp" accept', []),
        ('protocol value="udp" accept', ["138/udp", "546/udp"]),
        ("accept", [str(door) for door in PORTS]),
        ('icmp-type name="echo-request" accept', []),
        ('family="ipv4" destination address="192.0.2.1" port port="5222" protocol="tcp" accept', []),
        ('service name="ssh" log', []),
    ],
)
def test_a_rich_rule_counts_if_it_concerns_strangers(rule: str, expected: list[str]) -> None:
    assert let_in(rule) == expected


def test_a_range_is_open_if_one_rule_lets_in_all_of_it() -> None:
    door = Door(49152, "udp", 49251)
    for ports, is_open in (("49152-49251/udp", True), ("1024-65535/udp", True), ("49152-49200/udp", False)):
        found = zone(ZONE.format(target="default", services="", ports=ports, protocols="", rules=""), str)
        assert lets_in(found, door) is is_open, ports


def test_each_family_needs_its_rule() -> None:
    rules = [f'family="{family}" port port="443" protocol="tcp" accept' for family in ("ipv4", "ipv6")]
    assert let_in(*rules) == ["443/tcp"]


def test_a_no_comes_before_a_yes_unless_a_priority_says_otherwise() -> None:
    no, yes = 'port port="5222" protocol="tcp" reject', 'port port="5222" protocol="tcp" accept'
    assert let_in(yes, no, ports="5222/tcp") == []
    assert let_in(f'priority="-1" {yes}', no) == ["5222/tcp"]
    assert let_in(f'priority="-1" {yes}', f'priority="-2" {no}') == []
    assert let_in(f'priority="5" {no}', ports="5222/tcp") == ["5222/tcp"]
    assert let_in('priority="9" accept', f'priority="5" {no}', 'priority="6" protocol value="udp" drop') == [
        "22/tcp",
        "443/tcp",
    ]


def test_zones_that_have_a_service_are_found() -> None:
    zones = {"dmz": "ssh", "home": "ssh xmpp-wizard", "work": "xmpp-wizard-second"}
    fields = {"target": "default", "ports": "", "protocols": "", "rules": ""}
    blocks = [ZONE.replace("public", name, 1).format(services=services, **fields) for name, services in zones.items()]
    assert zones_with("xmpp-wizard", "\n".join(blocks)) == ("home",)
