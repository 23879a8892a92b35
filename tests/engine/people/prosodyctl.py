"""Prosody's own tool for accounts."""

from __future__ import annotations

import json
from collections.abc import Sequence

from xmpp_wizard.core.containers import CommandResult


class Prosodyctl:
    """Answers as prosodyctl does."""

    def __init__(self) -> None:
        self.passwords: dict[str, str] = {}
        self.held: list[str] = []
        self.newcomers: list[str] = []
        self.seen: list[tuple[Sequence[str], str, bytes]] = []

    def flagged(self, flag: str) -> list[str]:
        return {"quarantine": self.held, "newcomer": self.newcomers}[flag]

    def __call__(  # noqa: PLR0911 one answer for each command
        self, _name: str, command: Sequence[str], user: str, stdin: bytes
    ) -> CommandResult:
        self.seen.append((command, user, stdin))
        match list(command):
            case ["prosodyctl", "adduser", "--", jid] if jid in self.passwords:
                return CommandResult(1, "", "Error: User exists\n")
            case ["prosodyctl", "passwd", "--", jid] if jid not in self.passwords:
                return CommandResult(1, "", "Error: No such user\n")
            case ["prosodyctl", "adduser" | "passwd", "--", jid]:
                first, second = stdin.decode().splitlines()
                assert first == second
                self.passwords[jid] = first
                return CommandResult(0, "Enter new password: \nRetype new password: \nOK: Done\n", "")
            case ["prosodyctl", "shell", "user", "list", domain]:
                found = [jid for jid in self.passwords if jid.endswith(f"@{domain}")]
                return CommandResult(0, "".join(f"{jid}\n" for jid in found) + f"OK: Showing all {len(found)}\n", "")
            case ["prosodyctl", "shell", "user", "delete", jid]:
                if self.passwords.pop(jid, None) is None:
                    return CommandResult(1, "", "Error: No such user\n")
                return CommandResult(0, "OK: User deleted\n", "")
            case ["prosodyctl", "shell", "invite", "create_account", *_]:
                return CommandResult(0, "OK: https://a.example/invite?t\n", "")
            case ["prosodyctl", "shell", "flags", "remove", jid, flag]:
                self.flagged(flag).remove(jid)
                return CommandResult(0, "OK: Flag removed\n", "")
            case ["prosodyctl", "shell", program] if "account_flags" in program:
                found = self.flagged("newcomer" if '("newcomer", "shared_contacts")' in program else "quarantine")
                lines = [json.dumps({"address": jid, "since": "2026-11-21T08:00:00Z", "why": "x"}) for jid in found]
                return CommandResult(0, "".join(f"{line}\n" for line in lines) + "Result: end\n", "")
        return CommandResult(0, "", "")
