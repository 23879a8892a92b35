"""What ufw lets in, from what ``ufw status verbose`` says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from xmpp_wizard.core.network.firewall import Door

_RULE = re.compile(
    r"^(?P<to>.+?)\s{2,}(?P<verb>ALLOW|LIMIT|DENY|REJECT)(?: IN)?\s{2,}(?P<source>.+?)(?:\s+# (?P<note>.*))?$"
)


@dataclass(frozen=True, slots=True)
class UfwRule:
    """A rule for who comes in from anywhere, or for everything (``ports`` is empty)."""

    ports: str
    lets_in: bool
    is_six: bool
    note: str


def is_active(text: str) -> bool:
    """Say whether ufw decides anything."""
    return text.startswith("Status: active")


def rules(text: str) -> Iterator[UfwRule]:
    """Yield the rules that concern strangers, in the order in which ufw asks them."""
    for line in text.splitlines():
        found = _RULE.match(line.strip())
        if found and found["source"].removesuffix(" (v6)") == "Anywhere":
            to, is_six = found["to"].removesuffix(" (v6)"), "(v6)" in line
            ports = to.partition(" on ")[0]
            lets_in = found["verb"] in ("ALLOW", "LIMIT")
            yield UfwRule("" if ports == "Anywhere" else ports, lets_in, is_six, found["note"] or "")


def written(door: Door) -> str:
    """Return the door as ufw writes it: ``6000:6007/udp``."""
    return str(door).replace("-", ":")


def lets_in(text: str, door: Door, ports_of: Callable[[str], str]) -> bool:
    """Say whether strangers get in; ``ports_of`` returns the ports of one of ufw's profiles, such as OpenSSH."""
    default = re.search(r"^Default: (\w+) \(incoming\)", text, re.MULTILINE)
    otherwise = default is not None and default[1] == "allow"
    listed = tuple(rules(text))
    families = [[rule for rule in listed if rule.is_six == is_six] for is_six in (False, True)]
    # where ufw leaves IPv6 alone it lists no rule for it
    asked = [family for family in families if family] or [[]]
    return all(_first(family, door, ports_of, otherwise=otherwise) for family in asked)


def opened_by(text: str, note: str) -> tuple[Door, ...]:
    """Return the doors that were opened with this comment."""
    found = {rule.ports for rule in rules(text) if rule.note == note and rule.lets_in}
    pairs = (ports.partition("/") for ports in found)
    spans = ((ports.partition(":"), kind) for ports, _, kind in pairs)
    plain = ((int(low), int(high or 0), kind) for (low, _, high), kind in spans if low.isdigit())
    return tuple(sorted(Door(low, "udp" if kind == "udp" else "tcp", high) for low, high, kind in plain))


def _first(listed: Sequence[UfwRule], door: Door, ports_of: Callable[[str], str], *, otherwise: bool) -> bool:
    for rule in listed:
        ports = rule.ports if not rule.ports or rule.ports[0].isdigit() else ports_of(rule.ports)
        if not rule.ports or any(_covers(part, door) for part in ports.split()):
            return rule.lets_in
    return otherwise


def _covers(ports: str, door: Door) -> bool:
    """Say whether ``80,443/tcp`` or ``6000:6007/udp`` or ``53`` covers the door."""
    numbers, _, protocol = ports.partition("/")
    if protocol not in ("", door.protocol):
        return False
    spans = (part.partition(":") for part in numbers.split(","))
    return any(low.isdigit() and int(low) <= door.port <= int(high or low) for low, _, high in spans)
