"""firewalld, through its own program firewall-cmd(1)."""

from __future__ import annotations

from collections.abc import Sequence

from xmpp_wizard.core.network.firewall import Door, ObservedFirewall, door_of
from xmpp_wizard.core.network.firewalld import lets_in, listed, zone, zones_with
from xmpp_wizard.effects.program import has_program, run_program

_PROGRAM = "firewall-cmd"


def is_in_charge() -> bool:
    """Say whether it runs here."""
    return has_program(_PROGRAM) and run_program(_PROGRAM, "--state", fails=True).strip() == "running"


def observe(doors: Sequence[Door], name: str, uplink: str) -> ObservedFirewall:
    """Return what it does with strangers who come in over the interface ``uplink``."""
    there = zone(_cmd(f"--zone={_zone_of(uplink)}", "--list-all"), _info)
    ours = filter(None, map(door_of, _own_ports(name)))
    closed = tuple(door for door in doors if not lets_in(there, door))
    return ObservedFirewall("firewalld", closed, ours=tuple(sorted(ours)))


def open_doors(doors: Sequence[Door], name: str, uplink: str) -> None:
    """Open now and for good, without a reload, which would drop what others have opened only for now."""
    place = f"--zone={_zone_of(uplink)}"
    if not _own_ports(name):
        _cmd("--permanent", f"--new-service={name}", fails=True)  # there already after a run that was cut off
    _cmd("--permanent", place, f"--add-service={name}")
    for door in doors:
        _cmd("--permanent", f"--service={name}", f"--add-port={door}")
        _cmd(place, f"--add-port={door}")


def close_doors(doors: Sequence[Door], name: str) -> None:
    """Close now and for good; after a reload firewalld knows of our service, and has no ports of ours beside it."""
    staying = [port for port in _own_ports(name) if port not in map(str, doors)]
    for place in zones_with(name, _cmd("--permanent", "--list-all-zones")):
        theirs = listed(_cmd("--permanent", f"--zone={place}", "--list-all")).get("ports", "").split()
        for door in doors:
            if str(door) not in theirs:
                _cmd(f"--zone={place}", f"--remove-port={door}", fails=True)
        for port in staying:
            _cmd(f"--zone={place}", f"--add-port={port}")
        _cmd(f"--zone={place}", f"--remove-service={name}", fails=True)
        if not staying:
            _cmd("--permanent", f"--zone={place}", f"--remove-service={name}")
    for door in doors:
        _cmd("--permanent", f"--service={name}", f"--remove-port={door}", fails=True)
    if not staying:
        _cmd("--permanent", f"--delete-service={name}", fails=True)


def _cmd(*words: str, fails: bool = False) -> str:
    return run_program(_PROGRAM, *words, fails=fails)


def _zone_of(uplink: str) -> str:
    """Return the zone that strangers come into: the interface's own, else the default one."""
    own = _cmd(f"--get-zone-of-interface={uplink}", fails=True).strip() if uplink else ""
    return own if own and " " not in own else _cmd("--get-default-zone").strip()


def _info(service: str) -> str:
    return _cmd(f"--info-service={service}", fails=True)


def _own_ports(name: str) -> list[str]:
    return _cmd("--permanent", f"--service={name}", "--get-ports", fails=True).split()
