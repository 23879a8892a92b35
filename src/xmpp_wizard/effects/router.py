"""The router of this network, told in the first language that it understands: UPnP, PCP or NAT-PMP.

What is told over IPv6, to its IPv6 address, is about this machine's own address: nothing is led anywhere, its firewall
lets the port in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from hashlib import sha256
from typing import TypeAlias

from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.router import Holder, Language, Led, Order, Reason, Refusal
from xmpp_wizard.effects import pcp, pinholes, port_mappings
from xmpp_wizard.effects.upnp import SSDP, SSDP_6, Service, UpnpError, services

_NONCE_BYTES = 12
_Told: TypeAlias = Callable[[Door], int | Refusal]


class HostRouter:
    """:class:`~xmpp_wizard.core.network.router.Router` of this machine's network."""

    def __init__(
        self, pcp_port: int = pcp.PORT, ssdp: tuple[str, int] = SSDP, ssdp_6: tuple[str, int] = SSDP_6
    ) -> None:
        """Take where routers listen."""
        self._pcp_port, self._ssdp, self._ssdp_6 = pcp_port, ssdp, ssdp_6

    def speaks(self, gateway: str, seconds: float) -> Language:
        """Ask for UPnP first, as it alone tells whom a port leads to; over IPv6, where none is led, for PCP.

        PCP opens any port, while many allow UPnP none below 1024.
        """
        if not gateway:
            return ""
        if ":" in gateway:
            is_pcp = self._in_datagrams(gateway, seconds / 2) == "PCP"
            return "PCP" if is_pcp else self._in_upnp(gateway, seconds / 2)
        return self._in_upnp(gateway, seconds / 2) or self._in_datagrams(gateway, seconds / 2)

    def holders(self, gateway: str, doors: Sequence[Door], seconds: float) -> Mapping[Door, Holder]:
        """Ask for each door; in other languages than UPnP nobody can, nor over IPv6."""
        service = self._upnp(gateway, seconds) if gateway and doors and ":" not in gateway else None
        found: dict[Door, Holder] = {}
        if service is not None:
            with suppress(UpnpError):
                for door in doors:
                    holder = port_mappings.holder(service, door)
                    found.update({door: holder} if holder is not None else {})
        return found

    def lead(self, order: Order, seconds: float) -> Led:
        """Order each door, one after the other; what one language is refused over IPv6 another may be granted."""
        language = order.language or self.speaks(order.gateway, seconds)
        told = dict(_each(order.doors, self._telling(language, order, seconds)))
        refused = [door for door, answer in told.items() if isinstance(answer, Refusal) and answer.reason != "silent"]
        if refused and language == "PCP" and ":" in order.address:
            again = _each(refused, self._telling("UPnP", order, seconds))
            told.update({door: answer for door, answer in again if not isinstance(answer, Refusal)})
        return _led(language, told)

    def release(self, order: Order, seconds: float) -> tuple[Door, ...]:
        """Take back each door that leads here."""
        language = order.language or self.speaks(order.gateway, seconds)
        left = self._left(language, order, order.doors, seconds)
        if left and language == "PCP" and ":" in order.address:
            # miniupnpd before 2.3.6 no longer knows whose it is once it was ordered a second time
            left = self._left("UPnP", order, left, seconds)
        return left

    def _left(self, language: Language, order: Order, doors: Sequence[Door], seconds: float) -> tuple[Door, ...]:
        """Take ``doors`` back in this language and return those that could not be."""
        taken = _each(doors, self._taking_back(language, order, seconds))
        return tuple(door for door, answer in taken if isinstance(answer, Refusal))

    def _telling(self, language: Language, order: Order, seconds: float) -> _Told:
        """Return what orders a door in this language."""
        if language in ("PCP", "NAT-PMP"):
            return partial(self._told, language, order, seconds, order.seconds)
        service = self._upnp(order.gateway, seconds, order.address) if language == "UPnP" else None
        if service is None:
            return lambda door: Refusal(door, "silent")
        tell = pinholes.ordered if ":" in order.address else port_mappings.ordered
        return partial(tell, service, order)

    def _taking_back(self, language: Language, order: Order, seconds: float) -> _Told:
        """Return what takes a door back in this language."""
        if language in ("PCP", "NAT-PMP"):
            return partial(self._told, language, order, seconds, 0)
        service = self._upnp(order.gateway, seconds, order.address) if language == "UPnP" else None
        take = pinholes.released if ":" in order.address else port_mappings.released

        def taken_back(door: Door) -> int | Refusal:
            try:
                return 0 if service is not None and take(service, order, door) else Refusal(door, "other")
            except UpnpError:
                return Refusal(door, "silent")

        return taken_back

    def _in_upnp(self, gateway: str, seconds: float) -> Language:
        return "UPnP" if self._upnp(gateway, seconds) is not None else ""

    def _upnp(self, gateway: str, seconds: float, address: str = "") -> Service | None:
        """Return whom to tell in UPnP; over IPv6 only ``address`` itself may order what is for it."""
        if not gateway:
            return None
        is_six = ":" in gateway
        found = services(gateway, seconds, self._ssdp_6 if is_six else self._ssdp, address if is_six else "")
        is_of_use = pinholes.is_told if is_six else port_mappings.is_way_out
        return next(filter(is_of_use, found), None)

    def _in_datagrams(self, gateway: str, seconds: float) -> Language:
        return pcp.language((gateway, self._pcp_port), pcp.own_address(gateway), seconds) if gateway else ""

    def _told(self, language: Language, order: Order, seconds: float, lifetime: int, door: Door) -> int | Refusal:
        nonce = sha256(order.token.encode()).digest()[:_NONCE_BYTES]
        ask = pcp.Ask((order.gateway, self._pcp_port), order.address, nonce, seconds)
        tell = pcp.pcp if language == "PCP" else pcp.nat_pmp
        result, holds = tell(ask, door.port, door.protocol, lifetime)
        if result == 0:
            return holds
        reasons: Mapping[int, Reason] = {pcp.SILENT: "silent", **dict.fromkeys(pcp.FORBIDDEN, "forbidden")}
        is_taken = result in pcp.TAKEN and ":" not in order.address
        reason = reasons.get(result, "taken" if is_taken else "other")
        return Refusal(door, reason, detail=f"{language} {result}")


def _each(doors: Iterable[Door], tell: _Told) -> Iterator[tuple[Door, int | Refusal]]:
    """Yield what comes of each; who does not answer once is not asked again, as each question takes seconds."""
    is_silent = False
    for door in doors:
        answer = Refusal(door, "silent") if is_silent else tell(door)
        is_silent = isinstance(answer, Refusal) and answer.reason == "silent"
        yield door, answer


def _led(language: Language, told: Mapping[Door, int | Refusal]) -> Led:
    holding = {door: answer for door, answer in told.items() if not isinstance(answer, Refusal)}
    return Led(language, holding, tuple(answer for answer in told.values() if isinstance(answer, Refusal)))
