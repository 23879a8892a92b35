"""Ports that a router's IPv6 firewall lets in to a machine, ordered in UPnP (WANIPv6FirewallControl:1).

The router names each by a number. It is asked for anew each time, as the standard has it that who orders the same
again gets the same one back, for longer: a router that started anew may have given the old number to somebody else.
"""

from __future__ import annotations

from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.router import Order, Refusal
from xmpp_wizard.effects.upnp import NO_ANSWER, Service, UpnpError

_NUMBERS = {"tcp": 6, "udp": 17}
_FORBIDDEN = (606, 703)
_FIREWALL_IS_OFF = 702
_UNKNOWN = (402, 704)
"""What is said of a number that stands for nothing; miniupnpd finds its form wrong then."""
_SHORT_SECONDS = 60
"""For one that is taken back at once, in case that fails."""


def is_told(service: Service) -> bool:
    """Say whether this firewall answers; whether it lets anybody in at all shows when that is ordered."""
    try:
        return "FirewallEnabled" in service.call("GetFirewallStatus")
    except UpnpError:
        return False


def ordered(service: Service, order: Order, door: Door) -> int | Refusal:
    """Return how long the door lets people in, or why it does not; where the firewall is off it does so anyway."""
    try:
        number = _add(service, order, door, order.seconds)
        if not _is_there(service, number):
            # some say yes and do nothing, because a switch on their page is off
            return Refusal(door, "forbidden")
    except UpnpError as error:
        if error.code == _FIREWALL_IS_OFF:
            return order.seconds
        return error.refusal(door, _FORBIDDEN)
    return order.seconds


def released(service: Service, order: Order, door: Door) -> bool:
    """Take the door back; say whether it no longer lets people in because of us.

    Raises:
        UpnpError: the router does not answer at all.
    """
    try:
        service.call("DeletePinhole", UniqueID=_add(service, order, door, _SHORT_SECONDS))
    except UpnpError as error:
        if error.code == NO_ANSWER:
            raise
        return error.code in (_FIREWALL_IS_OFF, *_UNKNOWN)
    return True


def _add(service: Service, order: Order, door: Door, seconds: int) -> str:
    """Return the number of what now lets people in for so long.

    Raises:
        UpnpError: the router refuses, or names no number.
    """
    answer = service.call(
        "AddPinhole",
        RemoteHost="",
        RemotePort=0,
        InternalClient=order.address,
        InternalPort=door.port,
        Protocol=_NUMBERS[door.protocol],
        LeaseTime=seconds,
    )
    number = answer.get("UniqueID", "")
    if not number.isdecimal():
        raise UpnpError(NO_ANSWER, number)
    return number


def _is_there(service: Service, number: str) -> bool:
    """Ask back: a router that knows the number says that it works, or that nobody came yet, or cannot say."""
    try:
        return service.call("CheckPinholeWorking", UniqueID=number).get("IsWorking", "1") != "0"
    except UpnpError as error:
        return error.code not in _UNKNOWN
