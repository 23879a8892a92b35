"""firewalld, asked and told: a stand-in for its program, and Debian's own in a container, with real connections."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.e2e.install import host_network
from tests.e2e.install.bare_host import make_userland
from tests.fakes import firewall_cmd

from xmpp_wizard.core.network.firewall import Door, ObservedFirewall
from xmpp_wizard.effects.firewall import HostFirewall

NAME = "xmpp-wizard"
PORTS = (22, 80, 443, 5222, 5223, 5269, 6005)
START = "mkdir -p /run/dbus && dbus-daemon --system && firewalld && until firewall-cmd --state; do sleep 0.2; done"
LISTEN = f"""
import socket, time
open_ones = [socket.create_server(("", port)) for port in {PORTS}]
time.sleep(9999)
"""


@dataclass(frozen=True)
class Host:
    """A host whose firewall-cmd is ``program``; a real one has an address at which it can be tried."""

    program: Path
    root: Path
    address: str = ""

    def cmd(self, *words: str) -> str:
        """Be the admin."""
        done = subprocess.run([self.program, *words], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def firewall(self) -> HostFirewall:
        return HostFirewall(self.root)

    def settings(self) -> tuple[str, ...]:
        """Return all that firewalld knows now and for good, but for the empty lines."""
        return tuple(self.cmd(*when, "--list-all-zones") for when in ((), ("--permanent",)))

    def reaches(self, port: int) -> bool:
        """Say whether a stranger gets in."""
        try:
            socket.create_connection((self.address, port), 0.4).close()
        except OSError:
            return False
        return True


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Start Debian's firewalld in a container with somebody behind each port; give its name and address."""
    archive = tmp_path_factory.mktemp("userland") / "firewalld.tar"
    options = ["--include=firewalld,dbus,python3", "trixie", str(archive), *host_network.debian_mirror()]
    image, name = make_userland(options, archive), f"xmpp-wizard-firewalld-{os.getpid()}"
    docker("run", "-d", "--name", name, "--init", "--cap-add", "NET_ADMIN", image, "sleep", "infinity")
    try:
        docker("exec", name, "sh", "-c", START)
        docker("exec", "-d", name, "python3", "-c", LISTEN)
        yield name, docker("inspect", "-f", "{{.NetworkSettings.IPAddress}}", name).strip()
    finally:
        docker("rm", "-f", name)
        docker("rmi", image)


def docker(*words: str) -> str:
    return subprocess.run(["docker", *words], check=True, capture_output=True, text=True).stdout


