"""A database server in a container of its own beside Prosody, reached by a Unix socket alone (mod_storage_sql)."""

from __future__ import annotations

from dataclasses import dataclass

from xmpp_wizard.core.kit.feature import ContainerSpec, Health, Mount, SecretFile, Set
from xmpp_wizard.core.lua import FileLine
from xmpp_wizard.core.storage.backend import Backend
from xmpp_wizard.core.text import Text

DATABASE = "prosody"
"""The database and the user that owns it; made by the image's entrypoint."""


@dataclass(frozen=True, slots=True)
class Database:
    """What one such server has that others have not. Paths are those in the containers."""

    name: str
    """Its container's, and that of the secret it shares with Prosody."""
    driver: str
    """Prosody's word for it."""
    image: str
    user_id: int
    """uid and gid in its container; fixed in the image."""
    data: str
    sockets: str
    """The folder in which it listens."""
    host: str
    """How Prosody names its socket: that folder, or a file in it."""
    ready: tuple[str, ...]
    """A command in its container that exits with 0 once it answers."""

    @property
    def secret(self) -> str:
        """The file with its password, in both containers."""
        return f"/secrets/{self.name}"


def backend(database: Database, title: Text, summary: Text) -> Backend:
    """Return the backend: the container without a network, its password, and how Prosody gets there."""
    return Backend(
        name=database.name,
        title=title,
        summary=summary,
        settings={
            "storage": Set("sql"),
            "sql": Set(
                {
                    "driver": database.driver,
                    "database": DATABASE,
                    "username": DATABASE,
                    "password": FileLine(database.secret),
                    "host": database.host,
                }
            ),
        },
        containers=(_container(database),),
        secrets=(SecretFile(database.name, shared_with=(database.name,)),),
        mounts=(Mount("sockets", database.sockets, of=database.name),),
        environment={
            "AWAIT_DATABASE": f"{database.driver} {DATABASE} {DATABASE} {database.secret} {database.host}",
        },
    )


def _container(database: Database) -> ContainerSpec:
    return ContainerSpec(
        name=database.name,
        image=database.image,
        mounts=(
            Mount("data", database.data, is_writable=True),
            Mount("secrets", "/secrets"),
            Mount("sockets", database.sockets, is_writable=True),
        ),
        memory_mb=512,
        # a busy database writes all that it holds in memory to a memory card
        stop_seconds=60,
        user_id=database.user_id,
        health=Health("", 0, DATABASE, "command", database.ready),
        has_network=False,
    )
