"""A server in a world of fakes, with people on it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.engine.conftest import wish
from tests.engine.people.crowd import lines
from tests.fakes import Fakes

from xmpp_wizard.core.containers import CommandResult
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.surroundings import Lookup
from xmpp_wizard.engine.applying.apply import Consent, launch
from xmpp_wizard.engine.memory import generations
from xmpp_wizard.engine.people.head_count import HALF_HOUR

LINK = "https://a.example/invite?k3VtQm8sZx1RfYc2LwPdHb7N"
CONTAINER = "xmpp-wizard-prosody"


@dataclass
class Prosody:
    """Answers as prosodyctl and people.lua do."""

    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    invited: list[str] = field(default_factory=list)
    commands: list[Sequence[str]] = field(default_factory=list)
    link: str = LINK

    def add(self, address: str, **about: Any) -> None:  # noqa: ANN401 as in JSON
        """Let somebody have an account."""
        self.people[address] = {"is_enabled": True, "seen_at": 0, "devices": 0, **about}

    def __call__(self, _name: str, command: Sequence[str], _user: str, _stdin: bytes) -> CommandResult:
        self.commands.append(command)
        ok = CommandResult(0, "OK: Done\n", "")
        match list(command):
            case ["prosodyctl", "shell", program] if '"end"' in program and "account_activity" not in program:
                flag = "is_newcomer" if '"newcomer"' in program else "is_held"
                held = [jid for jid, about in self.people.items() if about.get(flag)]
                told = [json.dumps({"address": jid, "since": "", "why": ""}) for jid in held]
                return CommandResult(0, "\n".join([*told, "Result: end", ""]), "")
            case ["prosodyctl", "shell", "flags", "remove", jid, "quarantine" | "newcomer" as flag]:
                self.people[jid]["is_held" if flag == "quarantine" else "is_newcomer"] = False
                return CommandResult(0, "OK: Flag removed\n", "")
            case ["prosodyctl", "shell", program] if "prosody.hosts" in program:
                return CommandResult(0, lines(self._crowd()), "")
            case ["prosodyctl", "adduser", "--", jid]:
                self.add(jid)
            case ["prosodyctl", "shell", "user", "list", _]:
                return CommandResult(0, "".join(f"{jid}\n" for jid in self.people) + "OK: Showing all\n", "")
            case ["prosodyctl", "shell", "user", "delete", jid]:
                self.people.pop(jid, None)
            case ["prosodyctl", "shell", "user", "enable" | "disable" as verb, jid]:
                self.people[jid]["is_enabled"] = verb == "enable"
            case ["prosodyctl", "shell", "invite", "create_account", jid, *_]:
                self.invited.append(jid)
                return CommandResult(0, f"OK: {self.link}\n", "") if self.link else CommandResult(1, "", "")
        return ok

    def _crowd(self) -> dict[str, Any]:
        return {
            "people": [{"address": address, **about} for address, about in self.people.items()],
            "invitations": [
                {"token": str(number), "host": "a.example", "name": jid.partition("@")[0], "expires_at": 2_000_000_000}
                for number, jid in enumerate(self.invited)
            ],
        }


def set_up(fakes: Fakes, **answers: object) -> Prosody:
    """Set a server up that is well, with alice and bob on it."""
    world, layout = fakes.world(), Layout()
    launch(world, layout, wish(**answers), Consent(wants_proof=False))
    good = generations.last_good(world, layout)
    assert good is not None
    target = generations.load_target(world, layout, good.number)
    fakes.listen(target)
    for domain in good.domains:
        fakes.surroundings.names.setdefault(domain, Lookup(fakes.sockets.own_addresses, is_known=True))
    count_heads(fakes, people=1, devices=2, servers=3)
    prosody = Prosody()
    prosody.add("alice@a.example", devices=2)
    prosody.add("bob@a.example")
    fakes.containers.on_run = prosody
    return prosody


def count_heads(fakes: Fakes, people: int, devices: int, servers: int) -> None:
    """Write down who is here as the server does, with a morning and an evening of the last day."""
    now = int(fakes.clock.timestamp())
    slot = now - now % HALF_HOUR
    day = [0] * 12 + [1, 1, 2, 2, 3, 3, 2, 2] + [1] * 14 + [4, 5, 6, 6, 5, 4, 2, 1] + [0] * 5 + [people]
    half_hours = [(slot - (len(day) - 1 - at) * HALF_HOUR, most) for at, most in enumerate(day)]
    found = {"at": now, "people": people, "devices": devices, "servers": servers, "half_hours": half_hours}
    fakes.files.put(str(Layout().data("prosody") / "head_count.json"), json.dumps(found))
