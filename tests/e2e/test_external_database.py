"""A server keeps its data with somebody else's PostgreSQL or MariaDB: over TLS, and what is wrong stops nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from docker.models.containers import Container
from tests.e2e.server.databases import ACCOUNT, NOTE, is_back
from tests.e2e.server.faults import wait_until
from tests.e2e.server.machine import Server, told
from tests.e2e.server.outside import PASSWORD, Outside, OutsideMariadb, OutsidePostgresql
from tests.e2e.server.xmpp import RefusedLogInError
from tests.servers import answers as model
from tests.servers import templates

from xmpp_wizard.core.checks import trial
from xmpp_wizard.core.storage import backend_of

pytestmark = pytest.mark.e2e

QUOTED = PASSWORD.replace("'", "''")
MYSQL_QUOTED = QUOTED.replace("\\", "\\\\")
PREPARED = {
    "postgresql": (
        f"CREATE ROLE prosody LOGIN PASSWORD '{QUOTED}'",
        "CREATE DATABASE prosody OWNER prosody",
        "CREATE DATABASE closed",
        "REVOKE ALL ON DATABASE closed FROM PUBLIC",
        "CREATE DATABASE foreign_tables OWNER prosody",
        "CREATE DATABASE readable",
        "CREATE DATABASE latin OWNER prosody ENCODING LATIN1 TEMPLATE template0",
        "CREATE DATABASE nothing OWNER prosody",
    ),
    "mysql": (
        # who comes from elsewhere is let in with TLS only, as by "hostssl"
        f"CREATE USER prosody@'%' IDENTIFIED BY '{MYSQL_QUOTED}' REQUIRE SSL",
        f"CREATE USER prosody@'127.%' IDENTIFIED BY '{MYSQL_QUOTED}'",
        *(
            f"CREATE DATABASE {name}; GRANT ALL ON {name}.* TO prosody@'%', prosody@'127.%'"
            for name in ("prosody", "foreign_tables", "latin", "nothing")
        ),
        "CREATE DATABASE closed; CREATE DATABASE readable; GRANT SELECT ON readable.* TO prosody@'%'",
        "CREATE TABLE latin.prosody (host TEXT, user TEXT, store TEXT, `key` TEXT, type TEXT, value TEXT)",
        "ALTER TABLE latin.prosody CONVERT TO CHARACTER SET latin1",
    ),
}


@pytest.fixture(scope="module", params=[OutsidePostgresql, OutsideMariadb], ids=["postgresql", "mariadb"])
def outside(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """Run a database server with several databases, of which one is fit."""
    folder = tmp_path_factory.mktemp("outside")
    for name, text in (("right", PASSWORD), ("wrong", "guessed")):
        (folder / name).write_text(f"{text}\n")
    found: Outside = request.param(folder)
    with found as running:
        prepare(running)
        yield running


def prepare(outside: Outside) -> None:
    """Make the databases."""
    for line in PREPARED[outside.driver]:
        outside.ask(line)
    as_prosody = "SET ROLE prosody; " if outside.driver == "postgresql" else ""
    outside.ask(f"{as_prosody}CREATE TABLE prosody (id INTEGER, title TEXT)", "foreign_tables")


@pytest.fixture(scope="module")
def stored(image: str, outside: Outside, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server that keeps its data there, proven, with one person."""
    assert image
    server = Server(tmp_path_factory.mktemp("stored"))
    try:
        done = server.cli("apply", "--answers", str(server.answers(answers(outside))), "--yes")
        assert done.returncode == 0, told(done)
        server.add_user()
        with server.log_in() as ann:
            ann.say(f"bea@{server.domain}", NOTE)
            ann.ping()
        yield server
    finally:
        server.remove()


def answers(outside: Outside, **more: Any) -> dict[str, Any]:  # noqa: ANN401 any answer
    external = {
        "driver": outside.driver,
        "host": outside.address,
        "password_file": str(outside.folder / "right"),
        "trusted_roots": str(outside.folder / "roots.pem"),
        **more,
    }
    given = {f"storage.external.{key}": value for key, value in external.items() if value is not None}
    return {"storage.backend": "external", **given}


