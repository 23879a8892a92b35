"""Changes that the server cannot live with: it goes back by itself, or is not interrupted at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.e2e.server.faults import unreachable
from tests.e2e.server.machine import Server, told

pytestmark = pytest.mark.e2e

BROKEN_LUA = "modules_enabled = {\nthis is no Lua\n"


def own_config(server: Server) -> Path:
    """Return where the admin's own configuration goes, as a file that is not there yet."""
    folder = server.settings / "prosody" / "conf.d"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "mine.cfg.lua"


def test_a_change_that_cannot_be_reached_is_taken_back_by_itself(server: Server) -> None:
    server.apply()
    server.add_user()
    with unreachable(server.address, 6222):
        done = server.try_apply({"network.client_port": 6222})
    assert done.returncode == 6, told(done)
    text = " ".join(done.stderr.split())
    assert "port 6222" in text
    assert "Nothing was lost: the server runs as in generation 1" in text
    with server.log_in() as ann:
        ann.ping()
    assert server.status()["healthy"]
    server.answers()
    assert server.nothing_to_do()
    states = [item["state"] for item in server.json("generations")["generations"]]
    assert states == ["good", "failed", "good"]


def test_own_configuration_that_is_no_lua_stops_a_change_before_it_interrupts(server: Server) -> None:
    server.apply()
    server.add_user()
    began = server.started_at()
    mine = own_config(server)
    mine.write_text(BROKEN_LUA)
    with server.log_in() as ann:
        done = server.try_apply({"features.file_sharing.max_file_mb": 5})
        assert done.returncode == 6, told(done)
        text = " ".join(done.stderr.split())
        assert "conf.d/mine.cfg.lua:2" in text
        ann.ping()
    assert server.started_at() == began
    mine.unlink()
    server.apply({"features.file_sharing.max_file_mb": 5})
    assert server.started_at() != began


def test_own_configuration_is_used(server: Server) -> None:
    own_config(server).write_text('ssl = nil\nVirtualHost "second.example"\n')
    server.apply()
    assert "second.example" in server.cli("prosodyctl", "shell", "host", "list").stdout
    mine = own_config(server)
    before = mine.read_bytes()
    server.apply({"features.file_sharing.max_file_mb": 5})
    assert mine.read_bytes() == before


def test_a_first_set_up_that_cannot_start_says_why_and_leaves_nothing_running(server: Server) -> None:
    own_config(server).write_text(BROKEN_LUA)
    done = server.try_apply()
    assert done.returncode == 3, told(done)
    assert "mine.cfg.lua:2" in " ".join(done.stderr.split())
    assert server.containers() == []
    kept = server.secrets()
    own_config(server).unlink()
    server.apply()
    assert server.status()["healthy"]
    assert {name: server.secrets()[name] for name in kept} == kept
