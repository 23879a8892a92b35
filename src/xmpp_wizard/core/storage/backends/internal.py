"""Plain files, one for each person and kind of data (mod_storage_internal)."""

from __future__ import annotations

from xmpp_wizard.core.kit.feature import Set
from xmpp_wizard.core.storage.backend import Backend
from xmpp_wizard.core.text import say

BACKEND = Backend(
    name="internal",
    title=say("Files"),
    summary=say("Plain files. Keeps at most 10000 archived messages a person; good for a handful of people."),
    settings={"storage": Set("internal")},
)
