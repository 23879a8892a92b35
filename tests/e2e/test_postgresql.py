"""PostgreSQL on a real server: proven, reached by a socket alone, and back with everybody's data whatever ends it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker.models.containers import Container
from tests.e2e.server.faults import wait_until
from tests.e2e.server.machine import Server, told
from tests.e2e.server.xmpp import RefusedLogInError
from tests.e2e.together.people import kept

from xmpp_wizard.core.storage.postgresql import READY

pytestmark = pytest.mark.e2e

ON = {"storage.backend": "postgresql", "features.calls.enabled": True, "features.calls.calls_at_once": 4}
WAITING = b"waiting for the database"
NOTE = "the key is under the mat"
MOST_KB = 140_000
"""Prosody, coturn and PostgreSQL without anybody there."""


@pytest.fixture(scope="module")
def stored(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give one server with PostgreSQL, proven, with one person."""
    assert image
    server = Server(tmp_path_factory.mktemp("stored"))
    try:
        done = server.cli("apply", "--answers", str(server.answers(ON)), "--yes")
        assert done.returncode == 0, told(done)
        server.add_user()
        with server.log_in() as ann:
            ann.say(f"bea@{server.domain}", NOTE)
            ann.ping()
        yield server
    finally:
        server.remove()


def container(server: Server, name: str = "postgresql") -> Container:
    """Return one of its containers."""
    with server.engine() as engine:
        return engine.containers.get(f"{server.project}-{name}")


def sql(server: Server, query: str) -> str:
    """Return what the database says to its own user."""
    done = container(server).exec_run(["psql", "-AtX", "-d", "prosody", "-c", query])
    assert isinstance(done.output, bytes)
    return done.output.decode().strip()


def is_back(server: Server) -> bool:
    """Say whether ann can log in, and finds what she wrote."""
    try:
        with server.log_in() as ann:
            return NOTE in kept(ann)
    except (ConnectionError, RefusedLogInError):
        return False


def memory_kb(server: Server, name: str) -> int:
    """Return the memory of a container's processes; what several of them share is counted once (PSS)."""
    listed = container(server, name).top(ps_args="-o pid")["Processes"]
    rollups = [Path(f"/proc/{pid}/smaps_rollup").read_text() for (pid,) in listed]
    return sum(int(line.split()[1]) for text in rollups for line in text.splitlines() if line.startswith("Pss:"))


def test_what_people_have_lies_in_the_database_and_there_is_nothing_more_to_do(stored: Server) -> None:
    assert stored.nothing_to_do()
    assert stored.status()["healthy"]
    assert sql(stored, "SELECT DISTINCT store FROM prosody WHERE \"user\" = 'ann' AND store = 'accounts'") == "accounts"
    assert not list((stored.state / "data" / "prosody").rglob("*.sqlite"))
    facts = "SELECT current_setting(name) FROM unnest(ARRAY['data_checksums', 'fsync', 'server_encoding']) AS name"
    assert sql(stored, facts).split() == ["on", "on", "UTF8"]
    assert sql(stored, "SELECT datcollate FROM pg_database WHERE datname = 'prosody'") == "C"
    assert sql(stored, "SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = 'prosody'") == "f"


def test_it_has_no_network_and_nothing_else_that_it_does_not_need(stored: Server) -> None:
    with stored.engine() as engine:
        told_to = engine.api.inspect_container(f"{stored.project}-postgresql")
    host = told_to["HostConfig"]
    assert (host["NetworkMode"], host["CapAdd"] or [], host["CapDrop"], host["ReadonlyRootfs"]) == (
        "none",
        [],
        ["ALL"],
        True,
    )
    pid = told_to["State"]["Pid"]
    devices = [line.partition(":")[0].strip() for line in Path(f"/proc/{pid}/net/dev").read_text().splitlines()[2:]]
    assert devices == ["lo"]
    for table in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
        assert Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:] == []
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    assert status["Uid"].split() == status["Gid"].split() == ["5432"] * 4
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0


def test_only_prosody_gets_in_and_the_password_is_nowhere_else(stored: Server) -> None:
    folder = (stored.state / "sockets" / "postgresql").stat()
    assert (folder.st_uid, folder.st_gid, folder.st_mode & 0o777) == (5432, 5222, 0o750)
    secret = (stored.settings / "secrets/postgresql/postgresql").read_text().strip()
    assert (stored.settings / "secrets/prosody/postgresql").read_text().strip() == secret
    for password, is_in in ((secret, True), ("another", False), ("", False)):
        ask = ["psql", "-wAtX", "-U", "prosody", "-c", "SELECT 1", "prosody"]
        done = container(stored).exec_run(ask, environment={"PGPASSWORD": password})
        assert (done.exit_code == 0) == is_in
    asked = container(stored, "prosody").exec_run(
        ["lua5.4", "-e", 'print(require"DBI".Connect("PostgreSQL", "postgres", "postgres", nil, "/run/postgresql"))'],
        user="5222:5222",
    )
    assert str(asked.output).startswith("b'nil")
    assert b'Peer authentication failed for user "postgres"' in container(stored).logs(tail=5)
    for name in ("postgresql", "prosody"):
        with stored.engine() as engine:
            assert secret not in str(engine.api.inspect_container(f"{stored.project}-{name}"))
        assert secret.encode() not in container(stored, name).logs()
        assert secret not in str(container(stored, name).top(ps_args="-o pid,args"))


