"""PostgreSQL on a real server: proven, reached by a socket alone, and back with everybody's data whatever ends it."""

from __future__ import annotations

import pytest
from tests.e2e.server.databases import KeptInADatabase
from tests.e2e.server.machine import Server

from xmpp_wizard.core.storage.backends.postgresql import POSTGRESQL

pytestmark = pytest.mark.e2e


class TestPostgresql(KeptInADatabase):
    database = POSTGRESQL
    ask = ("psql", "-AtX", "-d", "prosody", "-c")
    ask_as_prosody = ("psql", "-wAtX", "-U", "prosody", "-d", "prosody", "-c")
    password_variable = "PGPASSWORD"
    administrator = "postgres"
    socket = ".s.PGSQL.5432"
    refusal = b'Peer authentication failed for user "postgres"'
    version = (
        "PG_VERSION",
        "15\n",
        "these data are of PostgreSQL 15, and this is PostgreSQL 17. Nothing was changed.",
    )
    facts = (
        (
            "SELECT current_setting(name) FROM unnest(ARRAY['data_checksums', 'fsync', 'server_encoding']) AS name",
            "on on UTF8",
        ),
        ("SELECT datcollate FROM pg_database WHERE datname = 'prosody'", "C"),
        ("SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = 'prosody'", "f"),
    )
    begun = "base"

    def after_a_power_cut(self, server: Server) -> None:
        """Leave a lock with the number of a process that is another one's now."""
        lock = server.state / "data/postgresql/data/postmaster.pid"
        lock.write_text(lock.read_text().replace(lock.read_text().split()[0], "1", 1))
