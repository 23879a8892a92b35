"""A router that speaks UPnP (Internet Gateway Device): found by a call into the network, told in SOAP.

There is a well-kept library (miniupnpc), but not for 32-bit ARM; what is needed of UPnP are a few short calls.
A router is asked over IPv4 for its ports (WANIPConnection), and over IPv6 for its firewall (WANIPv6FirewallControl:1).
"""

from __future__ import annotations

import socket
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit, urlunsplit
from xml.etree.ElementTree import Element, ParseError, fromstring
from xml.sax.saxutils import escape

from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.router import Reason, Refusal

if TYPE_CHECKING:
    from requests import Response

SSDP, SSDP_6 = ("239.255.255.250", 1900), ("ff02::c", 1900)
_LARGEST = 65536
_LONGEST_WORDS = 200
_MOST_DIGITS = 5
_MOST_PAGES = 4
_SEARCH = (
    'M-SEARCH * HTTP/1.1\r\nHOST: {host}:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\n'
    "ST: urn:schemas-upnp-org:{what}\r\n\r\n"
)
_PORTS = (":WANIPConnection:", ":WANPPPConnection:")
_FIREWALL = (":WANIPv6FirewallControl:",)
_SOUGHT_4 = ("device:InternetGatewayDevice:1",)
_SOUGHT_6 = ("service:WANIPv6FirewallControl:1", "device:InternetGatewayDevice:2")
"""Some routers answer the second only, and to the first version of it describe themselves without their firewall."""
_ENVELOPE = (
    '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
    's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>'
    '<u:{action} xmlns:u="{kind}">{arguments}</u:{action}></s:Body></s:Envelope>'
)
NO_ANSWER = 0


class UpnpError(Exception):
    """The router refuses; ``code`` is UPnP's (0: no answer that can be understood), ``words`` are its own."""

    def __init__(self, code: int = NO_ANSWER, words: str = "") -> None:
        """Keep both."""
        super().__init__(words or str(code))
        self.code, self.words = code, words

    def refusal(self, door: Door, forbidden: Collection[int]) -> Refusal:
        """Return what this means for ``door``, where ``forbidden`` are the codes of a router that never allows it."""
        reason: Reason = "forbidden" if self.code in forbidden else "other" if self.code else "silent"
        return Refusal(door, reason, detail=f"{self.code} {self.words}".strip())


@dataclass(frozen=True, slots=True)
class Service:
    """A way out of a router: what kind of service it is, and where it is told what to do."""

    kind: str
    address: str
    seconds: float
    source: str = ""
    """This machine's address to tell it from, where it matters which: most let nobody order for another."""

    def call(self, action: str, **arguments: str | int) -> Mapping[str, str]:
        """Return what the service answers, by name.

        Raises:
            UpnpError: it refuses, or does not answer.
        """
        inner = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in arguments.items())
        body = _ENVELOPE.format(action=action, kind=self.kind, arguments=inner).encode()
        headers = {"SOAPAction": f'"{self.kind}#{action}"', "Content-Type": 'text/xml; charset="utf-8"'}
        found, is_ok = _asked("POST", self.address, self.seconds, self.source, data=body, headers=headers)
        facts = {one.tag.rpartition("}")[2]: _clean(one.text or "") for one in found.iter()}
        if "errorCode" in facts or not is_ok:
            code = facts.get("errorCode", "")
            is_number = code.isdecimal() and len(code) <= _MOST_DIGITS
            raise UpnpError(int(code) if is_number else NO_ANSWER, facts.get("errorDescription", ""))
        return facts


def services(gateway: str, seconds: float, ssdp: tuple[str, int] = SSDP, source: str = "") -> Iterator[Service]:
    """Yield the ways out of the router ``gateway``, or its firewall where that is an IPv6 address.

    Whoever else answers on this network is not asked. ``source`` is as in :class:`Service`.
    """
    for page in islice(_pages(gateway, seconds, ssdp), _MOST_PAGES):
        found = list(_described(gateway, page, seconds))
        for kind, address in found:
            yield Service(kind, address, seconds, source)
        if found:
            return


