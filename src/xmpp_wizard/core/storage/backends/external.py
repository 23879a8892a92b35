"""A database server that somebody else looks after: PostgreSQL, MariaDB or MySQL, over TLS (mod_storage_sql).

What Prosody has no option for, both client libraries take inside another value (``docs/decisions/0008``): libpq a URI
for the name of the database, the MariaDB connector a connection string for the name of the host.
"""

from __future__ import annotations

from ipaddress import ip_address

from xmpp_wizard.core.kit.checks import Check, Problem
from xmpp_wizard.core.kit.feature import Reference, Set
from xmpp_wizard.core.lua import FileLine, LuaValue
from xmpp_wizard.core.storage.answers import ExternalAnswers
from xmpp_wizard.core.storage.backend import Backend
from xmpp_wizard.core.text import say

PASSWORD, ROOTS = "database.password", "database-roots.pem"
SECRET, ROOTS_FILE = f"/secrets/{PASSWORD}", f"/etc/prosody/{ROOTS}"
WORLD = "/etc/ssl/certs"
"""The authorities that the whole world believes, in Prosody's container."""
CONNECT_SECONDS = 10
SILENCE_MILLISECONDS = 20_000
"""Prosody does nothing else while it waits for its database; one that vanished must not hold it for a quarter of an
hour, as the kernel would (libpq ``tcp_user_timeout``; the MariaDB connector has no such option in its string)."""
PORTS = {"postgresql": 5432, "mysql": 3306}
DRIVERS = {"postgresql": "PostgreSQL", "mysql": "MySQL"}

NOT_REACHED, NOT_LET_IN, NO_DATABASE, TOO_OLD, WRONG_SIGNS, NO_RIGHTS, NOT_OURS, EMPTY = range(11, 19)
"""What ``templates/prosody/database.lua`` ends with."""


def backend(answers: ExternalAnswers, *, is_kept: bool = False) -> Backend:
    """Return how Prosody gets to the database; where it keeps data there already, an empty one is refused."""
    parameters: dict[str, LuaValue] = {
        "driver": DRIVERS[answers.driver],
        "database": _database(answers),
        "username": answers.user,
        "password": FileLine(SECRET),
        "host": _host(answers),
        "port": answers.port or PORTS[answers.driver],
    }
    return Backend(
        name="external",
        title=say("your own database server"),
        summary=say("A PostgreSQL, MariaDB or MySQL server that you have, over TLS."),
        settings={"storage": Set("sql"), "sql": Set(parameters)},
        environment={"AWAIT_DATABASE": " ".join(_connection(answers))},
        references=_references(answers),
        checks=(_check(answers, is_kept=is_kept),),
    )


def is_here(host: str) -> bool:
    """Say whether ``host`` is this very machine: on the way there nobody else can listen."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_certified(answers: ExternalAnswers) -> bool:
    return answers.trusted_roots is not None or not is_here(answers.host)


def _database(answers: ExternalAnswers) -> str:
    """Return what libpq takes for a database (PostgreSQL 17 manual, 32.1.1 and 32.1.2); else its plain name."""
    if answers.driver != "postgresql":
        return answers.database
    roots = ROOTS_FILE if answers.trusted_roots else "system"
    tls = f"sslmode=verify-full&sslrootcert={roots}" if _is_certified(answers) else "sslmode=prefer"
    waits = f"connect_timeout={CONNECT_SECONDS}&tcp_user_timeout={SILENCE_MILLISECONDS}"
    return f"postgresql:///{answers.database}?{tls}&{waits}&target_session_attrs=read-write"


def _host(answers: ExternalAnswers) -> str:
    """Return what the MariaDB connector takes for a host (``mariadb_connect``, since 3.3); else its plain name."""
    if answers.driver != "mysql":
        return answers.host
    roots = f"ssl-ca={ROOTS_FILE}" if answers.trusted_roots else f"ssl-capath={WORLD}"
    tls = f";{roots};ssl-verify-server-cert=1" if _is_certified(answers) else ""
    return f"host={answers.host}{tls};connect-timeout={CONNECT_SECONDS}"


def _connection(answers: ExternalAnswers) -> tuple[str, ...]:
    """Return what programs in Prosody's container need to connect; no word of it has a space."""
    port = str(answers.port or PORTS[answers.driver])
    return (DRIVERS[answers.driver], _database(answers), answers.user, SECRET, _host(answers), port)


def _references(answers: ExternalAnswers) -> tuple[Reference, ...]:
    found = []
    if answers.password_file:
        found.append(Reference(answers.password_file, PASSWORD, "storage.external.password_file", is_secret=True))
    if answers.trusted_roots:
        found.append(Reference(answers.trusted_roots, ROOTS, "storage.external.trusted_roots", holds_certificates=True))
    return tuple(found)


def _check(answers: ExternalAnswers, *, is_kept: bool) -> Check:
    return Check(
        name="database",
        title=say("Try the database"),
        program="prosody/database.lua",
        arguments=(*_connection(answers), "kept" if is_kept else "new"),
        problems=_problems(answers),
    )


def _problems(answers: ExternalAnswers) -> tuple[Problem, ...]:
    host, database, user = answers.host, answers.database, answers.user
    return (
        Problem(
            NOT_REACHED,
            say("the database server {host} cannot be used", host=host),
            say(
                "Does it run there, and speak TLS? Is its certificate for that name, and its authority in "
                "storage.external.trusted_roots?"
            ),
        ),
        Problem(
            NOT_LET_IN,
            say("the database server {host} does not let {user} in", host=host, user=user),
            say(
                "Correct storage.external.user or the password in storage.external.password_file; may that user come "
                "from this machine? Then run again."
            ),
        ),
        Problem(
            NO_DATABASE,
            say("the database {database} is not there, or is closed to {user}", database=database, user=user),
            say("Make it, or correct storage.external.database; docs/storage.md has the lines. Then run again."),
        ),
        Problem(
            TOO_OLD,
            say("the database server {host} is too old", host=host),
            say("PostgreSQL 12, MariaDB 10.5 and MySQL 8.0 are the oldest that will do."),
        ),
        Problem(
            WRONG_SIGNS,
            say("the database {database} cannot hold every sign of every language", database=database),
            say("Make it anew with UTF-8 (MariaDB, MySQL: utf8mb4 with utf8mb4_bin); docs/storage.md has the lines."),
        ),
        Problem(
            NO_RIGHTS,
            say("{user} may not make tables and write in the database {database}", user=user, database=database),
            say("Let that user own the database, or have all rights in it; docs/storage.md has the lines."),
        ),
        Problem(
            NOT_OURS,
            say("the database {database} has tables of another program", database=database),
            say("Name an empty one in storage.external.database, then run again."),
        ),
        Problem(
            EMPTY,
            say("the database {database} is empty, but this server has data already", database=database),
            say("Put storage.external back, or copy the old database there first; then run again."),
        ),
    )


BACKEND = backend(ExternalAnswers())
