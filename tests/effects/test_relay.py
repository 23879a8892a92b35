"""The files that `router relay` writes, in the real tools: a stranger reaches a home that nobody can call.

The tunnel is WireGuard's own, in the kernel where it has it, else by wireguard-go.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.home_network import PUBLIC, SERVERS, STRANGER, Home, home_network, needs_network, run
from tests.servers import templates

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.rendering.relay import Keys, files, tunnel
from xmpp_wizard.effects.entropy import SystemEntropy

pytestmark = [
    pytest.mark.e2e,
    needs_network,
    pytest.mark.skipif(not (SERVERS / "usr/bin/wg-quick").exists(), reason="needs wireguard-tools"),
]

RELAY, CALLER = "93.184.217.9", "93.184.217.77"
APPS, SERVERS_PORT = 5222, 5269


@pytest.fixture
def home() -> Iterator[Home]:
    with home_network() as home:
        yield home


@pytest.fixture
def relay(home: Home) -> Iterator[str]:
    """Yield the network of a relay somewhere on the internet, with a caller beside it."""
    space = f"{home.outside}r"
    caller = f"{home.outside}c"
    for name in (space, caller):
        run("ip", "netns", "add", name)
        run("ip", "-n", name, "link", "set", "lo", "up")
    try:
        for name, address, gateway, link in (
            (space, RELAY, "93.184.217.1", "relay0"),
            (caller, CALLER, "93.184.217.1", "call0"),
        ):
            run("ip", "link", "add", link, "netns", home.outside, "type", "veth", "peer", "name", "eth0", "netns", name)
            run("ip", "-n", name, "address", "add", f"{address}/24", "dev", "eth0")
            run("ip", "-n", name, "link", "set", "eth0", "up")
            run("ip", "-n", name, "route", "add", "default", "via", gateway, "dev", "eth0", "onlink")
            run("ip", "-n", home.outside, "link", "set", link, "up")
        run("ip", "-n", home.outside, "link", "add", "net0", "type", "bridge")
        for link in ("relay0", "call0"):
            run("ip", "-n", home.outside, "link", "set", link, "master", "net0")
        run("ip", "-n", home.outside, "address", "add", "93.184.217.1/24", "dev", "net0")
        run("ip", "-n", home.outside, "link", "set", "net0", "up")
        run("ip", "netns", "exec", home.outside, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        run("ip", "-n", home.outside, "route", "add", "blackhole", "192.168.77.0/24")
        yield space
    finally:
        for name in (space, caller):
            run("ip", "netns", "delete", name)


def wg_quick(space: str, verb: str, file: Path) -> None:
    """Do what the service of this end does."""
    path = f"PATH={SERVERS}/usr/bin:{os.environ['PATH']}:/usr/sbin:/sbin"
    log = file.with_suffix(f".{verb}")
    # what it starts to carry the tunnel keeps its output open
    words = ("sh", "-c", 'exec "$@" >"$0" 2>&1', str(log), str(SERVERS / "usr/bin/wg-quick"), verb, str(file))
    try:
        run("ip", "netns", "exec", space, "env", path, *words)
    except subprocess.CalledProcessError:
        raise AssertionError(log.read_text()) from None


def gone(space: str, name: str) -> None:
    """See to it that nothing goes on carrying the tunnel, whatever became of the test."""
    subprocess.run(["ip", "-n", space, "link", "delete", name], check=False, capture_output=True)


def test_callers_get_in_with_their_own_addresses(home: Home, relay: str, tmp_path: Path) -> None:
    entropy = SystemEntropy()
    keys = Keys(entropy.key_pair(), entropy.key_pair())
    # all networks here share one place for the sockets of tunnels, by name, so each end has a name of its own
    layout = Layout(instance=home.outside[1:])
    texts = files(layout, RELAY, (Door(APPS),), keys, templates())
    ends = []
    for end, text, space in zip(("home", "relay"), texts, (home.inside, relay), strict=True):
        file = tmp_path / f"{tunnel(layout)}{end[0]}.conf"
        file.write_text(text)
        file.chmod(0o600)
        ends.append((space, file))
    home.listen(home.inside, (APPS, SERVERS_PORT))
    caller = relay[:-1] + "c"
    assert home.sees(caller, PUBLIC, APPS) == ""
    assert home.sees(caller, RELAY, APPS) == ""
    rules = run("ip", "netns", "exec", relay, "nft", "list", "ruleset")
    for space, file in reversed(ends):
        home.stack.callback(gone, space, file.stem)
        wg_quick(space, "up", file)
    assert home.sees(caller, RELAY, APPS) == CALLER
    assert home.sees(caller, RELAY, SERVERS_PORT) == "", "only what the server needs"
    assert home.sees(home.inside, RELAY, APPS) == PUBLIC, "from inside it leads back, too"
    home.listen(home.outside, (7000,))
    assert home.sees(home.inside, STRANGER, 7000) == PUBLIC, "all else goes its usual way"
    for space, file in ends:
        wg_quick(space, "down", file)
    assert home.sees(caller, RELAY, APPS) == ""
    assert run("ip", "netns", "exec", relay, "nft", "list", "ruleset") == rules
    assert f"{tunnel(layout)}" not in run("ip", "-n", home.inside, "rule", "list")
