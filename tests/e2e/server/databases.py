"""What holds for every database beside Prosody; ``tests/e2e/test_postgresql.py`` and its like say what differs."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest
from docker.models.containers import Container
from tests.e2e.server.faults import wait_until
from tests.e2e.server.machine import Server, told
from tests.e2e.server.xmpp import RefusedLogInError
from tests.e2e.together.people import kept

from xmpp_wizard.core.storage.database import Database

WAITING = b"waiting for the database"
NOTE = "the key is under the mat 🗝"
"""With a sign of four bytes, which not every character set has."""
MOST_KB = 140_000
"""Prosody, coturn and the database without anybody there."""
ACCOUNT = "SELECT DISTINCT store FROM prosody WHERE host = '{host}' AND store = 'accounts'"


def begin(server: Server, answers: Mapping[str, Any]) -> None:
    """Set a server up and prove it; one person is there, who has said something."""
    done = server.cli("apply", "--answers", str(server.answers(answers)), "--yes")
    assert done.returncode == 0, told(done)
    server.add_user()
    with server.log_in() as ann:
        ann.say(f"bea@{server.domain}", NOTE)
        ann.ping()


class KeptInADatabase:
    """One server with the database, proven, with one person; the tests come in this order."""

    database: ClassVar[Database]
    ask: ClassVar[tuple[str, ...]]
    """The command, in the database's container, that answers the query at its end to the database's own user."""
    ask_as_prosody: ClassVar[tuple[str, ...]]
    """The same as Prosody's user, whose password it takes from the environment."""
    password_variable: ClassVar[str]
    administrator: ClassVar[str]
    socket: ClassVar[str]
    refusal: ClassVar[bytes]
    """What Prosody's user is told where it wants to be the administrator."""
    version: ClassVar[tuple[str, str, str]]
    """The file with the version of the data, one of long ago, and what is said of that."""
    facts: ClassVar[tuple[tuple[str, str], ...]]
    """Queries, and the words that answer them: how safe it writes, which signs it knows, who may do what."""
    begun: ClassVar[str]
    """A folder that is there while the database is being made."""

    @pytest.fixture(scope="class")
    @classmethod
    def stored(cls, image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
        assert image
        with Server(tmp_path_factory.mktemp("stored")) as server:
            begin(server, cls.on())
            with server.keeping_image(cls.database.name):
                yield server

    @classmethod
    def on(cls) -> Mapping[str, object]:
        """Return the answers."""
        calls = {"features.calls.enabled": True, "features.calls.calls_at_once": 4}
        return {"storage.backend": cls.database.name, **calls}

    def container(self, server: Server, name: str = "") -> Container:
        """Return one of its containers; the database's, unless named."""
        with server.engine() as engine:
            return engine.containers.get(f"{server.project}-{name or self.database.name}")

    def sql(self, server: Server, query: str) -> str:
        """Return what the database says to its own user."""
        done = self.container(server).exec_run([*self.ask, query])
        assert isinstance(done.output, bytes)
        return done.output.decode().strip()

    def test_what_people_have_lies_in_the_database_and_there_is_nothing_more_to_do(self, stored: Server) -> None:
        assert stored.nothing_to_do()
        assert stored.status()["healthy"]
        assert self.sql(stored, ACCOUNT.format(host=stored.domain)) == "accounts"
        assert not list((stored.state / "data" / "prosody").rglob("*.sqlite"))

    def test_it_keeps_what_it_is_told_and_prosody_may_do_no_more_than_it_must(self, stored: Server) -> None:
        found = tuple((query, " ".join(self.sql(stored, query).split())) for query, _ in self.facts)
        assert found == self.facts

    def test_it_has_no_network_and_nothing_else_that_it_does_not_need(self, stored: Server) -> None:
        with stored.engine() as engine:
            told_to = engine.api.inspect_container(f"{stored.project}-{self.database.name}")
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
        assert status["Uid"].split() == status["Gid"].split() == [str(self.database.user_id)] * 4
        assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0

    def test_only_prosody_gets_in_and_the_password_is_nowhere_else(self, stored: Server) -> None:
        name, own = self.database.name, self.database.user_id
        folder = (stored.state / "sockets" / name).stat()
        assert (folder.st_uid, folder.st_gid, folder.st_mode & 0o777) == (own, 5222, 0o750)
        secret = (stored.settings / "secrets" / name / name).read_text().strip()
        assert (stored.settings / "secrets/prosody" / name).read_text().strip() == secret
        for password, is_in in ((secret, True), ("another", False), ("", False)):
            given = {self.password_variable: password}
            done = self.container(stored).exec_run([*self.ask_as_prosody, "SELECT 1"], environment=given)
            assert (done.exit_code == 0) == is_in, done.output
        for user in ("5222:5222", "0:5222"):
            connect = f'"{self.database.driver}", "prosody", "{self.administrator}", nil, "{self.database.host}"'
            asked = self.container(stored, "prosody").exec_run(
                ["lua5.4", "-e", f'print(require"DBI".Connect({connect}))'], user=user
            )
            assert isinstance(asked.output, bytes)
            assert asked.output.startswith(b"nil"), asked.output
            wait_until(partial(self.is_refused, stored, asked.output), "it is told why")
        for one in (name, "prosody"):
            with stored.engine() as engine:
                assert secret not in str(engine.api.inspect_container(f"{stored.project}-{one}"))
            assert secret.encode() not in self.container(stored, one).logs()
            assert secret not in str(self.container(stored, one).top(ps_args="-o pid,args"))

    def is_refused(self, server: Server, said: bytes) -> bool:
        """Say whether that is the reason given, to who asked or in the log."""
        return self.refusal in said + self.container(server).logs(tail=20)

    def test_idle_it_all_fits_on_a_small_machine(self, stored: Server) -> None:
        found = {name: memory_kb(self.container(stored, name)) for name in ("prosody", "turn", self.database.name)}
        assert sum(found.values()) < MOST_KB, found

    @pytest.mark.parametrize("is_prosody", [False, True])
    def test_people_keep_everything_over_a_restart(self, stored: Server, *, is_prosody: bool) -> None:
        self.container(stored, "prosody" if is_prosody else "").restart()
        wait_until(lambda: is_back(stored), "all is back")

    def test_both_start_at_once_with_a_socket_left_from_a_power_cut(self, stored: Server) -> None:
        names = ("prosody", self.database.name)
        waited = self.container(stored, "prosody").logs().count(WAITING)
        for name in names:
            self.container(stored, name).kill()
        for name in names:
            self.container(stored, name).wait()
        assert (stored.state / "sockets" / self.database.name / self.socket).is_socket()
        self.after_a_power_cut(stored)
        self.container(stored, "prosody").start()
        wait_until(lambda: self.container(stored, "prosody").logs().count(WAITING) > waited, "it waits")
        self.container(stored).start()
        wait_until(lambda: is_back(stored), "all is back")
        assert self.container(stored, "prosody").logs().count(WAITING) == waited + 1

    def after_a_power_cut(self, server: Server) -> None:
        """Leave what else a power cut leaves."""

    def test_two_servers_never_write_to_one_folder(self, stored: Server) -> None:
        done = self.container(stored).exec_run(["sh", f"/usr/local/bin/{self.database.image}-entrypoint"])
        assert (done.exit_code, f"uses {self.database.data}." in str(done.output)) == (1, True), done.output
        assert is_back(stored)

    def test_killed_it_comes_back_by_itself_and_nobody_has_to_restart_prosody(self, stored: Server) -> None:
        state = self.container(stored).attrs["State"]
        before, prosody = state["StartedAt"], stored.started_at()
        children = subprocess.run(["pgrep", "-P", str(state["Pid"])], capture_output=True, text=True, check=True)
        with stored.log_in() as ann:
            subprocess.run(["kill", "-9", children.stdout.split()[0]], check=True)
            wait_until(lambda: self.container(stored).attrs["State"]["StartedAt"] != before, "it is started again")
            wait_until(lambda: is_back(stored), "all is back")
            assert NOTE in kept(ann)
        assert stored.started_at() == prosody
        wait_until(lambda: stored.status()["healthy"], "all is well")

    def test_away_or_of_another_version_it_is_told_and_what_to_do(self, stored: Server) -> None:
        name = self.database.name
        self.container(stored).stop()
        assert stored.status()["problems"] == [f"{stored.project}-{name} is stopped; {stored.called} apply starts it"]
        file, old, words = self.version
        version = stored.state / "data" / name / "data" / file
        now = version.read_text()
        version.write_text(old)
        done = stored.try_apply(self.on())
        assert done.returncode != 0
        assert words in " ".join((done.stderr + done.stdout).split())
        version.write_text(now)
        stored.apply(self.on())
        wait_until(lambda: is_back(stored), "all is back")
        assert stored.status()["healthy"]

    def test_what_a_cut_off_first_start_left_is_made_anew(self, stored: Server, tmp_path: Path) -> None:
        own = self.database.user_id
        for name, group in (("data", own), ("sockets", 5222), ("secrets", own)):
            (tmp_path / name).mkdir(mode=0o750)
            os.chown(tmp_path / name, own, group)
        (tmp_path / "secrets" / self.database.name).write_text("a-password\n")
        mounts = {"data": self.database.data, "sockets": self.database.sockets, "secrets": "/secrets"}
        with stored.engine() as engine:
            first: Container = engine.containers.run(
                self.container(stored).attrs["Config"]["Image"],
                detach=True,
                network_mode="none",
                volumes=[f"{tmp_path / name}:{target}" for name, target in mounts.items()],
            )
            try:
                wait_until((tmp_path / "data/unfinished" / self.begun).exists, "it is being made")
                first.kill()
                wait_until(lambda: first.wait()["StatusCode"] == 137, "it is gone")
                assert not (tmp_path / "data/data").exists()
                first.start()
                wait_until(lambda: first.exec_run(list(self.database.ready)).exit_code == 0, "it is ready")
            finally:
                first.remove(force=True)
        assert not (tmp_path / "data/unfinished").exists()

    def test_uninstalled_nothing_is_left(self, stored: Server) -> None:
        done = stored.cli("uninstall", "--yes", "--delete-data")
        assert done.returncode == 0, told(done)
        assert stored.containers() == []
        assert not stored.state.exists()
        assert not stored.settings.exists()


def is_back(server: Server) -> bool:
    """Say whether ann can log in, and finds what she wrote."""
    try:
        with server.log_in() as ann:
            return NOTE in kept(ann)
    except (OSError, RefusedLogInError):
        return False


def memory_kb(container: Container) -> int:
    """Return the memory of a container's processes; what several of them share is counted once (PSS)."""
    listed = container.top(ps_args="-o pid")["Processes"]
    return sum(map(_pss_kb, (pid for (pid,) in listed)))


def _pss_kb(pid: str) -> int:
    """Return the memory of a process; nothing if it is gone meanwhile, as one that only looked whether all is well."""
    with suppress(OSError):
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return 0
