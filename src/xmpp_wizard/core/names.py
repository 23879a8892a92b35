"""Domains and addresses (RFC 7622): checked and brought to one form by the IDNA and PRECIS libraries.

Both libraries are imported where they are used: they take longer to load than most commands to run.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

# libunbound answers these itself with "no such name" (RFC 6761, 7686, 8375), so Prosody cannot find them
_UNRESOLVABLE = (".test", ".invalid", ".onion", ".home.arpa")

_AT_HOME = (".lan", ".internal", ".home", ".localdomain")
_SET_APART = ("example", "test", "invalid", "localhost", "local", "onion", "alt")
_EXAMPLES = ("example.com", "example.net", "example.org")

# domains of other people's mail, which newcomers take for their own
_MAIL_PROVIDERS = frozenset(
    [
        *("aol.com", "free.fr", "gmail.com", "gmx.at", "gmx.ch", "gmx.com", "gmx.de", "gmx.net", "googlemail.com"),
        *("hotmail.com", "icloud.com", "live.com", "mail.com", "mail.ru", "me.com", "msn.com", "orange.fr"),
        *("outlook.com", "proton.me", "protonmail.com", "qq.com", "t-online.de", "web.de", "yahoo.com", "yandex.ru"),
    ]
)

_LONGEST_TEXT = 1023
"""Bytes that each part of an address may have (RFC 7622 3.2, 3.3)."""

_LONGEST_DOMAIN = 253
_LONGEST_LABEL = 63
_LONGEST_OWN_DOMAIN = 220
"""Leaves room for the names of services before it, such as ``groups.``."""

_WRITTEN_WRONG = (
    (re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/"), "has a scheme in it"),
    (re.compile(r"@"), "is a whole address"),
    (re.compile(r"\s"), "has a space in it"),
    (re.compile(r"/"), "has a path in it"),
    (re.compile(r"^\[?[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f.]*\]?(:\d+)?\Z"), "is an IP address"),
    (re.compile(r"^\[.*\](:\d+)?\Z"), "is an IP address"),
    (re.compile(r"^\d+\.\d+\.\d+\.\d+(:\d+)?\Z"), "is an IP address"),
    (re.compile(r":\d*\Z"), "has a port in it"),
)

_PRECIS_REASONS = {
    "DISALLOWED/empty": "the name is empty",
    "DISALLOWED/spaces": "it has a space in it",
    "DISALLOWED/symbols": "it has a symbol in it; letters, digits and . - _ are fine",
    "DISALLOWED/controls": "it has an invisible sign in it",
    "DISALLOWED/bidi_rule": "it mixes letters that are written from the left with ones written from the right",
    "DISALLOWED/has_compat": "it has a sign in it that is only another form of plain letters",
}


def parse_domain(text: str) -> str:
    """Return ``text`` as a domain in U-labels, lower case, without a final dot (RFC 5890, UTS 46).

    Raises:
        ValueError: with a sentence on what is wrong.
    """
    domain = text.strip()
    for sign, what in _WRITTEN_WRONG:
        if sign.search(domain[:_LONGEST_TEXT]):
            message = f"{shown(text)} {what}; only the domain is wanted, such as example.org"
            raise ValueError(message)
    _check_length(domain, text)
    unicode = _to_unicode(domain, text).removesuffix(".")
    if "." not in unicode:
        message = f"{shown(text)} is a single word; a domain has a dot in it, such as example.org"
        raise ValueError(message)
    if unicode.rpartition(".")[2].isdigit():
        message = f"{shown(text)} is an IP address; people's addresses need a domain, such as example.org"
        raise ValueError(message)
    if unicode.endswith(_UNRESOLVABLE):
        message = f"{shown(text)} cannot be looked up by chat servers; for a trial use a name under .lan or .internal"
        raise ValueError(message)
    return unicode


def parse_own_domain(text: str) -> str:
    """Return ``text`` as the domain of a server of one's own; services must fit below it.

    Raises:
        ValueError: with a sentence on what is wrong.
    """
    domain = parse_domain(text)
    if domain in _MAIL_PROVIDERS:
        message = f"{domain} belongs to a mail provider; it has to be a domain of your own"
        raise ValueError(message)
    if len(ascii_name(domain)) > _LONGEST_OWN_DOMAIN:
        message = (
            f"{shown(domain)} is too long: it may have {_LONGEST_OWN_DOMAIN} signs, "
            "so that names of services such as groups. fit before it"
        )
        raise ValueError(message)
    return domain


def ascii_name(domain: str) -> str:
    """Return ``domain`` as certificates and DNS have it (A-labels)."""
    import idna  # noqa: PLC0415 see the top

    return idna.encode(domain, uts46=True).decode("ascii")


def is_at_home(domain: str) -> bool:
    """Say whether a domain can only be looked up in a network of one's own."""
    return domain.endswith(_AT_HOME)


def is_public(domain: str) -> bool:
    """Say whether a public authority may make certificates for a domain: not for names set apart (RFC 6761)."""
    labels = domain.lower().split(".")
    is_set_apart = labels[-1] in _SET_APART or ".".join(labels[-2:]) in _EXAMPLES
    return not is_at_home(domain) and not is_set_apart


