"""Single kinds of data lie in plain files while all else lies in a database, from the start or later."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.e2e.server.belongings import Belongings
from tests.e2e.server.machine import Server, told

pytestmark = pytest.mark.e2e
KINDS = ["history", "room_history"]
BESIDE = {"storage.backend": "sqlite", "storage.in_files": KINDS}
NAME = "sqlite+history+room_history"


@pytest.fixture
def server(image: str, tmp_path: Path) -> Iterator[Server]:
    """Give a server that is not set up yet."""
    assert image
    with Server(tmp_path) as found:
        yield found


def files(server: Server) -> set[str]:
    """Return the folders with archives that are plain files."""
    return {path.parent.name for path in (server.state / "data/prosody").glob("*/*/*.list")}


def rows(server: Server, table: str) -> dict[str, int]:
    """Return how many people have something of each store in SQLite; table: prosody or prosodyarchive."""
    path = server.state / "data/prosody/prosody.sqlite"
    with closing(sqlite3.connect(path)) as database:
        query = f"SELECT store, COUNT(DISTINCT [user]) FROM {table} WHERE [user] <> '' GROUP BY store"  # noqa: S608 ours
        return dict(database.execute(query).fetchall())


def furnished(server: Server) -> tuple[Belongings, dict[str, object]]:
    """Let people have something there; return what they see of it."""
    belongings = Belongings(server)
    belongings.bring()
    return belongings, belongings.seen()


def restart(server: Server) -> None:
    """Restart Prosody as the engine does, and wait until it is well."""
    with server.engine() as engine:
        engine.containers.get(f"{server.project}-prosody").restart()
    server.apply(BESIDE)


def test_from_the_start_history_is_files_and_accounts_are_rows(server: Server) -> None:
    server.apply(BESIDE)
    people, before = furnished(server)
    assert {"archive", "muc_log"} <= files(server), files(server)
    assert rows(server, "prosody")["accounts"] == 4
    assert not {"archive", "muc_log"} & set(rows(server, "prosodyarchive"))
    assert rows(server, "prosodyarchive")["offline"] == 1
    restart(server)
    assert people.seen() == before
    assert server.nothing_to_do()


def test_only_what_the_answer_names_moves_and_nobody_misses_anything(server: Server) -> None:
    server.apply()
    people, before = furnished(server)
    old = rows(server, "prosodyarchive")
    planned = server.cli("plan", "--answers", str(server.answers(BESIDE)))
    assert "Move single kinds of data: from SQLite to SQLite (in files" in " ".join(planned.stdout.split())
    server.apply(BESIDE)
    assert people.seen() == before
    assert rows(server, "prosodyarchive") == old
    assert rows(server, "prosody")["accounts"] == 4
    assert {"archive", "muc_log"} <= files(server)
    refused = server.try_apply({"storage.backend": "internal"}, "--allow-destroy")
    assert "would be mixed with what moves now" in " ".join(refused.stderr.split()), told(refused)
    assert server.cli("storage", "discard", "sqlite", "--yes").returncode == 0
    assert not {"archive", "muc_log"} & set(rows(server, "prosodyarchive"))
    assert people.seen() == before
    server.apply()
    assert people.seen() == before
    assert server.cli("storage", "discard", NAME, "--yes").returncode == 0
    assert not {"archive", "muc_log"} & files(server)
    assert people.seen() == before
    assert people.hears_what_waited() == "for later"


@pytest.mark.long
def test_files_beside_a_database_that_is_gone_are_let_go_alone(server: Server) -> None:
    server.apply({"storage.backend": "postgresql", "storage.in_files": KINDS})
    people, before = furnished(server)
    server.apply({"storage.backend": "sqlite", "storage.in_files": ["room_history"]})
    assert people.seen() == before
    let_go = server.cli("storage", "discard", "postgresql+history+room_history", "--yes")
    assert let_go.returncode == 0, told(let_go)
    assert not (server.state / "data/postgresql").exists()
    assert "archive" not in files(server), "it was let go"
    assert "muc_log" in files(server), "it is in use"
    assert people.seen() == before
