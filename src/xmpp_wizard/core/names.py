"""Domains and addresses (RFC 7622): checked and brought to one form by the IDNA and PRECIS libraries."""

from __future__ import annotations

from typing import Annotated

import idna
from precis_i18n import get_profile
from pydantic import AfterValidator

# libunbound answers these itself with "no such name" (RFC 6761, 7686, 8375), so Prosody cannot find them
_UNRESOLVABLE = (".test", ".invalid", ".onion", ".home.arpa")


def parse_domain(text: str) -> str:
    """Return ``text`` as a domain in U-labels, lower case, without a final dot.

    Raises:
        ValueError: with a sentence on what is wrong.
    """
    domain = text.removesuffix(".").strip()
    for sign, what in (
        (":/", "a web address"),
        ("@", "an address"),
        (":", "a port"),
        ("/", "a path"),
        (" ", "a space"),
    ):
        if sign in domain:
            message = f"{text!r} has {what} in it; only the domain is wanted, such as example.org"
            raise ValueError(message)
    if "." not in domain:
        message = f"{text!r} is a single word; a domain has a dot in it, such as example.org"
        raise ValueError(message)
    if domain.replace(".", "").isdigit():
        message = f"{text!r} is an IP address; people's addresses need a domain, such as example.org"
        raise ValueError(message)
    try:
        unicode = idna.decode(idna.encode(domain, uts46=True, std3_rules=True))
    except idna.IDNAError as error:
        message = f"{text!r} is no valid domain: {error}"
        raise ValueError(message) from error
    if unicode.endswith(_UNRESOLVABLE):
        message = f"{text!r} cannot be looked up by chat servers; for a trial use a name under .lan or .internal"
        raise ValueError(message)
    return unicode


def ascii_name(domain: str) -> str:
    """Return ``domain`` as certificates and DNS have it (A-labels)."""
    return idna.encode(domain, uts46=True).decode("ascii")


def parse_local_part(text: str) -> str:
    """Return ``text`` as the part of an address before the @ (RFC 7622 3.3).

    Raises:
        ValueError: with a sentence on what is wrong.
    """
    try:
        local = get_profile("UsernameCaseMapped").enforce(text)
    except UnicodeEncodeError as error:
        message = f"{text!r} cannot be somebody's name in an address: {error.reason}"
        raise ValueError(message) from error
    forbidden = sorted(set(local) & set("\"&'/:<>@ "))
    if forbidden:
        message = f"{text!r} cannot be somebody's name in an address: it has {forbidden[0]!r} in it"
        raise ValueError(message)
    return local


def parse_address(text: str) -> str:
    """Return ``text`` as a bare address, ``name@domain``.

    Raises:
        ValueError: with a sentence on what is wrong.
    """
    local, at, domain = text.partition("@")
    if not at:
        message = f"{text!r} is no address; one looks like alice@example.org"
        raise ValueError(message)
    return f"{parse_local_part(local)}@{parse_domain(domain)}"


Domain = Annotated[str, AfterValidator(parse_domain)]
LocalPart = Annotated[str, AfterValidator(parse_local_part)]
Address = Annotated[str, AfterValidator(parse_address)]