def _described(gateway: str, page: str, seconds: float) -> Iterator[tuple[str, str]]:
    """Yield the services that are of use on a router's description of itself, with where each is told."""
    try:
        description, _ = _asked("GET", page, seconds)
    except UpnpError:
        return
    kinds = _FIREWALL if ":" in gateway else _PORTS
    for element in description.iter():
        facts = {child.tag.rpartition("}")[2]: _clean(child.text or "") for child in element}
        kind = facts.get("serviceType", "")
        address = _at(gateway, page, facts.get("controlURL", ""))
        if address and any(each in kind for each in kinds):
            yield kind, address


def _asked(
    method: str,
    address: str,
    seconds: float,
    source: str = "",
    **given: Any,  # noqa: ANN401 as in the library
) -> tuple[Element, bool]:
    """Return what the router itself says, and whether it means yes: no proxy in between, no password of root's for it.

    Raises:
        UpnpError: it does not answer, or nothing that can be understood.
    """
    import requests  # noqa: PLC0415 it takes long to load
    from urllib3.exceptions import HTTPError  # noqa: PLC0415

    from xmpp_wizard.effects.deadline import session_within  # noqa: PLC0415

    ours: dict[str, Any] = {"source_address": (source, 0)} if source else {}
    try:
        with session_within(seconds, **ours) as session:
            session.trust_env = False
            with session.request(
                method, address, timeout=seconds, allow_redirects=False, stream=True, **given
            ) as answer:
                return _parsed(answer), answer.ok
    except (requests.RequestException, HTTPError, OSError, ParseError, ValueError) as error:
        raise UpnpError from error


def _pages(gateway: str, seconds: float, ssdp: tuple[str, int]) -> Iterator[str]:
    """Yield where the router describes itself, each once, until the time is over; another's answer may come first."""
    deadline, given = monotonic() + seconds, set[str]()
    with suppress(OSError), _called(gateway, ssdp) as asking:
        while (left := deadline - monotonic()) > 0:
            asking.settimeout(left)
            answer = asking.recv(_LARGEST).decode(errors="replace")
            headers = (line.partition(":") for line in answer.splitlines())
            page = next((value.strip() for name, _, value in headers if name.strip().lower() == "location"), "")
            found = _at(gateway, page)
            if found and found not in given:
                given.add(found)
                yield found


def _called(gateway: str, ssdp: tuple[str, int]) -> socket.socket:
    """Return a socket on which those answer who can be told, of the kind that ``gateway`` is.

    Raises:
        OSError: there is no network to call into.
    """
    is_six = ":" in gateway
    made = socket.socket(socket.AF_INET6 if is_six else socket.AF_INET, socket.SOCK_DGRAM)
    try:
        host, zone = ssdp[0], gateway.partition("%")[2]
        link = (0, socket.if_nametoindex(zone)) if zone else ()
        for what in _SOUGHT_6 if is_six else _SOUGHT_4:
            written = f"[{host}]" if is_six else host
            made.sendto(_SEARCH.format(host=written, what=what).encode(), (*ssdp, *link))
    except OSError:
        made.close()
        raise
    return made


def _at(gateway: str, page: str, link: str = "") -> str:
    """Return ``link`` of ``page`` where it is one to ``gateway``; over IPv6 whatever it names is asked there."""
    try:
        found = urlsplit(urljoin(page, link))
        port = found.port or 80
    except ValueError:
        return ""
    if ":" not in gateway:
        return found.geturl() if found.hostname == gateway and found.scheme == "http" else ""
    host = gateway.replace("%", "%25")
    return urlunsplit(("http", f"[{host}]:{port}", found.path, found.query, "")) if found.scheme == "http" else ""


def _parsed(answer: Response) -> Element:
    # the router's own words, and not many of them; expat refuses entities that blow up
    return fromstring(answer.raw.read(_LARGEST, decode_content=True))  # noqa: S314


def _clean(words: str) -> str:
    """Return what a router says as one short line that no terminal takes for an order."""
    return "".join(one for one in " ".join(words.split()) if one.isprintable())[:_LONGEST_WORDS]
