"""What people have in each storage backend, and a ``prosody-data`` that counts and copies it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.fakes.containers import FakeContainers
from tests.fakes.files import FakeFiles

from xmpp_wizard.core.containers import CommandResult

_BACKENDS = {
    'archive = "internal"': "beside",
    '\nstorage = "internal"': "internal",
    "SQLite3": "sqlite",
    "PostgreSQL": "postgresql",
}
_FOLDER = "/etc/xmpp-wizard/prosody/"
_OK = CommandResult(0, "", "")


@dataclass
class FakeStores:
    """Each start of Prosody writes one message to where its configuration says: none of them may ever be lost."""

    files: FakeFiles
    containers: FakeContainers
    records: dict[str, list[str]] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    """All that Prosody ever took."""
    results: dict[str, CommandResult] = field(default_factory=dict)
    """What a verb of the tool shall answer instead."""
    cleared: list[str] = field(default_factory=list)
    """The stores whose files were deleted."""
    loses: bool = False
    """Whether a copy lacks the last record, as the tool then says."""

    def of(self, config: str) -> list[str]:
        """Return the records of the backend that a configuration of this name means."""
        text = self.files.nodes[_FOLDER + config].content.decode()
        return self.records.setdefault(next(name for sign, name in _BACKENDS.items() if sign in text), [])

    def prosody_starts(self) -> None:
        """Write down a message, as people do as soon as they can."""
        self.written.append(f"message {len(self.written)}")
        self.of("prosody.cfg.lua").append(self.written[-1])

    def run(self, _name: str, command: Sequence[str], _user: str, _stdin: bytes) -> CommandResult:
        """Answer a command in a running container."""
        return self._census("census", self.of("prosody.cfg.lua")) if "census" in command else _OK

    def aside(self, _name: str, command: Sequence[str]) -> CommandResult:
        """Answer a command in a container of its own."""
        verb, names = command[1], [word.rpartition("/")[2] for word in command[2:]]
        if verb in self.results:
            return self.results[verb]
        if verb == "clear-files":
            self.cleared += command[3:]
            return _OK
        one, other = self.of(names[0]), self.of(names[1])
        if verb == "clear":
            one.clear()
            return _OK
        if verb == "check":
            output = self._census("source", one).output + self._census("target", other).output
            return CommandResult(0, output, "")
        running = self.containers.containers.get("xmpp-wizard-prosody")
        assert running is None or not running.is_running, "somebody still writes"
        assert other == [], "there is something already"
        other.extend(one[:-1] if self.loses else one)
        event = {"event": "differs", "source": "accounts", "target": ""} if self.loses else {"event": "same"}
        return CommandResult(int(self.loses), f"{json.dumps(event | {'stores': 3})}\n", "")

    def _census(self, event: str, records: Sequence[str]) -> CommandResult:
        counts = {"accounts": 2, "messages": len(records), "records": len(records), "bytes": 100 * len(records)}
        return CommandResult(0, f"{json.dumps({'event': event, **counts})}\n", "")
