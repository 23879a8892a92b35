"""A host with ufw in charge: exactly the server's ports are opened, and closed again."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from tests.e2e.install import host_network
from tests.e2e.install.bare_host import BareHost

pytestmark = [pytest.mark.e2e, pytest.mark.long]

NEEDED = ("3478/tcp", "3478/udp", "5000/tcp", "5222/tcp", "5223/tcp", "5349/tcp", "49152-49251/udp")
"""What examples/try-it.toml lets people reach beside the web: apps, file transfers and calls."""
LOOK = """
import json
from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.effects.firewall import HostFirewall
found = HostFirewall().observe([Door(port) for port in (22, 443, 5222, 5223, 5269)], "xmpp-wizard")
print(json.dumps([found.kind, [str(d) for d in found.closed], [str(d) for d in found.ours]]))
"""


def rules(host: BareHost) -> list[str]:
    """Return ufw's rules as they were added."""
    return sorted(host.expect("ufw show added | tail -n +2").splitlines())


def seen(host: BareHost) -> tuple[str, set[str], set[str]]:
    """Return who is in charge, what is closed, and what this program opened."""
    host.write("/root/look.py", LOOK)
    kind, closed, ours = json.loads(host.expect("/opt/xmpp-wizard/current/bin/python3 /root/look.py"))
    return kind, set(closed), set(ours)


@pytest.fixture
def host(make_image: Callable[..., str], start_host: Callable[..., BareHost]) -> BareHost:
    """Start Debian 13 with ufw, which lets in ssh and the web, and set a server up."""
    host = start_host(make_image("trixie", "--include=ufw,iptables", mirror=host_network.debian_mirror()))
    host.expect("ufw allow 22/tcp && ufw allow 443/tcp comment mine && ufw --force enable")
    host.expect("./install.sh --answers examples/try-it.toml")
    return host


def test_ufw_opens_exactly_what_is_needed(host: BareHost) -> None:
    before = rules(host)
    assert seen(host) == ("ufw", {"5222/tcp", "5223/tcp", "5269/tcp"}, set())
    said = " ".join(host.expect("xmpp-wizard status").split())
    assert f"keeps everybody out of {', '.join(NEEDED)};" in said
    host.expect("xmpp-wizard apply --yes --no-proof --set network.open_firewall=true")
    assert seen(host) == ("ufw", {"5269/tcp"}, set(NEEDED))
    expected = {f"ufw allow {ports.replace('-', ':')} comment 'xmpp-wizard'" for ports in NEEDED}
    assert set(rules(host)) - set(before) == expected
    assert "Firewall" not in host.expect("xmpp-wizard status")
    host.expect("xmpp-wizard undo --yes --no-proof")
    assert rules(host) == before
    host.expect("xmpp-wizard apply --yes --no-proof --set network.open_firewall=true")
    host.expect("xmpp-wizard uninstall --yes")
    assert rules(host) == before
