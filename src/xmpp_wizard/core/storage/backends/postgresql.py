"""PostgreSQL in a container beside Prosody."""

from __future__ import annotations

from xmpp_wizard.core.storage.database import DATABASE, Database, backend
from xmpp_wizard.core.text import say

SOCKETS = "/run/postgresql"
POSTGRESQL = Database(
    name="postgresql",
    driver="PostgreSQL",
    image="postgres",
    user_id=5432,
    data="/var/lib/postgresql",
    sockets=SOCKETS,
    host=SOCKETS,
    ready=("/usr/lib/postgresql/17/bin/pg_isready", "-q", "-h", SOCKETS, "-U", DATABASE, "-d", DATABASE),
)

BACKEND = backend(
    POSTGRESQL,
    title=say("PostgreSQL"),
    summary=say("A database server of its own, for many hundreds of people; takes about 50 MB of memory more."),
)
