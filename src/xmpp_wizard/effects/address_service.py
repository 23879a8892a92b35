"""Asking somebody outside which address this machine's questions come from."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address
from typing import Any

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.text import say

_ADDRESS = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
_MOST_BYTES = 4096


class WebAddressService:
    """:class:`~xmpp_wizard.core.dns.ports.AddressService` by HTTP."""

    def address(self, url: str, seconds: float) -> str:
        """Ask, and take the first public address in the answer."""
        text = _fetched(url, seconds)
        for found in _ADDRESS.findall(text):
            try:
                address = IPv4Address(found)
            except AddressValueError:
                continue
            if address.is_global:
                return str(address)
        raise EffectError(
            say("{url} did not answer with a public address", url=url),
            say("Set dns.address_url to a service that answers with your address and nothing else."),
        )


def _fetched(url: str, seconds: float) -> str:
    """Ask over IPv4 only: the other address needs nobody outside to be known."""
    import requests  # noqa: PLC0415 it takes long to load, and few need it
    from requests.adapters import HTTPAdapter  # noqa: PLC0415

    class OverIpv4(HTTPAdapter):
        def init_poolmanager(self, *words: Any, **more: Any) -> None:  # noqa: ANN401 the library's own
            super().init_poolmanager(*words, source_address=("0.0.0.0", 0), **more)  # noqa: S104 any of this machine's

    try:
        with requests.Session() as session:
            for scheme in ("http://", "https://"):
                session.mount(scheme, OverIpv4())
            with session.get(url, timeout=seconds, stream=True) as answer:
                answer.raise_for_status()
                return answer.raw.read(_MOST_BYTES, decode_content=True).decode(errors="replace")
    except (requests.RequestException, OSError) as error:
        raise EffectError(
            say("{url}, which should tell this line's address, is not reached: {reason}", url=url, reason=_why(error)),
            say("Is this machine online, and dns.address_url right?"),
        ) from error


def _why(error: Exception) -> str:
    response = getattr(error, "response", None)
    return f"HTTP {response.status_code}" if response is not None else type(error).__name__
