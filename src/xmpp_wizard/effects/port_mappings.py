"""Ports of a router that lead to a machine, ordered in UPnP (WANIPConnection); it tells whom each leads to."""

from __future__ import annotations

from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.router import Holder, Order, Refusal
from xmpp_wizard.effects.upnp import NO_ANSWER, Service, UpnpError

_NO_SUCH_ENTRY, _CONFLICTS = 714, (718, 729)
_ONLY_FOREVER = 725
_FORBIDDEN = (401, 606)


def is_way_out(service: Service) -> bool:
    """Say whether this one is in use: some routers offer several."""
    try:
        return service.call("GetExternalIPAddress").get("NewExternalIPAddress", "") not in ("", "0.0.0.0")  # noqa: S104 none
    except UpnpError:
        return False


def holder(service: Service, door: Door) -> Holder | None:
    """Return whom the door leads to; None for nobody, or where the router does not tell.

    Raises:
        UpnpError: it does not answer at all.
    """
    try:
        found = service.call("GetSpecificPortMappingEntry", **_place(door))
    except UpnpError as error:
        if error.code == NO_ANSWER:
            raise
        return None
    address = found.get("NewInternalClient", "")
    is_on = found.get("NewEnabled", "1") != "0"
    return Holder(address, found.get("NewPortMappingDescription", "")) if address and is_on else None


def ordered(service: Service, order: Order, door: Door) -> int | Refusal:
    """Return how long the door leads here, as the router says when it is asked back; or why it does not."""
    try:
        before = holder(service, door)
        if before is not None and before.address != order.address:
            return Refusal(door, "taken", before.address)
        holds = _add(service, order, door)
        after = holder(service, door)
    except UpnpError as error:
        if error.code in _CONFLICTS:
            return Refusal(door, "taken", detail=error.words)
        return error.refusal(door, _FORBIDDEN)
    if after is None or after.address != order.address:
        # some say yes and do nothing, because a switch on their page is off
        return Refusal(door, "forbidden", after.address if after else "")
    return holds


def released(service: Service, order: Order, door: Door) -> bool:
    """Take the door back if it leads here; say whether it no longer does.

    Raises:
        UpnpError: the router does not answer at all.
    """
    found = holder(service, door)
    if found is None or found.address != order.address:
        return True  # gone already, or somebody else's by now
    try:
        service.call("DeletePortMapping", **_place(door))
    except UpnpError as error:
        if error.code == NO_ANSWER:
            raise
        return error.code == _NO_SUCH_ENTRY
    return True


def _place(door: Door) -> dict[str, str | int]:
    return {"NewRemoteHost": "", "NewExternalPort": door.port, "NewProtocol": door.protocol.upper()}


def _add(service: Service, order: Order, door: Door) -> int:
    arguments: dict[str, str | int] = {
        "NewInternalPort": door.port,
        "NewInternalClient": order.address,
        "NewEnabled": 1,
        "NewPortMappingDescription": order.name,
    }
    try:
        service.call("AddPortMapping", **_place(door), **arguments, NewLeaseDuration=order.seconds)
    except UpnpError as error:
        if error.code != _ONLY_FOREVER:
            raise
        service.call("AddPortMapping", **_place(door), **arguments, NewLeaseDuration=0)
        return 0
    return order.seconds
