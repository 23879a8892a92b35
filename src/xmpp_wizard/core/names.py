"""Domains: checked and brought to one form by the IDNA library.

It is imported where it is used: it takes longer to load than most commands to run.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from xmpp_wizard.core.text import NOTHING, Text, WrongValueError, say

# libunbound answers these itself with "no such name" (RFC 6761, 7686, 8375), so Prosody cannot find them
_UNRESOLVABLE = (".test", ".invalid", ".onion", ".home.arpa")

_AT_HOME = (".lan", ".internal", ".home", ".localdomain", ".local", ".home.arpa")
_SET_APART = ("example", "test", "invalid", "localhost", "local", "onion", "alt")
_EXAMPLES = ("example.com", "example.net", "example.org")

# domains of other people's mail, which newcomers take for their own
MAIL_PROVIDERS = frozenset(
    [
        *("aol.com", "free.fr", "gmail.com", "gmx.at", "gmx.ch", "gmx.com", "gmx.de", "gmx.net", "googlemail.com"),
        *("hotmail.com", "icloud.com", "live.com", "mail.com", "mail.ru", "me.com", "msn.com", "orange.fr"),
        *("outlook.com", "proton.me", "protonmail.com", "qq.com", "t-online.de", "web.de", "yahoo.com", "yandex.ru"),
    ]
)

LONGEST_TEXT = 1023
"""Bytes that each part of an address may have (RFC 7622 3.2, 3.3)."""

_LONGEST_DOMAIN = 253
_LONGEST_LABEL = 63
_LONGEST_OWN_DOMAIN = 220
"""Leaves room for the names of services before it, such as ``groups.``."""

MIXED_DIRECTIONS = say("it mixes letters that are written from the left with ones written from the right")

_WRITTEN_WRONG = (
    (re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/"), say("has a scheme in it")),
    (re.compile(r"@"), say("is a whole address")),
    (re.compile(r"\s"), say("has a space in it")),
    (re.compile(r"/"), say("has a path in it")),
    (re.compile(r"^\[?[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f.]*\]?(:\d+)?\Z"), say("is an IP address")),
    (re.compile(r"^\[.*\](:\d+)?\Z"), say("is an IP address")),
    (re.compile(r"^\d+\.\d+\.\d+\.\d+(:\d+)?\Z"), say("is an IP address")),
    (re.compile(r":\d*\Z"), say("has a port in it")),
)


def parse_domain(text: str) -> str:
    """Return ``text`` as a domain in U-labels, lower case, without a final dot (RFC 5890, UTS 46).

    Raises:
        ValueError: with a sentence on what is wrong.
    """
    domain = text.strip()
    for sign, what in _WRITTEN_WRONG:
        if sign.search(domain[:LONGEST_TEXT]):
            raise WrongValueError(
                say("{given} {what}; only the domain is wanted, such as example.org", given=shown(text), what=what)
            )
    _check_length(domain, text)
    unicode = _to_unicode(domain, text).removesuffix(".")
    if "." not in unicode:
        raise WrongValueError(
            say("{given} is a single word; a domain has a dot in it, such as example.org", given=shown(text))
        )
    if unicode.rpartition(".")[2].isdigit():
        raise WrongValueError(
            say("{given} is an IP address; people's addresses need a domain, such as example.org", given=shown(text))
        )
    if unicode.endswith(_UNRESOLVABLE):
        raise WrongValueError(
            say(
                "{given} cannot be looked up by chat servers; for a trial use a name under .lan or .internal",
                given=shown(text),
            )
        )
    return unicode


def parse_own_domain(text: str) -> str:
    """Return ``text`` as the domain of a server of one's own; services must fit below it.

    Raises:
        ValueError: with a sentence on what is wrong.
    """
    domain = parse_domain(text)
    if domain in MAIL_PROVIDERS:
        raise WrongValueError(
            say("{domain} belongs to a mail provider; it has to be a domain of your own", domain=domain)
        )
    if len(ascii_name(domain)) > _LONGEST_OWN_DOMAIN:
        raise WrongValueError(
            say(
                "{given} is too long: it may have {most} signs, so that names of services such as groups. fit in",
                given=shown(domain),
                most=_LONGEST_OWN_DOMAIN,
            )
        )
    return domain


def ascii_name(domain: str) -> str:
    """Return ``domain`` as certificates and DNS have it (A-labels)."""
    import idna  # noqa: PLC0415 see the top

    return idna.encode(domain, uts46=True).decode("ascii")


def prosody_name(domain: str) -> str:
    """Return the name under which Prosody 13 knows a host: nameprep of IDNA 2003 (RFC 3491), which writes ß as ss.

    Prosody brings the names of hosts to this form, but not the values of options that have to match them.
    """
    from encodings.idna import nameprep  # noqa: PLC0415 its tables are large, and only other scripts need them

    return domain if domain.isascii() else ".".join(nameprep(label) for label in domain.split("."))


def is_at_home(domain: str) -> bool:
    """Say whether a domain can only be looked up in a network of one's own."""
    return domain.endswith(_AT_HOME)


