"""What nftables really lets in, in a network of its own: what is said of its rules is held to real connections."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from xmpp_wizard.core.network.firewall import Door, ObservedFirewall
from xmpp_wizard.effects.firewall import HostFirewall

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(os.geteuid() != 0 or not Path("/usr/sbin/nft").exists(), reason="needs root and nftables"),
]

NAME = "xmpp-wizard"
STRANGER, HOST = "203.0.113.77", "203.0.113.2"
PORTS = (22, 80, 443, 5222, 5223, 5269, 5270, 7000)
LISTEN = f"""
import socket, sys
open_ones = [socket.create_server(("{HOST}", port)) for port in {PORTS}]
print("ready", flush=True)
sys.stdin.read()
"""
HEAD = "table inet filter {\n chain input {\n  type filter hook input priority 0; policy %s;\n"
TAIL = "\n }\n}\n"

NOTHING_SAID = ""
OPEN = HEAD % "accept" + TAIL
USUAL = (
    HEAD % "drop"
    + """
  ct state vmap { established : accept, related : accept, invalid : drop }
  iif lo accept
  tcp dport { 22, 80 } ct state new accept
"""
    + TAIL
)
RANGES = """
table inet filter {
 set doors { type inet_service; flags interval; elements = { 22, 5000-5250 }
 }
 map more { type inet_service : verdict; elements = { 7000 : accept, 5223 : drop }
 }
 chain strangers {
  tcp dport 5269 accept
  return
 }
 chain input {
  type filter hook input priority 0; policy drop;
  ct state established accept
  iifname "elsewhere" accept
  iifname "uplink*" tcp dport 443 counter accept
  ip saddr 10.0.0.0/8 accept
  ip6 saddr ::/0 tcp dport 80 accept
  udp dport 80 accept
  tcp dport vmap @more
  tcp dport @doors limit rate 50/second accept
  meta l4proto { tcp, udp } th dport 5270 accept
  goto strangers
 }
}
"""
BLOCKED = (
    HEAD % "accept"
    + """
  ip saddr { 203.0.113.0/24 } tcp dport 5222 drop
  ip saddr != 10.0.0.0/8 tcp dport 5223 reject with tcp reset
  ct state new tcp dport != { 22, 80, 443, 5222, 5223 } drop