def parse_local_part(text: str) -> str:
    """Return ``text`` as the part of an address before the @ (RFC 7622 3.3, PRECIS UsernameCaseMapped).

    Raises:
        ValueError: with a sentence on what is wrong.
    """
    stripped = text.strip()
    if len(stripped.encode("utf-8", "replace")) > _LONGEST_TEXT:
        message = f"{shown(text)} is too long for a name: it may have {_LONGEST_TEXT} bytes"
        raise ValueError(message)
    forbidden = next((sign for sign in stripped if sign in "\"&'/:<>@"), "")
    if forbidden:
        message = f"{shown(text)} cannot be somebody's name in an address: it has {forbidden} in it"
        raise ValueError(message)
    return _case_mapped(stripped, text)


def parse_address(text: str) -> str:
    """Return ``text`` as a bare address, ``name@domain``.

    Raises:
        ValueError: with a sentence on what is wrong.
    """
    local, at, domain = text.strip().partition("@")
    if not at:
        message = f"{shown(text)} is no address; one looks like alice@example.org"
        raise ValueError(message)
    if "/" in domain:
        message = f"{shown(text)} names one device; the address ends before the /"
        raise ValueError(message)
    return f"{parse_local_part(local)}@{parse_domain(domain)}"


def parse_admin(text: str) -> str:
    """Return ``text`` as a name on the server's own domain, or as a whole address if it has an @ in it.

    Raises:
        ValueError: with a sentence on what is wrong.
    """
    admin = parse_address(text) if "@" in text else parse_local_part(text)
    domain = admin.partition("@")[2]
    if domain in _MAIL_PROVIDERS:
        message = f"{admin} is a mail address; an admin is named by the address used for chatting"
        raise ValueError(message)
    return admin


def shown(text: str) -> str:
    """Return ``text`` in quotes for a message: on one line, without invisible signs, and not too long."""
    short = text if len(text) <= 60 else text[:50] + "…"  # noqa: PLR2004 what fits on a line
    visible = "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in short)
    return f'"{visible}"'


def _check_length(domain: str, text: str) -> None:
    if not domain:
        message = "the domain is empty; write your own, such as example.org"
        raise ValueError(message)
    if len(domain) > _LONGEST_TEXT:
        message = f"{shown(text)} is too long for a domain: it may have {_LONGEST_DOMAIN} signs"
        raise ValueError(message)


def _to_unicode(domain: str, text: str) -> str:
    """Return ``domain`` in U-labels; ``text`` is what was written, for messages."""
    import idna  # noqa: PLC0415 see the top

    try:
        return idna.decode(idna.encode(domain, uts46=True, std3_rules=True))
    except idna.IDNAError as error:
        message = f"{shown(text)} is no valid domain: {_idna_reason(domain, str(error))}"
        raise ValueError(message) from error


def _idna_reason(domain: str, reason: str) -> str:
    """Return in plain words why IDNA refuses ``domain``; the library's own words are the last resort."""
    labels = re.split("[.\u3002\uff0e\uff61]", domain.lower())
    sign = re.search(r"U\+([0-9A-F]{4,6})", reason)
    is_long = "too long" in reason.lower() or any(len(label) > _LONGEST_LABEL for label in labels)
    reasons = (
        ("" in labels, "it has a dot at its start, or two dots in a row"),
        (is_long, f"each part between the dots may have {_LONGEST_LABEL} signs, the whole {_LONGEST_DOMAIN}"),
        (any(label != label.strip("-") for label in labels), "no part of it may begin or end with a hyphen"),
        ("_" in domain, "an underscore is not allowed in it; a hyphen is"),
        (
            any(label.startswith("xn--") for label in labels),
            "a part that begins with xn-- is not a correct encoding; write it in its own letters",
        ),
        (
            any(label[2:4] == "--" for label in labels),
            "two hyphens as third and fourth sign are kept for encoded names",
        ),
        (sign is not None, f"{shown(chr(int(sign[1], 16)))} is not allowed in it" if sign else ""),
        ("direction" in reason.lower(), _PRECIS_REASONS["DISALLOWED/bidi_rule"]),
    )
    return next((words for is_so, words in reasons if is_so), reason)


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
        why = _PRECIS_REASONS.get(error.reason, "it has a sign in it that is not allowed there")
        message = f"{shown(text)} cannot be somebody's name in an address: {why}"
        raise ValueError(message) from error
    message = f"{shown(text)} cannot be somebody's name in an address: it has no settled form"
    raise ValueError(message)


Domain = Annotated[str, AfterValidator(parse_domain)]
OwnDomain = Annotated[str, AfterValidator(parse_own_domain)]
Admin = Annotated[str, AfterValidator(parse_admin)]


_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")


def address_uri(address: str) -> str:
    """Return a bare address as an ``xmpp:`` URI (RFC 5122), with all but letters and digits escaped."""
    local, _, domain = address.partition("@")
    escaped = "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in local.encode())
    return f"xmpp:{escaped}@{ascii_name(domain)}"
