"""One SQLite file in the data folder (mod_storage_sql): the right choice up to a few hundred people."""

from __future__ import annotations

from xmpp_wizard.core.kit.feature import Set
from xmpp_wizard.core.storage.backend import Backend
from xmpp_wizard.core.text import say

BACKEND = Backend(
    name="sqlite",
    title=say("SQLite"),
    summary=say("One database file, nothing to look after; good up to a few hundred people."),
    settings={
        "storage": Set("sql"),
        "sql": Set({"driver": "SQLite3", "database": "prosody.sqlite"}),
        "sqlite_tune": Set("normal"),
    },
)