def is_public(domain: str) -> bool:
    """Say whether a public authority may make certificates for a domain: not for names set apart (RFC 6761, 8375)."""
    labels = domain.lower().split(".")
    is_set_apart = labels[-1] in _SET_APART or ".".join(labels[-2:]) in (*_EXAMPLES, "home.arpa")
    return not is_at_home(domain) and not is_set_apart


def shown(text: str) -> str:
    """Return ``text`` in quotes for a message: on one line, without invisible signs, and not too long."""
    short = text if len(text) <= 60 else text[:50] + "…"  # noqa: PLR2004 what fits on a line
    visible = "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in short)
    return f'"{visible}"'


def _check_length(domain: str, text: str) -> None:
    if not domain:
        raise WrongValueError(say("the domain is empty; write your own, such as example.org"))
    if len(domain) > LONGEST_TEXT:
        raise WrongValueError(
            say("{given} is too long for a domain: it may have {most} signs", given=shown(text), most=_LONGEST_DOMAIN)
        )


def _to_unicode(domain: str, text: str) -> str:
    """Return ``domain`` in U-labels; ``text`` is what was written, for messages."""
    import idna  # noqa: PLC0415 see the top

    try:
        return idna.decode(idna.encode(domain, uts46=True, std3_rules=True))
    except idna.IDNAError as error:
        raise WrongValueError(
            say("{given} is no valid domain: {reason}", given=shown(text), reason=_idna_reason(domain, str(error)))
        ) from error


def _idna_reason(domain: str, reason: str) -> Text:
    """Return in plain words why IDNA refuses ``domain``; the library's own words are the last resort."""
    labels = re.split("[.\u3002\uff0e\uff61]", domain.lower())
    sign = re.search(r"U\+([0-9A-F]{4,6})", reason)
    is_long = "too long" in reason.lower() or any(len(label) > _LONGEST_LABEL for label in labels)
    reasons = (
        ("" in labels, say("it has a dot at its start, or two dots in a row")),
        (
            is_long,
            say(
                "each part between the dots may have {part} signs, the whole {most}",
                part=_LONGEST_LABEL,
                most=_LONGEST_DOMAIN,
            ),
        ),
        (any(label != label.strip("-") for label in labels), say("no part of it may begin or end with a hyphen")),
        ("_" in domain, say("an underscore is not allowed in it; a hyphen is")),
        (
            any(label.startswith("xn--") for label in labels),
            say("a part that begins with xn-- is not a correct encoding; write it in its own letters"),
        ),
        (
            any(label[2:4] == "--" for label in labels),
            say("two hyphens as third and fourth sign are kept for encoded names"),
        ),
        (sign is not None, say("{sign} is not allowed in it", sign=shown(chr(int(sign[1], 16)))) if sign else NOTHING),
        ("direction" in reason.lower(), MIXED_DIRECTIONS),
    )
    return next((words for is_so, words in reasons if is_so), Text(reason))


Domain = Annotated[str, AfterValidator(parse_domain)]
OwnDomain = Annotated[str, AfterValidator(parse_own_domain)]
