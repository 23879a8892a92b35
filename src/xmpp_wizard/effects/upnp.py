"""A router that speaks UPnP (Internet Gateway Device): found by a call into the network, told in SOAP.

There is a well-kept library (miniupnpc), but not for 32-bit ARM; what is needed of UPnP are four short calls.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element, ParseError, fromstring
from xml.sax.saxutils import escape

SSDP = ("239.255.255.250", 1900)
_LARGEST = 65536
_SEARCH = (
    'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\n'
    "ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n\r\n"
)
_ENVELOPE = (
    '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
    's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>'
    '<u:{action} xmlns:u="{kind}">{arguments}</u:{action}></s:Body></s:Envelope>'
)
_NO_ANSWER = 0


class UpnpError(Exception):
    """The router refuses; ``code`` is UPnP's (0: no answer that can be understood), ``words`` are its own."""

    def __init__(self, code: int = _NO_ANSWER, words: str = "") -> None:
        """Keep both."""
        super().__init__(words or str(code))
        self.code, self.words = code, words


@dataclass(frozen=True, slots=True)
class Service:
    """A way out of a router: what kind of service it is, and where it is told what to do."""

    kind: str
    address: str
    seconds: float

    def call(self, action: str, **arguments: str | int) -> Mapping[str, str]:
        """Return what the service answers, by name.

        Raises:
            UpnpError: it refuses, or does not answer.
        """
        import requests  # noqa: PLC0415 it takes long to load

        from xmpp_wizard.effects.deadline import session_within  # noqa: PLC0415

        inner = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in arguments.items())
        body = _ENVELOPE.format(action=action, kind=self.kind, arguments=inner).encode()
        headers = {"SOAPAction": f'"{self.kind}#{action}"', "Content-Type": 'text/xml; charset="utf-8"'}
        try:
            with session_within(self.seconds) as session:
                answer = session.post(self.address, body, headers=headers, timeout=self.seconds, allow_redirects=False)
            found = _parsed(answer.content)
        except (requests.RequestException, ParseError, ValueError) as error:
            raise UpnpError from error
        facts = {one.tag.rpartition("}")[2]: (one.text or "").strip() for one in found.iter()}
        if "errorCode" in facts or not answer.ok:
            code = facts.get("errorCode", "")
            raise UpnpError(int(code) if code.isdecimal() else _NO_ANSWER, facts.get("errorDescription", ""))
        return facts


def services(gateway: str, seconds: float, ssdp: tuple[str, int] = SSDP) -> Iterator[Service]:
    """Yield the ways out of the router ``gateway``: whoever else answers on this network is not asked."""
    page = _page(gateway, seconds, ssdp)
    if not page:
        return
    import requests  # noqa: PLC0415 it takes long to load

    from xmpp_wizard.effects.deadline import session_within  # noqa: PLC0415

    try:
        with session_within(seconds) as session:
            description = _parsed(session.get(page, timeout=seconds, allow_redirects=False).content)
    except (requests.RequestException, ParseError, ValueError):
        return
    for element in description.iter():
        facts = {child.tag.rpartition("}")[2]: (child.text or "").strip() for child in element}
        kind, address = facts.get("serviceType", ""), urljoin(page, facts.get("controlURL", ""))
        is_way_out = ":WANIPConnection:" in kind or ":WANPPPConnection:" in kind
        if is_way_out and urlsplit(address).hostname == gateway:
            yield Service(kind, address, seconds)


def _page(gateway: str, seconds: float, ssdp: tuple[str, int]) -> str:
    """Return where the router describes itself; nothing where it does not answer in time."""
    deadline = monotonic() + seconds
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.sendto(_SEARCH.encode(), ssdp)
        while (left := deadline - monotonic()) > 0:
            asking.settimeout(left)
            answer = asking.recv(_LARGEST).decode(errors="replace")
            headers = (line.partition(":") for line in answer.splitlines())
            page = next((value.strip() for name, _, value in headers if name.strip().lower() == "location"), "")
            with suppress(ValueError):
                if urlsplit(page).hostname == gateway:
                    return page
    return ""


def _parsed(content: bytes) -> Element:
    # the router's own words, and not many of them; expat refuses entities that blow up
    return fromstring(content[:_LARGEST])  # noqa: S314
