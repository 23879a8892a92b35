"""A server keeps its data with somebody else's PostgreSQL or MariaDB: over TLS, and what is wrong stops nobody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.models.containers import Container
from tests.e2e.server.databases import ACCOUNT, NOTE, begin, is_back
from tests.e2e.server.faults import wait_until
from tests.e2e.server.machine import Server, told
from tests.e2e.server.outside import PASSWORD, Outside, OutsideMariadb, OutsidePostgresql
from tests.e2e.server.xmpp import RefusedLogInError
from tests.servers import answers as model
from tests.servers import templates

from xmpp_wizard.core.kit.checks import trial
from xmpp_wizard.core.storage.backends import backend_of
from xmpp_wizard.core.storage.backends.external import PASSWORD as PASSWORD_FILE
from xmpp_wizard.core.storage.backends.external import ROOTS

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
    for name in ("secrets", "config"):
        (folder / name).mkdir(mode=0o755)
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
    with Server(tmp_path_factory.mktemp("stored")) as server:
        begin(server, answers(outside))
        yield server


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


@pytest.fixture(scope="module")
def asking(image: str, outside: Outside) -> Iterator[Container]:
    """Give a container of Prosody's image in which a check can be run, as on a server; its files are the test's."""
    engine = docker.from_env()
    container = engine.containers.run(
        image,
        detach=True,
        network_mode="host",
        user="5222:5222",
        entrypoint=["sleep", "1800"],
        volumes=[f"{outside.folder / 'secrets'}:/secrets", f"{outside.folder / 'config'}:/etc/prosody"],
    )
    yield container
    container.remove(force=True)
    engine.close()


def tried(
    asking: Container,
    outside: Outside,
    given: dict[str, Any] | None = None,
    *,
    password: str = PASSWORD,
    roots: str = "roots.pem",
    is_kept: bool = False,
) -> tuple[str, str]:
    """Run the check; return which problem it finds, and why."""
    for folder, name, text in (
        ("secrets", PASSWORD_FILE, f"{password}\n"),
        ("config", ROOTS, (outside.folder / roots).read_text()),
    ):
        (outside.folder / folder / name).write_text(text)
    lines = "".join(f"{key} = {value!r}\n" for key, value in answers(outside, **(given or {})).items())
    found = trial(backend_of(model(lines).storage, is_kept=is_kept).checks[0], templates())
    done = asking.exec_run(list(found.command))
    assert isinstance(done.output, bytes)
    texts = [str(problem.text) for problem in found.problems if problem.status == done.exit_code]
    assert texts or done.exit_code == 0, done.output
    return (texts[0] if texts else ""), done.output.decode().strip()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, ""),
        ({"port": 1}, "cannot be used"),
        ({"trusted_roots": None}, "cannot be used"),
        ({"user": "somebody"}, "does not let somebody in"),
        ({"database": "missing"}, "the database missing is not there, or is closed to prosody"),
        ({"database": "closed"}, "the database closed is not there, or is closed to prosody"),
        ({"database": "readable"}, "prosody may not make tables and write in the database readable"),
        ({"database": "foreign_tables"}, "the database foreign_tables has tables of another program"),
        ({"database": "latin"}, "the database latin cannot hold every sign of every language"),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else "",
)
def test_what_is_wrong_is_found(asking: Container, outside: Outside, given: dict[str, Any], words: str) -> None:
    problem, why = tried(asking, outside, given)
    assert words in problem, (problem, why)
    assert bool(problem) == bool(words), (problem, why)
    assert PASSWORD not in why


def test_an_empty_one_is_refused_once_data_are_there(asking: Container, outside: Outside) -> None:
    problem, _ = tried(asking, outside, is_kept=True)
    assert problem == "the database prosody is empty, but this server has data already"


def test_a_wrong_password_is_found(asking: Container, outside: Outside) -> None:
    problem, why = tried(asking, outside, password="guessed")
    assert "does not let prosody in" in problem, why
    assert "guessed" not in why


def test_a_certificate_of_another_authority_or_name_is_not_believed(asking: Container, outside: Outside) -> None:
    assert "cannot be used" in tried(asking, outside, roots="others.pem")[0]
    elsewhere = {"host": outside.local_address}
    assert "cannot be used" in tried(asking, outside, elsewhere)[0]
    # no certificate is asked for on the way to this very machine
    assert tried(asking, outside, {**elsewhere, "trusted_roots": None})[0] == ""


@pytest.mark.long
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


@pytest.mark.long
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


@pytest.mark.long
def test_while_it_is_away_nobody_gets_in_and_later_all_is_well_by_itself(stored: Server, outside: Outside) -> None:
    with stored.log_in() as ann:
        outside.go_away()
        with pytest.raises((RefusedLogInError, ConnectionError)):
            stored.log_in()
        ann.ping()
        (problem,) = stored.status()["problems"]
        assert problem.startswith(f"the database server {outside.address} cannot be used: ")
        outside.come_back()
    wait_until(lambda: is_back(stored), "all is back")
    assert stored.status()["healthy"]


@pytest.mark.long
def test_everybody_moves_there_once_it_is_fit(image: str, outside: Outside, tmp_path: Path) -> None:
    assert image
    with Server(tmp_path) as server:
        server.apply()
        server.add_user()
        with server.log_in() as ann:
            ann.say(f"bea@{server.domain}", NOTE)
            ann.ping()
        started = server.started_at()
        done = server.try_apply(answers(outside, database="readable"))
        assert (done.returncode, "may not make tables" in " ".join(done.stderr.split())) == (6, True), told(done)
        assert server.started_at() == started
        server.apply(answers(outside, database="nothing"))
        assert is_back(server)
        assert outside.ask(ACCOUNT.format(host=server.domain), "nothing") == "accounts"


def test_a_server_without_tls_is_told_nothing(asking: Container, outside: Outside) -> None:
    outside.stop()
    outside.speaks_tls = False
    outside.start()
    prepare(outside)
    problem, why = tried(asking, outside)
    assert "cannot be used" in problem, why
    assert why in ("it does not speak TLS", "TLS/SSL error: SSL is required, but the server does not support it")
