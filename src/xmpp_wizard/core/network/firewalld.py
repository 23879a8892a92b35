"""What firewalld lets in, from what ``firewall-cmd --list-all`` says of the zone of the uplink."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from xmpp_wizard.core.network.firewall import Door, door_of

_PRIORITY = re.compile(r'\bpriority="(-?\d+)"')
_FAMILY = re.compile(r'\bfamily="(ipv[46])"')
_ELEMENT = re.compile(
    r'\b(?:(service) name="([^"]+)"|(port) port="([^"]+)" protocol="([^"]+)"|(protocol) value="([^"]+)")'
)
_CONCERNS_FEW = re.compile(r"\b(?:source (?!NOT)|destination |icmp-|masquerade|forward-port|source-port|tcp-mss-clamp)")
_VERDICT = re.compile(r"\b(accept|reject|drop)\b")


@dataclass(frozen=True, slots=True)
class RichRule:
    """A rule of a zone that concerns strangers; ``ports`` are none where it concerns all of them."""

    priority: int
    family: str
    """``ipv4`` or ``ipv6``; empty means both."""
    ports: tuple[str, ...] | None
    lets_in: bool


@dataclass(frozen=True, slots=True)
class Zone:
    """What a zone does with who comes in; ports as ``5222/tcp`` or ``6000-6010/tcp``."""

    lets_all_in: bool
    ports: tuple[str, ...]
    rules: tuple[RichRule, ...]


def listed(text: str) -> Mapping[str, str]:
    """Return the fields of one zone or service as firewall-cmd lists them; rich rules are lines of their own."""
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines()[1:]:
        if line.startswith("\t"):
            found[name] = f"{found[name]}\n{line.strip()}".strip()
        else:
            name, _, value = line.strip().partition(":")
            found[name] = value.strip()
    return found


def zones_with(service: str, text: str) -> tuple[str, ...]:
    """Return the zones that have this service, from what ``--list-all-zones`` says."""
    blocks = (block for block in re.split(r"\n(?=\S)", text.strip()) if block)
    return tuple(block.split()[0] for block in blocks if service in listed(block).get("services", "").split())


def zone(text: str, info: Callable[[str], str]) -> Zone:
    """Return what ``--list-all`` says of a zone; ``info`` returns what ``--info-service`` says of a service."""
    fields = listed(text)
    services = (ports for name in fields.get("services", "").split() for ports in _service_ports(name, info))
    open_protocols = (f"1-65535/{name}" for name in fields.get("protocols", "").split())
    return Zone(
        lets_all_in=fields.get("target") == "ACCEPT",
        ports=(*fields.get("ports", "").split(), *open_protocols, *services),
        rules=tuple(_rich_rules(fields.get("rich rules", "").splitlines(), info)),
    )


def lets_in(found: Zone, door: Door) -> bool:
    """Say whether strangers get in, over IPv4 and over IPv6."""
    return all(_lets_in(found, door, family) for family in ("ipv4", "ipv6"))


def _lets_in(found: Zone, door: Door, family: str) -> bool:
    """Ask in firewalld's own order (firewalld.richlanguage(5)): of the rules without a priority, those that say no."""
    rules = [rule for rule in found.rules if rule.family in ("", family) and _concerns(rule, door)]
    early = [rule.lets_in for rule in rules if rule.priority < 0]
    plain = [rule.lets_in for rule in rules if rule.priority == 0]
    late = [rule.lets_in for rule in rules if rule.priority > 0]
    if early:
        return early[0]
    if False in plain:
        return False
    if True in plain or any(_covers(ports, door) for ports in found.ports):
        return True
    return late[0] if late else found.lets_all_in


def _concerns(rule: RichRule, door: Door) -> bool:
    return rule.ports is None or any(_covers(ports, door) for ports in rule.ports)


def _covers(ports: str, door: Door) -> bool:
    span = door_of(ports)
    if span is None or not ports.endswith(f"/{door.protocol}"):
        return False
    return span.port <= door.port and (door.last or door.port) <= (span.last or span.port)


def _service_ports(name: str, info: Callable[[str], str], seen: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the ports of a service and of those that it includes; none of one for certain addresses only."""
    fields = listed(info(name))
    if name in seen or fields.get("destination"):
        return
    yield from fields.get("ports", "").split()
    for included in fields.get("includes", "").split():
        yield from _service_ports(included, info, (*seen, name))


def _rich_rules(lines: Iterable[str], info: Callable[[str], str]) -> Iterator[RichRule]:
    """Yield the rules that concern strangers, in the order in which they are asked."""
    told = [line for line in lines if _VERDICT.search(line) and not _CONCERNS_FEW.search(line)]
    for line in sorted(told, key=_priority):
        family, verdict = _FAMILY.search(line), _VERDICT.search(line)
        yield RichRule(
            priority=_priority(line),
            family=family[1] if family else "",
            ports=_element_ports(line, info),
            lets_in=verdict is not None and verdict[1] == "accept",
        )


def _priority(line: str) -> int:
    found = _PRIORITY.search(line)
    return int(found[1]) if found else 0


def _element_ports(line: str, info: Callable[[str], str]) -> tuple[str, ...] | None:
    match _ELEMENT.search(line):
        case None:
            return None
        case found if found[1]:
            return tuple(_service_ports(found[2], info))
        case found if found[3]:
            return (f"{found[4]}/{found[5]}",)
        case found:
            return (f"1-65535/{found[7]}",)
