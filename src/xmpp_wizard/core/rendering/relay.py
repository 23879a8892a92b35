"""A relay: a small rented server with an address of its own, from which everything comes here over WireGuard."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xmpp_wizard.core.kit.feature import ConfigFile
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.rendering.templates import config_file

PORT = 51820
"""Where the relay waits for this machine, UDP; WireGuard's usual one."""
HOME, RELAY = "10.52.22.2", "10.52.22.1"
"""The two ends of the tunnel; nobody else sees them."""
_TABLE = 5222
_LONGEST_NAME = 15
_OWN = re.compile(r"^PrivateKey = (\S+)$", re.MULTILINE)
_OTHER = re.compile(r"^PublicKey = (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Keys:
    """The private keys of both ends, and their public ones; base64."""

    home: tuple[str, str]
    relay: tuple[str, str]


def tunnel(layout: Layout) -> str:
    """Return the name of the tunnel: no longer than the kernel takes."""
    return f"xmpp-{layout.instance or 'relay'}"[:_LONGEST_NAME]


def files(
    layout: Layout, address: str, doors: Sequence[Door], keys: Keys, templates: Mapping[str, str]
) -> tuple[str, str]:
    """Return the files for this machine and for the relay, which has the public IPv4 ``address``."""
    common: dict[str, str | int | tuple[str, ...]] = {
        "name": tunnel(layout),
        "home": HOME,
        "relay": RELAY,
        "address": address,
        "port": PORT,
        "table": _TABLE,
        "chain": tunnel(layout).replace("-", "_"),
        "rules": tuple(_rules(doors)),
    }
    ends = (("home", keys.home[0], keys.relay[1]), ("relay", keys.relay[0], keys.home[1]))
    made = (
        config_file(
            ConfigFile("host", "", f"relay/{end}.conf.j2", {**common, "private_key": own, "public_key": other}),
            templates,
        )
        for end, own, other in ends
    )
    home, relay = made
    return home, relay


def keys_in(home: str, relay: str) -> Keys | None:
    """Return the keys of two files that were made before; None where they do not belong together."""
    own = [_OWN.search(text) for text in (home, relay)]
    other = [_OTHER.search(text) for text in (home, relay)]
    if not all((*own, *other)):
        return None
    private = [found[1] for found in own if found]
    public = [found[1] for found in other if found]
    return Keys((private[0], public[1]), (private[1], public[0]))


def _rules(doors: Sequence[Door]) -> list[str]:
    kinds = {kind: [str(door).partition("/")[0] for door in doors if door.protocol == kind] for kind in ("tcp", "udp")}
    return [f"{kind} dport {{ {', '.join(ports)} }}" for kind, ports in kinds.items() if ports]
