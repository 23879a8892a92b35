"""PostgreSQL in a container beside Prosody, reached by a Unix socket alone (mod_storage_sql)."""

from __future__ import annotations

from xmpp_wizard.core.backend import Backend
from xmpp_wizard.core.feature import ContainerSpec, Health, Mount, SecretFile, Set
from xmpp_wizard.core.lua import FileLine
from xmpp_wizard.core.text import say

CONTAINER = "postgresql"
"""Its name, and that of the secret it shares with Prosody."""
USER_ID = 5432
"""uid and gid in its container; fixed in the image."""
DATABASE = "prosody"
"""The database and the role that owns it; made by the image's entrypoint."""
SOCKETS = "/run/postgresql"
SECRET = f"/secrets/{CONTAINER}"
READY = ("/usr/lib/postgresql/17/bin/pg_isready", "-q", "-h", SOCKETS, "-U", DATABASE, "-d", DATABASE)

BACKEND = Backend(
    name="postgresql",
    title=say("PostgreSQL"),
    summary=say("A database server of its own, for many hundreds of people; takes about 50 MB of memory more."),
    settings={
        "storage": Set("sql"),
        "sql": Set(
            {
                "driver": "PostgreSQL",
                "database": DATABASE,
                "username": DATABASE,
                "password": FileLine(SECRET),
                "host": SOCKETS,
            }
        ),
    },
    containers=(
        ContainerSpec(
            name=CONTAINER,
            image="postgres",
            mounts=(
                Mount("data", "/var/lib/postgresql", is_writable=True),
                Mount("secrets", "/secrets"),
                Mount("sockets", SOCKETS, is_writable=True),
            ),
            memory_mb=512,
            # a checkpoint of a busy database on a memory card
            stop_seconds=60,
            user_id=USER_ID,
            health=Health("", 0, DATABASE, "command", READY),
            has_network=False,
        ),
    ),
    secrets=(SecretFile(CONTAINER, shared_with=(CONTAINER,)),),
    mounts=(Mount("sockets", SOCKETS, of=CONTAINER),),
    environment={"AWAIT_DATABASE": f"PostgreSQL {DATABASE} {DATABASE} {SECRET} {SOCKETS}"},
)
