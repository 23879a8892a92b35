"""Other people's containers, read from the engine's own list of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xmpp_wizard.core.network.listeners import Neighbour

_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 what the engine writes for all addresses


def neighbour(item: Mapping[str, Any]) -> Neighbour:
    """Return one entry of the engine's list (``GET /containers/json``)."""
    networks = ((item.get("NetworkSettings") or {}).get("Networks") or {}).values()
    places = {
        ("" if port.get("IP", "") in _EVERYWHERE else port.get("IP", ""), port["PublicPort"])
        for port in item.get("Ports") or ()
        if port.get("PublicPort") and port.get("Type") == "tcp"
    }
    return Neighbour(
        id=item["Id"],
        name=next(iter(item["Names"]), "/").removeprefix("/"),
        image=item["Image"],
        ports=tuple(sorted(places)),
        folders={mount["Destination"]: mount["Source"] for mount in item.get("Mounts") or () if mount.get("Source")},
        gateway=next((network["Gateway"] for network in networks if network.get("Gateway")), ""),
    )
