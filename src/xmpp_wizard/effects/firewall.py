"""The firewall of this host: plain nftables, or ufw or firewalld through their own programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from xmpp_wizard.core.errors import DiskError, EffectError
from xmpp_wizard.core.network import nft, ufw
from xmpp_wizard.core.network.firewall import Door, ObservedFirewall
from xmpp_wizard.core.text import say
from xmpp_wizard.effects import firewalld
from xmpp_wizard.effects.program import has_program, run_program

_PERSISTENT = Path("etc/systemd/system/nftables.service.d")


class HostFirewall:
    """:class:`~xmpp_wizard.core.network.firewall.Firewall` of this host."""

    def __init__(self, root: Path = Path("/")) -> None:
        """``root`` is where ``proc`` and ``etc`` are."""
        self._root = root

    def observe(self, doors: Sequence[Door], name: str) -> ObservedFirewall:
        """Ask who is in charge: ufw and firewalld come before the rules that they write."""
        if has_program("ufw") and ufw.is_active(status := run_program("ufw", "status", "verbose")):
            closed = tuple(door for door in doors if not all(ufw.lets_in(status, end, _profile) for end in door.ends))
            return ObservedFirewall("ufw", closed, ours=ufw.opened_by(status, name))
        if firewalld.is_in_charge():
            return firewalld.observe(doors, name, self._uplink())
        if not has_program("nft"):
            return ObservedFirewall()
        return self._observed_nftables(doors, name)

    def open(self, doors: Sequence[Door], name: str) -> None:
        """Open exactly these, with ``name`` as a comment."""
        match self.observe(doors, name).kind:
            case "ufw":
                for door in doors:
                    run_program("ufw", "allow", ufw.written(door), "comment", name)
            case "firewalld":
                firewalld.open_doors(doors, name, self._uplink())
            case "nftables":
                self._open_nftables(doors, name)
            case _:
                raise EffectError(say("there is no firewall here any more that could be opened"))

    def close(self, doors: Sequence[Door], name: str) -> None:
        """Take back what :meth:`open` did; rules of others stay, even if they open the same."""
        match self.observe(doors, name).kind:
            case "ufw":
                for door in doors:
                    run_program("ufw", "delete", "allow", ufw.written(door))
            case "firewalld":
                firewalld.close_doors(doors, name)
            case "nftables":
                self._close_nftables(doors, name)
            case _:
                pass

    # --- nftables

    def _observed_nftables(self, doors: Sequence[Door], name: str) -> ObservedFirewall:
        listed = _listed()
        found = nft.ruleset(listed)
        if not found.bases:
            return ObservedFirewall()
        verdicts = {door: [nft.lets_in(found, packet) for packet in self._packets(door)] for door in doors}
        return ObservedFirewall(
            "nftables",
            closed=tuple(door for door, answers in verdicts.items() if False in answers),
            unsure=tuple(door for door, answers in verdicts.items() if None in answers and False not in answers),
            ours=tuple(sorted({door for rule in _own_rules(listed, name) for door in _doors_of(rule)})),
        )

    def _packets(self, door: Door) -> Iterable[nft.Packet]:
        return (nft.Packet(end, family, self._uplink()) for end in door.ends for family in ("ip", "ip6"))

    def _uplink(self) -> str:
        """Return the interface of the default route; strangers come in there."""
        found = [fields[0] for fields in self._routes("route")[1:] if fields[1] == "00000000"]
        everywhere = ["0" * 32, "00"]
        found += [
            fields[-1] for fields in self._routes("ipv6_route") if fields[:2] == everywhere and fields[-1] != "lo"
        ]
        return next(iter(found), "")

    def _routes(self, table: str) -> list[list[str]]:
        """Return the fields of each line of one of the kernel's tables; none where it does not speak that family."""
        file = self._root / "proc/net" / table
        return [line.split() for line in file.read_text().splitlines()] if file.exists() else []

    def _open_nftables(self, doors: Sequence[Door], name: str) -> None:
        found = nft.ruleset(_listed())
        commands = []
        for door in doors:
            places = dict.fromkeys(
                chain.from_iterable(nft.closing_chains(found, packet) for packet in self._packets(door))
            )
            commands += [_command(*place, door, name) for place in places]
        if commands:
            run_program("nft", "-f", "-", stdin="\n".join(commands) + "\n")
            self._remember(name)

    def _remember(self, name: str) -> None:
        """Let nftables' own service make the same rules after each start and reload; its file stays as it is."""
        folder = self._root / _PERSISTENT
        if not folder.parent.is_dir():
            return
        own = [(rule, door) for rule in _own_rules(_listed(), name) for door in _doors_of(rule)]
        commands = [_command(rule["family"], rule["table"], rule["chain"], door, name) for rule, door in own]
        calls = [f"-/usr/sbin/nft '{command}'" for command in commands]
        lines = [f"{when}={call}" for when in ("ExecStartPost", "ExecReload") for call in calls]
        file = folder / f"{name}.conf"
        try:
            if lines:
                folder.mkdir(exist_ok=True)
                file.write_text("\n".join(["[Service]", *lines, ""]))
            elif file.exists():
                file.unlink()
                if not any(folder.iterdir()):
                    folder.rmdir()
        except OSError as error:
            raise DiskError(say("cannot write {path}: {reason}", path=folder, reason=error.strerror)) from error
        if (self._root / "run/systemd/system").is_dir():
            run_program("systemctl", "daemon-reload")

    def _close_nftables(self, doors: Sequence[Door], name: str) -> None:
        for rule in _own_rules(_listed(), name):
            if set(_doors_of(rule)) <= set(doors):
                place = (rule["family"], rule["table"], rule["chain"], "handle", str(rule["handle"]))
                run_program("nft", "delete", "rule", *place)
        self._remember(name)


def _command(family: str, table: str, place: str, door: Door, name: str) -> str:
    return f'insert rule {family} {table} {place} {door.protocol} dport {door.ports} accept comment "{name}"'


def _listed() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run_program("nft", "-j", "list", "ruleset"))
    return found


def _own_rules(listed: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rules = (item["rule"] for item in listed.get("nftables", []) if "rule" in item)
    return [rule for rule in rules if rule.get("comment") == name]


def _doors_of(rule: dict[str, Any]) -> Iterable[Door]:
    for statement in rule["expr"]:
        match statement:
            case {"match": {"left": {"payload": {"protocol": "tcp" | "udp" as protocol}}, "right": int(port)}}:
                yield Door(port, protocol)
            case {
                "match": {
                    "left": {"payload": {"protocol": "tcp" | "udp" as protocol}},
                    "right": {"range": [int(first), int(last)]},
                }
            }:
                yield Door(first, protocol, last)


# --- ufw


def _profile(name: str) -> str:
    """Return the ports of one of ufw's profiles; of an unknown one none."""
    lines = run_program("ufw", "app", "info", name, fails=True).partition("Ports:")[2].partition("Port:")
    return " ".join((lines[0] + lines[2]).split())
