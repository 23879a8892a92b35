"""MariaDB in a container beside Prosody."""

from __future__ import annotations

from xmpp_wizard.core.storage.database import DATABASE, Database, backend
from xmpp_wizard.core.text import say

SOCKETS = "/run/mysqld"
MARIADB = Database(
    name="mariadb",
    driver="MySQL",
    image="mariadb",
    user_id=3306,
    data="/var/lib/mysql",
    sockets=SOCKETS,
    host=f"{SOCKETS}/mysqld.sock",
    ready=("/usr/bin/mariadb", "--batch", "--execute=DO 0", DATABASE),
)

BACKEND = backend(
    MARIADB,
    title=say("MariaDB"),
    summary=say("A database server of its own, for those who know it; takes about 70 MB of memory more."),
)
