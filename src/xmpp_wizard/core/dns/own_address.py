"""The address in the answer of somebody who is asked for it."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address

from xmpp_wizard.core.dns.record import is_public

_ADDRESS = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")


def address_in(text: str) -> str:
    """Return the first public IPv4 address in ``text``, be it a page or the address alone; empty if there is none."""
    for found in _ADDRESS.findall(text):
        try:
            address = str(IPv4Address(found))
        except AddressValueError:
            continue
        if is_public(address):
            return address
    return ""
