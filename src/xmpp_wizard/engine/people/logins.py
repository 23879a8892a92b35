"""Which devices are logged in just now and where they come from, as Prosody tells it; no messages are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address

from xmpp_wizard.core.errors import WizardError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.engine.people.accounts import PROSODY_USER

PROGRAM = "prosody/logins.lua"
_SECONDS = 5.0
_END = "Result: end"


@dataclass(frozen=True, slots=True)
class Login:
    """One device that is logged in: bare address, and where it comes from."""

    address: str
    ip: str

    @property
    def is_from_outside(self) -> bool:
        """Whether it came through the internet, as far as its address tells."""
        try:
            return ip_address(self.ip).is_global
        except ValueError:
            return False


def logins(world: World, layout: Layout) -> tuple[Login, ...] | None:
    """Return all devices that are logged in; None where the server cannot be asked just now."""
    program = world.appliance.templates()[PROGRAM]
    # in a function of its own: the shell would print its variables otherwise
    command = ["prosodyctl", "shell", f"> return (function()\n{program}\nend)()"]
    name = layout.container("prosody")
    try:
        result = world.containers.run(name, command, user=PROSODY_USER, timeout_seconds=_SECONDS)
    except WizardError:
        return None
    is_whole = result.status == 0 and _END in result.output.splitlines()
    return tuple(parse(result.output)) if is_whole else None


def parse(answer: str) -> list[Login]:
    """Return the devices: a line each, full address and IP address with a tab between."""
    pairs = [line.strip().partition("\t") for line in answer.splitlines()]
    return [Login(jid.partition("/")[0], ip) for jid, tab, ip in pairs if tab and "@" in jid]