def tried(server: Server, outside: Outside, **more: Any) -> tuple[str, str]:  # noqa: ANN401 any answer
    """Run the check in the server's own container, where its secrets are; return which problem it finds, and why."""
    lines = "".join(f"{key} = {value!r}\n" for key, value in answers(outside, **more).items())
    storage = model(lines).storage
    found = trial(backend_of(storage, is_kept=True).checks[0], templates())
    with server.engine() as engine:
        prosody: Container = engine.containers.get(f"{server.project}-prosody")
        done = prosody.exec_run(list(found.command), user="5222:5222")
    assert isinstance(done.output, bytes)
    texts = [str(problem.text) for problem in found.problems if problem.status == done.exit_code]
    assert texts or done.exit_code == 0, done.output
    return (texts[0] if texts else ""), done.output.decode().strip()


def test_what_people_have_goes_there_through_tls_and_the_password_nowhere_else(
    stored: Server, outside: Outside
) -> None:
    assert stored.nothing_to_do()
    assert stored.status()["healthy"]
    assert is_back(stored)
    assert outside.ask(ACCOUNT.format(host=stored.domain), "prosody") == "accounts"
    assert not list((stored.state / "data" / "prosody").rglob("*.sqlite"))
    with stored.engine() as engine:
        prosody: Container = engine.containers.get(f"{stored.project}-prosody")
        assert PASSWORD not in str(engine.api.inspect_container(prosody.id or ""))
        assert PASSWORD.encode() not in prosody.logs()
    assert PASSWORD not in (stored.settings / "prosody/prosody.cfg.lua").read_text()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, ""),
        ({"port": 1}, "cannot be used"),
        ({"local": True}, "cannot be used"),
        ({"local": True, "trusted_roots": None}, ""),
        ({"trusted_roots": None}, "cannot be used"),
        ({"user": "somebody"}, "does not let somebody in"),
        ({"database": "missing"}, "the database missing is not there, or is closed to prosody"),
        ({"database": "closed"}, "the database closed is not there, or is closed to prosody"),
        ({"database": "readable"}, "prosody may not make tables and write in the database readable"),
        ({"database": "foreign_tables"}, "the database foreign_tables has tables of another program"),
        ({"database": "latin"}, "the database latin cannot hold every sign of every language"),
        ({"database": "nothing"}, "the database nothing is empty, but this server has data already"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_what_is_wrong_is_found(stored: Server, outside: Outside, more: dict[str, Any], words: str) -> None:
    given = {"host": outside.local_address, **more} if "local" in more else more
    problem, why = tried(stored, outside, **{key: value for key, value in given.items() if key != "local"})
    assert words in problem, (problem, why)
    assert bool(problem) == bool(words), (problem, why)
    assert PASSWORD not in why


@pytest.mark.parametrize(
    ("key", "file", "words"),
    [("password_file", "wrong", "does not let prosody in"), ("trusted_roots", "others.pem", "cannot be used")],
)
def test_a_wrong_answer_is_told_before_anybody_is_cut_off(
    stored: Server, outside: Outside, key: str, file: str, words: str
) -> None:
    started = stored.started_at()
    done = stored.try_apply(answers(outside, **{key: str(outside.folder / file)}))
    assert (done.returncode, words in " ".join(done.stderr.split())) == (6, True), told(done)
    assert stored.started_at() == started
    assert is_back(stored)
    assert PASSWORD not in told(done)


def test_while_it_is_away_nobody_gets_in_and_later_all_is_well_by_itself(stored: Server, outside: Outside) -> None:
    with stored.log_in() as ann:
        outside.go_away()
        with pytest.raises((RefusedLogInError, ConnectionError)):
            stored.log_in()
        ann.ping()
        outside.come_back()
    wait_until(lambda: is_back(stored), "all is back")


def test_a_server_without_tls_is_told_nothing(stored: Server, outside: Outside) -> None:
    outside.stop()
    outside.speaks_tls = False
    outside.start()
    prepare(outside)
    problem, why = tried(stored, outside)
    assert "cannot be used" in problem, why
    assert why in ("it does not speak TLS", "TLS/SSL error: SSL is required, but the server does not support it")
