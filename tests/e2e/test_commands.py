"""The commands around a running server, each looked at from the outside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.e2e.server.faults import wait_until
from tests.e2e.server.machine import PASSWORD, Server, told
from tests.e2e.server.terminal import Terminal
from tests.e2e.server.xmpp import RefusedLogInError

pytestmark = pytest.mark.e2e


def test_status_tells_scripts_how_it_is(running: Server) -> None:
    found = running.json("status")
    assert {"domain", "addresses", "ports", "certificates", "containers", "generation", "healthy"} <= set(found)
    assert found["domain"] == running.domain
    assert found["addresses"] == [running.address]
    assert found["healthy"] is True
    assert {port["port"] for port in found["ports"]} >= {443, 5222, 5223, 5269, 5270}
    assert [container["state"] for container in found["containers"]] == ["running"]


def test_a_frozen_server_is_not_called_healthy(server: Server) -> None:
    server.apply()
    with server.engine() as engine:
        container = engine.containers.get(f"{server.project}-prosody")
        container.pause()
        done = server.cli("--json", "status")
        container.unpause()
    assert done.returncode == 3, told(done)
    found = json.loads(done.stdout)
    assert found["healthy"] is False
    assert any("it says nothing" in problem for problem in found["problems"])
    wait_until(server.serves, "it goes on")


def test_people_come_get_passwords_and_go(running: Server) -> None:
    made = running.json("user", "add", "bea")
    with running.log_in("bea", made["password"]) as bea:
        bea.ping()
    assert running.json("user", "list") == {"users": [f"ann@{running.domain}", f"bea@{running.domain}"]}
    done = running.cli("user", "passwd", "bea", "--password-stdin", stdin="another long one\n")
    assert done.returncode == 0, told(done)
    with running.log_in("bea", "another long one") as bea:
        bea.ping()
    with pytest.raises(RefusedLogInError):
        running.log_in("bea", made["password"])
    done = running.cli("user", "delete", "bea", "--yes")
    assert done.returncode == 0, told(done)
    with pytest.raises(RefusedLogInError):
        running.log_in("bea", "another long one")
    assert running.json("user", "list") == {"users": [f"ann@{running.domain}"]}


@pytest.mark.parametrize(
    ("words", "stdin", "expected"),
    [
        (("add", "ann", "--password-stdin"), f"{PASSWORD}\n", "is there already"),
        (("add", "cleo", "--password-stdin"), "short\n", "too short"),
        (("add", "cleo", "--password-stdin"), "\n", "too short"),
        (("add", "cleo@elsewhere.example", "--password-stdin"), f"{PASSWORD}\n", "is not served here"),
        (("add", "a b", "--password-stdin"), f"{PASSWORD}\n", "space"),
        (("passwd", "nobody", "--password-stdin"), f"{PASSWORD}\n", "there is nobody called nobody@"),
        (("delete", "nobody", "--yes"), "", "there is nobody called nobody@"),
        (("delete", "ann"), "", "nobody was deleted"),
    ],
)
def test_wrong_words_about_people_change_nothing(
    running: Server, words: tuple[str, ...], stdin: str, expected: str
) -> None:
    done = running.cli("user", *words, stdin=stdin)
    assert done.returncode == 5, told(done)
    assert expected in " ".join(done.stderr.split())
    assert running.json("user", "list") == {"users": [f"ann@{running.domain}"]}


def test_prosodyctl_takes_words_and_gives_its_own_status_back(running: Server) -> None:
    done = running.cli("prosodyctl", "about")
    assert done.returncode == 0, told(done)
    assert "Prosody 13." in done.stdout
    assert running.cli("prosodyctl", "deluser", f"nobody@{running.domain}").returncode == 1


def test_the_console_is_prosodys_own(running: Server) -> None:
    with Terminal(running.command("console")) as window:
        window.expect("prosody>")
        window.type("host:list()\n")
        window.expect(f"groups.{running.domain}")
        window.type("bye\n")
        window.end()


def test_logs_are_the_servers_own(running: Server) -> None:
    running.log_in().__exit__(None, None, None)
    done = running.cli("logs", "-n", "20")
    assert done.returncode == 0, told(done)
    assert f"Authenticated as ann@{running.domain}" in done.stdout
    assert len(done.stdout.splitlines()) <= 20


def test_what_render_writes_is_what_lies_on_the_host(running: Server, tmp_path: Path) -> None:
    running.apply()
    folder = tmp_path / "rendered"
    done = running.cli("render", str(folder))
    assert done.returncode == 0, told(done)
    below = folder / str(running.root).lstrip("/")
    written = {str(path.relative_to(below)): path.read_bytes() for path in below.rglob("*") if path.is_file()}
    assert any(name.endswith("prosody.cfg.lua") for name in written)
    there = running.snapshot()
    assert {name: there.get(name) for name in written} == written
    again = running.cli("render", str(folder))
    assert again.returncode == 5, told(again)


def test_a_removed_server_comes_back_with_its_people(server: Server) -> None:
    server.apply()
    server.add_user()
    root = server.root_certificate()
    done = server.cli("uninstall", "--yes")
    assert done.returncode == 0, told(done)
    assert server.containers() == []
    assert not (server.settings / "prosody/prosody.cfg.lua").exists()
    assert server.cli("status").returncode == 5
    server.apply()
    assert server.root_certificate() == root, "phones trust it"
    with server.log_in() as ann:
        ann.ping()


def test_nothing_of_a_server_is_left_if_that_is_wanted(server: Server) -> None:
    server.apply()
    refused = server.cli("uninstall", "--delete-data")
    assert refused.returncode == 5, told(refused)
    assert server.status()["healthy"]
    done = server.cli("uninstall", "--delete-data", "--yes")
    assert done.returncode == 0, told(done)
    assert server.containers() == []
    assert server.snapshot() == {}
    assert not server.settings.exists()
    assert not server.state.exists()