"""
    + TAIL
)
TWO_CHAINS = """
table ip first {
 chain one {
  type filter hook prerouting priority -10; policy accept;
  tcp dport 443 drop
 }
}
table inet second {
 chain two {
  type filter hook input priority 10; policy drop;
  ct state established accept
  tcp dport { 443, 5222 } accept
 }
}
"""
RULESETS = {
    "nothing said": NOTHING_SAID, "open": OPEN, "usual": USUAL, "ranges": RANGES, "blocked": BLOCKED,
    "two chains": TWO_CHAINS,
}  # fmt: skip


@dataclass
class Network:
    """A host in a network of its own, and this machine as the world outside."""

    space: str
    folder: Path

    def nft(self, text: str) -> None:
        """Give it exactly these rules."""
        run("ip", "netns", "exec", self.space, "nft", "-f", "-", stdin="flush ruleset\n" + text)

    def rules(self) -> str:
        """Return its rules as nft writes them."""
        return run("ip", "netns", "exec", self.space, "nft", "-s", "list", "ruleset")

    def reaches(self, port: int) -> bool:
        """Say whether a stranger gets in."""
        try:
            socket.create_connection((HOST, port), 0.4, source_address=(STRANGER, 0)).close()
        except OSError:
            return False
        return True

    def firewall(self) -> HostFirewall:
        return HostFirewall(self.folder)


def run(*words: str, stdin: str = "") -> str:
    return subprocess.run(words, input=stdin, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    """Make a host whose uplink ends here, with somebody listening on each port."""
    # the kernel takes its time to forget the interfaces of the test before
    here = space = f"xw-{uuid.uuid4().hex[:8]}"
    run("ip", "netns", "add", space)
    try:
        run("ip", "link", "add", here, "type", "veth", "peer", "name", "uplink0", "netns", space)
        run("ip", "address", "add", f"{STRANGER}/24", "dev", here)
        run("ip", "link", "set", here, "up")
        for words in (f"address add {HOST}/24 dev uplink0", "link set uplink0 up", "link set lo up"):
            run("ip", "-n", space, *words.split())
        for name in ("nft",):
            (tmp_path / name).write_text(f'#!/bin/sh\nexec ip netns exec {space} /usr/sbin/{name} "$@"\n')
            (tmp_path / name).chmod(0o755)
        (tmp_path / "proc/net").mkdir(parents=True)
        route = "Iface\tDestination\tGateway\nlo\t0000007F\t0\nuplink0\t00000000\t017100CB\n"
        (tmp_path / "proc/net/route").write_text(route)
        (tmp_path / "etc/systemd/system").mkdir(parents=True)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        command = ["ip", "netns", "exec", space, sys.executable, "-c", LISTEN]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as listening:
            assert listening.stdout is not None
            assert listening.stdin is not None
            assert listening.stdout.readline() == "ready\n"
            yield Network(space, tmp_path)
            listening.stdin.close()
    finally:
        run("ip", "netns", "delete", space)


def doors(*ports: int) -> tuple[Door, ...]:
    return tuple(Door(port) for port in ports)


@pytest.mark.parametrize("rules", RULESETS.values(), ids=RULESETS)
def test_what_is_said_is_what_happens(network: Network, rules: str) -> None:
    network.nft(rules)
    found = network.firewall().observe(doors(*PORTS), NAME)
    assert found.unsure == ()
    really_closed = {port for port in PORTS if not network.reaches(port)}
    told = {door.port for door in found.closed}
    # a port may be closed for IPv6 alone, which is not tried here
    assert really_closed <= told
    assert told - really_closed <= ({80, 5222, 5223} if rules == RANGES else set())


@pytest.mark.parametrize("rules", [USUAL, RANGES, BLOCKED, TWO_CHAINS], ids=["usual", "ranges", "blocked", "two"])
def test_exactly_what_is_needed_is_opened_and_closed_again(network: Network, rules: str) -> None:
    network.nft(rules)
    before, others = network.rules(), {port: network.reaches(port) for port in (22, 7000)}
    wanted = doors(443, 5222, 5269)
    network.firewall().open(network.firewall().observe(wanted, NAME).closed, NAME)
    assert all(network.reaches(door.port) for door in wanted)
    assert {port: network.reaches(port) for port in others} == others
    found = network.firewall().observe(wanted, NAME)
    assert found.closed == ()
    assert set(found.ours) <= set(wanted)
    network.firewall().close(found.ours, NAME)
    assert network.rules() == before
    assert network.firewall().observe(wanted, NAME).ours == ()
    assert not (network.folder / "etc/systemd/system/nftables.service.d").exists()


def test_another_server_s_doors_stay_open(network: Network) -> None:
    network.nft(USUAL)
    firewall = network.firewall()
    firewall.open(doors(5222), NAME)
    firewall.open(doors(5269), f"{NAME}-second")
    firewall.close(doors(5222), NAME)
    assert firewall.observe(doors(5222, 5269), f"{NAME}-second") == ObservedFirewall(
        "nftables", closed=doors(5222), ours=doors(5269)
    )
    assert network.reaches(5269)


def test_the_admin_s_own_reload_does_not_shut_people_out(network: Network) -> None:
    network.nft(USUAL)
    network.firewall().open(doors(5222, 5269), NAME)
    text = (network.folder / f"etc/systemd/system/nftables.service.d/{NAME}.conf").read_text()
    assert text.startswith("[Service]\n")
    network.nft(USUAL)
    assert not network.reaches(5222)
    for line in text.splitlines():
        if line.startswith("ExecReload=-/usr/sbin/nft "):
            run("ip", "netns", "exec", network.space, "sh", "-c", line.removeprefix("ExecReload=-"))
    assert network.reaches(5222)
    assert network.reaches(5269)


def test_what_was_opened_before_stays_when_others_are_opened_or_closed(network: Network) -> None:
    network.nft(USUAL)
    firewall, file = network.firewall(), network.folder / f"etc/systemd/system/nftables.service.d/{NAME}.conf"

    def ports_after_a_reload() -> set[int]:
        network.nft(USUAL)
        for line in file.read_text().splitlines():
            if line.startswith("ExecReload=-/usr/sbin/nft "):
                run("ip", "netns", "exec", network.space, "sh", "-c", line.removeprefix("ExecReload=-"))
        return {port for port in (5222, 5269, 443) if network.reaches(port)}

    firewall.open(doors(5222), NAME)
    firewall.open(doors(5269, 443), NAME)
    assert ports_after_a_reload() == {5222, 5269, 443}
    firewall.close(doors(443), NAME)
    assert network.reaches(5222)
    assert not network.reaches(443)
    assert ports_after_a_reload() == {5222, 5269}


def test_a_host_without_rules_has_no_firewall(network: Network) -> None:
    network.nft("")
    assert network.firewall().observe(doors(5222), NAME) == ObservedFirewall()


def test_what_is_not_understood_is_not_claimed(network: Network) -> None:
    network.nft(HEAD % "drop" + "  ct state established accept\n  meta mark 7 accept\n  tcp dport 22 accept" + TAIL)
    found = network.firewall().observe(doors(22, 5222), NAME)
    assert (found.closed, found.unsure) == ((), doors(5222))


def test_a_range_is_opened_and_closed_as_one(network: Network) -> None:
    network.nft(USUAL)
    before, relays = network.rules(), (Door(49152, "udp", 49251),)
    firewall = network.firewall()
    assert firewall.observe(relays, NAME).closed == relays
    firewall.open(relays, NAME)
    found = firewall.observe((*relays, Door(49152, "udp"), Door(49252, "udp")), NAME)
    assert (found.closed, found.ours) == ((Door(49252, "udp"),), relays)
    firewall.close(found.ours, NAME)
    assert network.rules() == before


def test_a_range_of_which_only_a_part_is_open_is_closed(network: Network) -> None:
    network.nft(USUAL)
    network.firewall().open((Door(49152, "udp", 49200),), NAME)
    relays = (Door(49152, "udp", 49251),)
    assert network.firewall().observe(relays, NAME).closed == relays
