"""Addresses of people and rooms (RFC 7622): checked and brought to one form by the PRECIS library.

It is imported where it is used: it takes longer to load than most commands to run.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from xmpp_wizard.core.names import LONGEST_TEXT, MAIL_PROVIDERS, MIXED_DIRECTIONS, ascii_name, parse_domain, shown
from xmpp_wizard.core.text import WrongValueError, say

_PRECIS_REASONS = {
    "DISALLOWED/empty": say("the name is empty"),
    "DISALLOWED/spaces": say("it has a space in it"),
    "DISALLOWED/symbols": say("it has a symbol in it; letters, digits and . - _ are fine"),
    "DISALLOWED/controls": say("it has an invisible sign in it"),
    "DISALLOWED/bidi_rule": MIXED_DIRECTIONS,
    "DISALLOWED/has_compat": say("it has a sign in it that is only another form of plain letters"),
}
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")


def parse_local_part(text: str) -> str:
    """Return ``text`` as the part of an address before the @ (RFC 7622 3.3, PRECIS UsernameCaseMapped).

    Raises:
        ValueError: with a sentence on what is wrong.
    """
    stripped = text.strip()
    if len(stripped.encode("utf-8", "replace")) > LONGEST_TEXT:
        raise WrongValueError(
            say("{given} is too long for a name: it may have {most} bytes", given=shown(text), most=LONGEST_TEXT)
        )
    forbidden = next((sign for sign in stripped if sign in "\"&'/:<>@"), "")
    if forbidden:
        raise WrongValueError(
            say(
                "{given} cannot be somebody's name in an address: it has {forbidden} in it",
                given=shown(text),
                forbidden=forbidden,
            )
        )
    return _case_mapped(stripped, text)


def parse_address(text: str) -> str:
    """Return ``text`` as a bare address, ``name@domain``.

    Raises:
        ValueError: with a sentence on what is wrong.
    """
    local, at, domain = text.strip().partition("@")
    if not at:
        raise WrongValueError(say("{given} is no address; one looks like alice@example.org", given=shown(text)))
    if "/" in domain:
        raise WrongValueError(say("{given} names one device; the address ends before the /", given=shown(text)))
    return f"{parse_local_part(local)}@{parse_domain(domain)}"


def parse_admin(text: str) -> str:
    """Return ``text`` as a name on the server's own domain, or as a whole address if it has an @ in it.

    Raises:
        ValueError: with a sentence on what is wrong.
    """
    admin = parse_address(text) if "@" in text else parse_local_part(text)
    domain = admin.partition("@")[2]
    if domain in MAIL_PROVIDERS:
        raise WrongValueError(
            say("{admin} is a mail address; an admin is named by the address used for chatting", admin=admin)
        )
    return admin


def parse_party(text: str) -> str:
    """Return ``text`` as the address of a person or room, or as the domain of a whole service or server.

    Raises:
        ValueError: with a sentence on what is wrong.
    """
    return parse_address(text) if "@" in text else parse_domain(text)


def address_uri(address: str) -> str:
    """Return a bare address as an ``xmpp:`` URI (RFC 5122), with all but letters and digits escaped."""
    local, _, domain = address.partition("@")
    escaped = "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in local.encode())
    return f"xmpp:{escaped}@{ascii_name(domain)}"


def _case_mapped(local: str, text: str) -> str:
    """Return the form of ``local`` that no longer changes (RFC 8265 3.3 allows several rounds)."""
    from precis_i18n import get_profile  # noqa: PLC0415 see the top

    profile = get_profile("UsernameCaseMapped")
    try:
        for _ in range(4):
            before, local = local, profile.enforce(local)
            if local == before:
                return local
    except UnicodeEncodeError as error:
        why = _PRECIS_REASONS.get(error.reason, say("it has a sign in it that is not allowed there"))
        raise WrongValueError(
            say("{given} cannot be somebody's name in an address: {why}", given=shown(text), why=why)
        ) from error
    raise WrongValueError(
        say("{given} cannot be somebody's name in an address: it has no settled form", given=shown(text))
    )


Admin = Annotated[str, AfterValidator(parse_admin)]
LocalPart = Annotated[str, AfterValidator(parse_local_part)]
Address = Annotated[str, AfterValidator(parse_address)]
Party = Annotated[str, AfterValidator(parse_party)]
