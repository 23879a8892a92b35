"""MariaDB on a real server: proven, reached by a socket alone, and back with everybody's data whatever ends it."""

from __future__ import annotations

import pytest
from tests.e2e.server.databases import KeptInADatabase

from xmpp_wizard.core.storage.backends.mariadb import MARIADB

pytestmark = pytest.mark.e2e


class TestMariadb(KeptInADatabase):
    database = MARIADB
    ask = ("mariadb", "--batch", "--skip-column-names", "prosody", "--execute")
    ask_as_prosody = ("mariadb", "--user=prosody", "--batch", "--skip-column-names", "prosody", "--execute")
    password_variable = "MYSQL_PWD"
    administrator = "mysql"
    socket = "mysqld.sock"
    refusal = b"Access denied for user 'mysql'@'localhost'"
    version = (
        "mariadb_upgrade_info",
        "10.11.6-MariaDB",
        "these data are of MariaDB 10.11, and this is MariaDB 11.8. Nothing was changed.",
    )
    facts = (
        ("SELECT @@innodb_flush_log_at_trx_commit, @@innodb_doublewrite", "1 ON"),
        ("SELECT @@skip_networking, @@have_ssl", "1 DISABLED"),
        (
            "SELECT DISTINCT collation_name FROM information_schema.columns WHERE table_schema = 'prosody'",
            "NULL utf8mb4_bin",
        ),
        ("SELECT user FROM mysql.user ORDER BY user", "mariadb.sys mysql prosody"),
        ("SELECT privilege_type FROM information_schema.user_privileges WHERE grantee LIKE '%prosody%'", "USAGE"),
    )
    begun = "mysql"