def test_idle_it_all_fits_on_a_small_machine(stored: Server) -> None:
    assert sum(memory_kb(stored, name) for name in ("prosody", "turn", "postgresql")) < MOST_KB


@pytest.mark.parametrize("name", ["postgresql", "prosody"])
def test_people_keep_everything_over_a_restart(stored: Server, name: str) -> None:
    container(stored, name).restart()
    wait_until(lambda: is_back(stored), "all is back")


def test_both_start_at_once_with_a_socket_left_from_a_power_cut(stored: Server) -> None:
    names, waited = ("prosody", "postgresql"), container(stored, "prosody").logs().count(WAITING)
    for name in names:
        container(stored, name).kill()
    wait_until(lambda: not any(container(stored, name).attrs["State"]["Running"] for name in names), "both are gone")
    assert (stored.state / "sockets/postgresql/.s.PGSQL.5432").is_socket()
    # the number that the cut-off server had is now that of another process
    lock = stored.state / "data/postgresql/data/postmaster.pid"
    lock.write_text(lock.read_text().replace(lock.read_text().split()[0], "1", 1))
    container(stored, "prosody").start()
    wait_until(lambda: container(stored, "prosody").logs().count(WAITING) > waited, "it waits")
    container(stored).start()
    wait_until(lambda: is_back(stored), "all is back")
    assert container(stored, "prosody").logs().count(WAITING) == waited + 1


def test_two_servers_never_write_to_one_folder(stored: Server) -> None:
    done = container(stored).exec_run(["sh", "/usr/local/bin/postgres-entrypoint"])
    assert done.exit_code == 1
    assert b"another PostgreSQL uses /var/lib/postgresql" in done.output
    assert is_back(stored)


def test_killed_it_comes_back_by_itself_and_nobody_has_to_restart_prosody(stored: Server) -> None:
    before, prosody = container(stored).attrs["State"]["StartedAt"], stored.started_at()
    pid = subprocess.run(
        ["pgrep", "-P", str(container(stored).attrs["State"]["Pid"])], capture_output=True, text=True, check=True
    ).stdout.split()[0]
    with stored.log_in() as ann:
        subprocess.run(["kill", "-9", pid], check=True)
        wait_until(lambda: container(stored).attrs["State"]["StartedAt"] != before, "it is started again")
        wait_until(lambda: is_back(stored), "all is back")
        assert NOTE in kept(ann)
    assert stored.started_at() == prosody
    wait_until(lambda: stored.status()["healthy"], "all is well")


def test_away_or_of_another_version_it_is_told_and_what_to_do(stored: Server) -> None:
    container(stored).stop()
    assert stored.status()["problems"] == [f"{stored.project}-postgresql is stopped; xmpp-wizard apply starts it"]
    version = stored.state / "data/postgresql/data/PG_VERSION"
    version.write_text("15\n")
    done = stored.try_apply(ON)
    assert done.returncode != 0
    said = " ".join((done.stderr + done.stdout).split())
    assert "these data are of PostgreSQL 15, and this is PostgreSQL 17. Nothing was changed." in said
    version.write_text("17\n")
    stored.apply(ON)
    wait_until(lambda: is_back(stored), "all is back")
    assert stored.status()["healthy"]


def test_what_a_cut_off_first_start_left_is_made_anew(stored: Server, tmp_path: Path) -> None:
    for name, group in (("data", 5432), ("sockets", 5222), ("secrets", 5432)):
        (tmp_path / name).mkdir(mode=0o750)
        os.chown(tmp_path / name, 5432, group)
    (tmp_path / "secrets/postgresql").write_text("a-password\n")
    mounts = {"data": "/var/lib/postgresql", "sockets": "/run/postgresql", "secrets": "/secrets"}
    with stored.engine() as engine:
        first: Container = engine.containers.run(
            container(stored).attrs["Config"]["Image"],
            detach=True,
            network_mode="none",
            volumes=[f"{tmp_path / name}:{target}" for name, target in mounts.items()],
        )
        try:
            wait_until((tmp_path / "data/unfinished/base").exists, "it is being made")
            first.kill()
            wait_until(lambda: first.wait()["StatusCode"] == 137, "it is gone")
            assert not (tmp_path / "data/data").exists()
            first.start()
            wait_until(lambda: first.exec_run(list(READY)).exit_code == 0, "it is ready")
        finally:
            first.remove(force=True)
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["data"]


def test_uninstalled_nothing_is_left(stored: Server) -> None:
    done = stored.cli("uninstall", "--yes", "--delete-data")
    assert done.returncode == 0, told(done)
    assert stored.containers() == []
    assert not stored.state.exists()
    assert not stored.settings.exists()
