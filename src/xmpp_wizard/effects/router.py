"""The router of this network, told in the first language that it understands: UPnP, PCP or NAT-PMP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256

from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.router import Holder, Language, Led, Order, Reason, Refusal
from xmpp_wizard.effects import pcp
from xmpp_wizard.effects.upnp import SSDP, Service, UpnpError, services

_NONCE_BYTES = 12
_NO_SUCH_ENTRY, _CONFLICTS = 714, (718, 729)
_ONLY_FOREVER = 725
_FORBIDDEN = (401, 606)


class HostRouter:
    """:class:`~xmpp_wizard.core.network.router.Router` of this machine's network."""

    def __init__(self, pcp_port: int = pcp.PORT, ssdp: tuple[str, int] = SSDP) -> None:
        """Take where routers listen."""
        self._pcp_port, self._ssdp = pcp_port, ssdp

    def speaks(self, gateway: str, seconds: float) -> Language:
        """Ask for UPnP first: it alone tells whom a port leads to."""
        if not gateway:
            return ""
        if self._upnp(gateway, seconds / 2) is not None:
            return "UPnP"
        return self._in_datagrams(gateway, seconds / 2)

    def holders(self, gateway: str, doors: Sequence[Door], seconds: float) -> Mapping[Door, Holder]:
        """Ask for each door; in other languages than UPnP nobody can."""
        service = self._upnp(gateway, seconds) if gateway and doors else None
        if service is None:
            return {}
        found = ((door, _holder(service, door)) for door in doors)
        return {door: holder for door, holder in found if holder is not None}

    def lead(self, order: Order, seconds: float) -> Led:
        """Order each door, one after the other."""
        service = self._service(order, seconds)
        if service is not None:
            return _led("UPnP", [(door, _ordered(service, order, door)) for door in order.doors])
        language = order.language or self._in_datagrams(order.gateway, seconds)
        if language not in ("PCP", "NAT-PMP"):
            return Led("", {}, tuple(Refusal(door, "silent") for door in order.doors))
        return _led(language, [(door, self._told(language, order, door, seconds)) for door in order.doors])

    def release(self, order: Order, seconds: float) -> tuple[Door, ...]:
        """Take back each door that leads here."""
        service = self._service(order, seconds)
        if service is not None:
            return tuple(door for door in order.doors if not _released(service, order, door))
        language = order.language or self._in_datagrams(order.gateway, seconds)
        if language not in ("PCP", "NAT-PMP"):
            return order.doors
        return tuple(door for door in order.doors if not _is_done(self._told(language, order, door, seconds, 0)))

    def _service(self, order: Order, seconds: float) -> Service | None:
        """Return whom to tell in UPnP, unless the router is known not to understand that."""
        is_other = not order.gateway or order.language in ("PCP", "NAT-PMP")
        return None if is_other else self._upnp(order.gateway, seconds)

    def _upnp(self, gateway: str, seconds: float) -> Service | None:
        """Return the way out that is in use: some routers offer several."""
        for service in services(gateway, seconds, self._ssdp):
            try:
                if service.call("GetExternalIPAddress").get("NewExternalIPAddress", "") not in ("", "0.0.0.0"):  # noqa: S104 none
                    return service
            except UpnpError:
                continue
        return None

    def _in_datagrams(self, gateway: str, seconds: float) -> Language:
        return pcp.language((gateway, self._pcp_port), pcp.own_address(gateway), seconds) if gateway else ""

    def _told(
        self, language: Language, order: Order, door: Door, seconds: float, lifetime: int | None = None
    ) -> int | Refusal:
        nonce = sha256(order.token.encode()).digest()[:_NONCE_BYTES]
        ask = pcp.Ask((order.gateway, self._pcp_port), order.address, nonce, seconds)
        tell = pcp.pcp if language == "PCP" else pcp.nat_pmp
        result, holds = tell(ask, door.port, door.protocol, order.seconds if lifetime is None else lifetime)
        if result == 0:
            return holds
        reasons: Mapping[int, Reason] = {pcp.SILENT: "silent", **dict.fromkeys(pcp.FORBIDDEN, "forbidden")}
        reason = reasons.get(result, "taken" if result in pcp.TAKEN else "other")
        return Refusal(door, reason, detail=f"{language} {result}")


def _led(language: Language, told: Sequence[tuple[Door, int | Refusal]]) -> Led:
    holding = {door: answer for door, answer in told if not isinstance(answer, Refusal)}
    return Led(language, holding, tuple(answer for _, answer in told if isinstance(answer, Refusal)))


def _is_done(answer: int | Refusal) -> bool:
    return not isinstance(answer, Refusal)


def _place(door: Door) -> dict[str, str | int]:
    return {"NewRemoteHost": "", "NewExternalPort": door.port, "NewProtocol": door.protocol.upper()}


def _holder(service: Service, door: Door) -> Holder | None:
    """Return whom the door leads to; None for nobody, or where the router does not tell."""
    try:
        found = service.call("GetSpecificPortMappingEntry", **_place(door))
    except UpnpError:
        return None
    address = found.get("NewInternalClient", "")
    is_on = found.get("NewEnabled", "1") != "0"
    return Holder(address, found.get("NewPortMappingDescription", "")) if address and is_on else None


def _ordered(service: Service, order: Order, door: Door) -> int | Refusal:
    """Return how long the door leads here, as the router says when it is asked back; or why it does not."""
    before = _holder(service, door)
    if before is not None and before.address != order.address:
        return Refusal(door, "taken", before.address)
    try:
        holds = _add(service, order, door)
    except UpnpError as error:
        if error.code in _CONFLICTS:
            return Refusal(door, "taken", detail=error.words)
        reason: Reason = "forbidden" if error.code in _FORBIDDEN else "other" if error.code else "silent"
        return Refusal(door, reason, detail=f"{error.code} {error.words}".strip())
    after = _holder(service, door)
    if after is None or after.address != order.address:
        # some say yes and do nothing, because a switch on their page is off
        return Refusal(door, "forbidden", after.address if after else "")
    return holds


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


def _released(service: Service, order: Order, door: Door) -> bool:
    holder = _holder(service, door)
    if holder is None or holder.address != order.address:
        return True  # gone already, or somebody else's by now
    try:
        service.call("DeletePortMapping", **_place(door))
    except UpnpError as error:
        return error.code == _NO_SUCH_ENTRY
    return True
