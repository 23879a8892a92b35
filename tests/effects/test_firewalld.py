"""What is asked of firewalld, by a stand-in for its program that keeps what it was told (firewall-cmd(1))."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from xmpp_wizard.core.firewall import Door, ObservedFirewall
from xmpp_wizard.effects.firewall import HostFirewall

STAND_IN = """
import json, sys
from pathlib import Path
file = Path(sys.argv[1])
words = [word for word in sys.argv[2:] if word != "--permanent"]
state = json.loads(file.read_text())
zone = state["lasting" if "--permanent" in sys.argv else "now"]
options = dict((word.lstrip("-").split("=", 1) + [""])[:2] for word in words)
service = state["services"].get(options.get("service", ""))
ports = zone["ports"] if "service" not in options else service
match next(name for name in options if name != "service"), next(reversed(options.values())):
    case "state", _: print("running")
    case "query-port", port: print("yes" if port in zone["ports"] else "no")
    case "list-services", _: print(*zone["services"])
    case "get-ports", _: print(*service) if service is not None else sys.exit(101)
    case "path-service", name: print("/x") if name in state["services"] else sys.exit(101)
    case "new-service", name: state["services"][name] = []
    case "delete-service", name: del state["services"][name]
    case "add-service", name: zone["services"] += [name] * (name not in zone["services"])
    case "remove-service", name: zone["services"].remove(name)
    case "add-port", port: ports.append(port)
    case "remove-port", port: ports.remove(port) if port in ports else sys.exit(1)
    case other: sys.exit(f"unknown: {other}")
file.write_text(json.dumps(state))
"""
NAME = "xmpp-wizard"
BEFORE: dict[str, Any] = {
    "services": {"ssh": ["22/tcp"], "https": ["443/tcp"]},
    "now": {"ports": ["7000/tcp"], "services": ["ssh", "https"]},
    "lasting": {"ports": [], "services": ["ssh", "https"]},
}


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the stand-in before all others; return what it knows."""
    (tmp_path / "stand_in.py").write_text(STAND_IN)
    (tmp_path / "state").write_text(json.dumps(BEFORE))
    program = tmp_path / "firewall-cmd"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {tmp_path}/stand_in.py {tmp_path}/state "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path / "state"


def doors(*ports: int) -> tuple[Door, ...]:
    return tuple(Door(port) for port in ports)


def look() -> ObservedFirewall:
    return HostFirewall().observe(doors(22, 443, 5222, 5269), NAME)


def test_exactly_what_is_needed_is_opened_now_and_for_good_and_closed_again(state: Path) -> None:
    assert look() == ObservedFirewall("firewalld", closed=doors(5222, 5269))
    HostFirewall().open(doors(5222, 5269), NAME)
    assert look() == ObservedFirewall("firewalld", ours=doors(5222, 5269))
    found = json.loads(state.read_text())
    assert found["now"]["ports"] == ["7000/tcp", "5222/tcp", "5269/tcp"]
    assert found["lasting"] == {"ports": [], "services": ["ssh", "https", NAME]}
    assert found["services"][NAME] == ["5222/tcp", "5269/tcp"]
    HostFirewall().close(doors(5222, 5269), NAME)
    assert json.loads(state.read_text()) == BEFORE


def test_one_door_of_two_is_closed(state: Path) -> None:
    HostFirewall().open(doors(5222, 5269), NAME)
    HostFirewall().close(doors(5269), NAME)
    assert look() == ObservedFirewall("firewalld", closed=doors(5269), ours=doors(5222))
    assert NAME in json.loads(state.read_text())["lasting"]["services"]


def test_a_further_door_joins_the_service(state: Path) -> None:
    HostFirewall().open(doors(5222), NAME)
    HostFirewall().open(doors(5269), NAME)
    assert json.loads(state.read_text())["services"][NAME] == ["5222/tcp", "5269/tcp"]
    assert json.loads(state.read_text())["lasting"]["services"].count(NAME) == 1