@pytest.fixture
def real(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    """Give the real one with Debian's own settings."""
    name, address = request.getfixturevalue("container")
    docker("exec", name, "sh", "-c", "rm -rf /etc/firewalld/zones/* /etc/firewalld/services/*; firewall-cmd --reload")
    found = on_path(tmp_path, f'exec docker exec {name} firewall-cmd "$@"', monkeypatch, address)
    deadline = time.monotonic() + 5
    while not found.reaches(22) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def on_path(folder: Path, command: str, monkeypatch: pytest.MonkeyPatch, address: str = "") -> Host:
    program = folder / "firewall-cmd"
    program.write_text(f"#!/bin/sh\n{command}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    (folder / "proc/net").mkdir(parents=True)
    (folder / "proc/net/route").write_text("Iface\tDestination\tGateway\neth0\t00000000\t010011AC\n")
    return Host(program, folder, address)


@pytest.fixture(params=["stand-in", pytest.param("real", marks=[pytest.mark.e2e, pytest.mark.long])])
def host(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    """Give a host whose firewalld lets in ssh only."""
    if request.param == "real":
        return request.getfixturevalue("real")  # type: ignore[no-any-return]
    command = f'exec {sys.executable} {firewall_cmd.__file__} {tmp_path}/state "$@"'
    return on_path(tmp_path, command, monkeypatch)


def doors(*ports: int) -> tuple[Door, ...]:
    return tuple(Door(port) for port in ports)


def look(host: Host) -> ObservedFirewall:
    return host.firewall().observe(doors(22, 5222, 5269), NAME)


def test_exactly_what_is_needed_is_opened_now_and_for_good_and_closed_again(host: Host) -> None:
    before = host.settings()
    assert look(host) == ObservedFirewall("firewalld", closed=doors(5222, 5269))
    host.firewall().open(doors(5222, 5269), NAME)
    assert look(host) == ObservedFirewall("firewalld", ours=doors(5222, 5269))
    assert host.cmd("--permanent", f"--service={NAME}", "--get-ports") == "5222/tcp 5269/tcp"
    host.firewall().close(doors(5222, 5269), NAME)
    assert look(host) == ObservedFirewall("firewalld", closed=doors(5222, 5269))
    assert host.settings() == before


def test_what_was_opened_can_be_closed_after_a_reload(host: Host) -> None:
    before = host.settings()
    host.firewall().open(doors(5222, 5269), NAME)
    host.cmd("--reload")
    assert look(host) == ObservedFirewall("firewalld", ours=doors(5222, 5269))
    host.firewall().close(doors(5222), NAME)
    assert look(host) == ObservedFirewall("firewalld", closed=doors(5222), ours=doors(5269))
    host.firewall().close(doors(5269), NAME)
    assert look(host).closed == doors(5222, 5269)
    assert host.settings() == before


def test_one_door_of_two_is_closed(host: Host) -> None:
    host.firewall().open(doors(5222, 5269), NAME)
    host.firewall().close(doors(5269), NAME)
    assert look(host) == ObservedFirewall("firewalld", closed=doors(5269), ours=doors(5222))
    host.cmd("--reload")
    assert look(host) == ObservedFirewall("firewalld", closed=doors(5269), ours=doors(5222))


def test_a_further_door_joins_the_service(host: Host) -> None:
    host.firewall().open(doors(5222), NAME)
    host.firewall().open(doors(5269), NAME)
    assert host.cmd("--permanent", f"--service={NAME}", "--get-ports") == "5222/tcp 5269/tcp"
    assert look(host) == ObservedFirewall("firewalld", ours=doors(5222, 5269))


def test_a_range_is_one_door(host: Host) -> None:
    relay = Door(49152, "udp", 49251)
    host.firewall().open((relay,), NAME)
    assert host.firewall().observe((relay,), NAME) == ObservedFirewall("firewalld", ours=(relay,))
    host.firewall().close((relay,), NAME)
    assert host.firewall().observe((relay,), NAME) == ObservedFirewall("firewalld", closed=(relay,))


def test_what_the_admin_opens_too_stays_open(host: Host) -> None:
    host.firewall().open(doors(5222), NAME)
    host.cmd("--permanent", "--add-port=5222/tcp")
    host.firewall().close(doors(5222), NAME)
    assert look(host) == ObservedFirewall("firewalld", closed=doors(5269))


RICH = "--add-rich-rule=rule "
CONFIGURATIONS = {
    "a range, and a service that includes others": ["--add-port=6000-6010/tcp", "--add-service=freeipa-4"],
    "another zone": ["--change-interface=eth0 --zone=home", "--zone=home --add-port=5222/tcp"],
    "all in but one": [
        "--change-interface=eth0 --zone=trusted",
        f"--zone=trusted {RICH}port port=5222 protocol=tcp drop",
    ],
    "rules of all kinds": [
        f"{RICH}port port=5222 protocol=tcp accept",
        f"{RICH}service name=ssh reject",
        f"{RICH}family=ipv4 source address=192.0.2.0/24 port port=5269 protocol=tcp accept",
        f"{RICH}family=ipv4 source NOT address=192.0.2.0/24 port port=443 protocol=tcp accept",
        f"{RICH}family=ipv6 port port=443 protocol=tcp accept",
        f"{RICH}priority=-3 port port=5223 protocol=tcp accept",
        f"{RICH}port port=5223 protocol=tcp drop",
    ],
    "a whole protocol": ["--add-protocol=tcp", f"{RICH}port port=80 protocol=tcp reject"],
    "a rule at the end": [f"{RICH}priority=5 accept", f"{RICH}priority=4 port port=80 protocol=tcp reject"],
}  # fmt: skip


@pytest.mark.e2e
@pytest.mark.long
@pytest.mark.parametrize("commands", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_what_is_said_is_what_happens(real: Host, commands: list[str]) -> None:
    for command in commands:
        first, _, rule = command.partition(RICH)
        real.cmd(*first.split(), *([RICH + rule] if rule else []))
    found = real.firewall().observe(doors(*PORTS), NAME)
    assert found.kind == "firewalld"
    assert {door.port for door in found.closed} == {port for port in PORTS if not real.reaches(port)}
    wanted = doors(5269)
    real.firewall().open([door for door in wanted if door in found.closed], NAME)
    assert real.reaches(5269)
    again = real.firewall().observe(doors(*PORTS), NAME)
    assert set(found.closed) - set(again.closed) <= set(wanted)
    real.firewall().close(again.ours, NAME)
    assert real.firewall().observe(doors(*PORTS), NAME) == found
    assert {door.port for door in found.closed} == {port for port in PORTS if not real.reaches(port)}


def test_a_range_is_opened_and_closed_as_one(host: Host) -> None:
    before, relays = host.settings(), (Door(49152, "udp", 49251),)
    assert host.firewall().observe(relays, NAME).closed == relays
    host.firewall().open(relays, NAME)
    assert host.firewall().observe(relays, NAME) == ObservedFirewall("firewalld", ours=relays)
    host.firewall().close(relays, NAME)
    assert host.settings() == before
