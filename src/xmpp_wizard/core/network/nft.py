"""What nftables does with a stranger's first packet: its rules, as ``nft -j list ruleset`` tells them, walked through.

Whatever is not understood is taken both ways: if that makes a difference, the answer is that nobody knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any, Literal, TypeAlias

from xmpp_wizard.core.network.firewall import Door

Rule: TypeAlias = Mapping[str, Any]
Chain: TypeAlias = tuple[str, str, str]
"""Family, table and name."""

_STRANGERS = {"ip": "203.0.113.77", "ip6": "2001:db8:ffff::77"}
"""Somebody far away, in no list of friends."""
_HOOKS = ("prerouting", "input")
_UNKNOWN = object()
_PASSING = ("counter", "log", "limit", "quota", "mangle", "comment", "ct timeout", "meter", "set")


@dataclass(frozen=True, slots=True)
class Packet:
    """The first packet of somebody who wants to come in through ``door``."""

    door: Door
    family: Literal["ip", "ip6"]
    interface: str


@dataclass(frozen=True, slots=True)
class Ruleset:
    """All chains and their rules, and all named sets."""

    bases: tuple[Mapping[str, Any], ...]
    rules: Mapping[Chain, tuple[Rule, ...]]
    sets: Mapping[Chain, Sequence[Any]]


def ruleset(listed: Mapping[str, Any]) -> Ruleset:
    """Return what ``nft -j list ruleset`` printed, sorted."""
    items = listed.get("nftables", [])
    chains = [item["chain"] for item in items if "chain" in item]
    rules: dict[Chain, tuple[Rule, ...]] = {_place(chain, "name"): () for chain in chains}
    for rule in (item["rule"] for item in items if "rule" in item):
        rules[_place(rule, "chain")] = (*rules.get(_place(rule, "chain"), ()), rule)
    bases = [chain for chain in chains if chain.get("type") == "filter" and chain.get("hook") in _HOOKS]
    ordered = sorted(bases, key=lambda chain: (_HOOKS.index(chain["hook"]), chain["prio"]))
    sets = {_place(item[kind], "name"): item[kind].get("elem", ()) for item in items for kind in item if kind in _SETS}
    return Ruleset(tuple(ordered), rules, sets)


_SETS = ("set", "map")


def _place(item: Mapping[str, Any], name: str) -> Chain:
    return item["family"], item["table"], item[name]


def lets_in(found: Ruleset, packet: Packet) -> bool | None:
    """Say whether the packet gets through; None where that cannot be told."""
    verdicts = {_passes(found, packet, unknown=unknown) for unknown in (True, False)}
    return verdicts.pop() if len(verdicts) == 1 else None


def closing_chains(found: Ruleset, packet: Packet) -> Iterator[Chain]:
    """Yield the base chains that do not let the packet through: a rule of ours belongs at the head of each."""
    for chain in found.bases:
        place = _place(chain, "name")
        if _concerns(chain, packet) and not _accepts(found, chain, place, packet, unknown=False):
            yield place


def _passes(found: Ruleset, packet: Packet, *, unknown: bool) -> bool:
    return all(
        _accepts(found, chain, _place(chain, "name"), packet, unknown=unknown)
        for chain in found.bases
        if _concerns(chain, packet)
    )


def _concerns(chain: Mapping[str, Any], packet: Packet) -> bool:
    return chain["family"] in ("inet", packet.family)


def _accepts(found: Ruleset, chain: Mapping[str, Any], place: Chain, packet: Packet, *, unknown: bool) -> bool:
    walk = _Walk(found, packet, unknown=unknown)
    return (walk.through(place) or chain.get("policy", "accept")) == "accept"


@dataclass(frozen=True, slots=True)
class _Walk:
    """One way through the rules; ``unknown`` says how a match that is not understood comes out."""

    found: Ruleset
    packet: Packet
    unknown: bool

    def through(self, place: Chain, depth: int = 0) -> str | None:
        """Return ``accept`` or ``drop``, or None where the chain ends without a verdict."""
        for rule in self.found.rules.get(place, ()) if depth < 16 else ():  # noqa: PLR2004 as the kernel has it
            verdict = self._rule(rule, place, depth)
            if verdict == "return":
                return None
            if verdict is not None:
                return verdict
        return None

    def _rule(self, rule: Rule, place: Chain, depth: int) -> str | None:
        for statement in rule.get("expr", ()):
            kind, value = _only(statement)
            if kind == "match":
                if not self._matches(value, place):
                    return None
            elif kind == "vmap":
                chosen = self._mapped(value, place)
                return self._verdict(chosen, place, depth) if chosen else None
            elif kind in ("accept", "drop", "reject", "return", "jump", "goto"):
                return self._verdict(statement, place, depth)
            elif kind not in _PASSING and not self.unknown:
                return None
        return None

    def _verdict(self, statement: Mapping[str, Any], place: Chain, depth: int) -> str | None:
        kind, value = _only(statement)
        if kind in ("jump", "goto"):
            verdict = self.through((place[0], place[1], value["target"]), depth + 1)
            return verdict or ("return" if kind == "goto" else None)
        return "drop" if kind == "reject" else str(kind)

    def _mapped(self, value: Mapping[str, Any], place: Chain) -> Mapping[str, Any] | None:
        have = self._field(value["key"])
        data = value["data"]
        pairs = data.get("set", ()) if isinstance(data, Mapping) else self._named(data, place)
        for key, verdict in pairs:
            if self.unknown if have is _UNKNOWN else have is not None and self._is_in(have, key, place):
                return verdict if isinstance(verdict, Mapping) else None
        return None

    def _matches(self, value: Mapping[str, Any], place: Chain) -> bool:
        have = self._field(value["left"])
        if have is _UNKNOWN or value["op"] not in ("==", "!=", "in"):
            return self.unknown
        if have is None:
            return False
        return self._is_in(have, value["right"], place) is not (value["op"] == "!=")

    def _field(self, left: Any) -> Any:  # noqa: ANN401, C901, PLR0911 JSON; a line for each form
        """Return what the packet has there: None where it has no such thing, ``_UNKNOWN`` where nobody knows."""
        door, family = self.packet.door, self.packet.family
        match left:
            case {"payload": {"protocol": "th" | "tcp" | "udp" as protocol, "field": "dport"}}:
                return door.port if protocol in ("th", door.protocol) else None
            case {"payload": {"protocol": "tcp" | "udp" as protocol}} if protocol != door.protocol:
                return None
            case {"payload": {"protocol": "ip" | "ip6" as protocol, "field": "saddr"}}:
                return _STRANGERS[family] if protocol == family else None
            case {"payload": {"protocol": "ip" | "ip6" as protocol, "field": "protocol" | "nexthdr"}}:
                return door.protocol if protocol == family else None
            case {"payload": {"protocol": "icmp" | "icmpv6" | "igmp"}}:
                return None
            case {"meta": {"key": "l4proto"}}:
                return door.protocol
            case {"meta": {"key": "nfproto"}}:
                return "ipv4" if family == "ip" else "ipv6"
            case {"meta": {"key": "iif" | "iifname"}}:
                return self.packet.interface
            case {"meta": {"key": "pkttype"}}:
                return "host"
            case {"ct": {"key": "state"}}:
                return "new"
            case {"fib": {"result": "type", "flags": "daddr" | ["daddr"]}}:
                return "local"
        return _UNKNOWN

    def _named(self, name: str, place: Chain) -> Sequence[Any]:
        return self.found.sets.get((place[0], place[1], name.removeprefix("@")), ())

    def _is_in(self, have: Any, right: Any, place: Chain) -> bool:  # noqa: ANN401, PLR0911 JSON; a line for each form
        match right:
            case {"set": items}:
                return any(self._is_in(have, item, place) for item in items)
            case {"elem": {"val": item}}:
                return self._is_in(have, item, place)
            case list():
                return any(self._is_in(have, item, place) for item in right)
            case {"range": [low, high]} if isinstance(have, int):
                return bool(low <= have <= high)
            case {"range": [low, high]}:
                return _is_between(str(have), str(low), str(high))
            case {"prefix": {"addr": address, "len": length}}:
                return _is_below(str(have), f"{address}/{length}")
            case str() if right.startswith("@"):
                return any(self._is_in(have, item, place) for item in self._named(right, place))
            case str() if right.endswith("*"):
                return str(have).startswith(right.removesuffix("*"))
        return bool(have == right or str(have) == str(right))


def _only(statement: Mapping[str, Any]) -> tuple[str, Any]:
    """Return the one thing that a statement is."""
    return next(iter(statement.items()))


def _is_below(address: str, network: str) -> bool:
    one, many = ip_address(address), ip_network(network, strict=False)
    return one.version == many.version and one in many


def _is_between(address: str, low: str, high: str) -> bool:
    numbers = [ip_address(text) for text in (low, address, high)]
    same = len({number.version for number in numbers}) == 1
    return same and int(numbers[0]) <= int(numbers[1]) <= int(numbers[2])
