"""Kinds of values that several answers have: paths, ports and addresses of machines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from xmpp_wizard.core.names import shown
from xmpp_wizard.core.text import WrongValueError, say

PortNumber = Annotated[int, Field(ge=1, le=65535)]

_HTTPS_URL = re.compile(r"https://([\w.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/[^\s#]*)?", re.ASCII)
_WITH_PASSWORD = re.compile(r"\w[\w+.-]*://[^/?#]*@", re.ASCII)
_INSIDE_URL = re.compile(r"http://([0-9.]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/[^\s#]*)?", re.ASCII)


def parse_path(text: str) -> str:
    """Return ``text``, the path of a file from the root of this machine on.

    Raises:
        ValueError: with a sentence on what is wrong.
    """
    # the text itself is not shown: who pastes a secret instead of its path must not find it in a log
    if not text.startswith("/"):
        raise WrongValueError(say("must be the whole path of a file, beginning with /, such as /root/password.txt"))
    if not text.isprintable() or ".." in text.split("/"):
        raise WrongValueError(say("must be the plain path of a file: without .. and without invisible signs"))
    return text


def parse_ip_address(text: str) -> str:
    """Return ``text``, an IPv4 or IPv6 address, in its shortest form.

    Raises:
        ValueError: with a sentence on what is wrong.
    """
    from ipaddress import ip_address  # noqa: PLC0415 takes long to load and most servers name no address

    try:
        return str(ip_address(text))
    except ValueError as error:
        raise WrongValueError(
            say("{given} is no IP address; one looks like 192.168.1.5 or 2001:db8::5", given=shown(text))
        ) from error


def parse_resolver(text: str) -> str:
    """Return ``text``, the IP address of a resolver with ``@port`` behind it where that is not 53.

    Raises:
        ValueError: with a sentence on what is wrong.
    """
    address, at, port = text.partition("@")
    if at and not (port.isascii() and port.isdigit() and 1 <= int(port[:6]) <= 65535):  # noqa: PLR2004 the last port
        raise WrongValueError(say("{given} has no port from 1 to 65535 behind the @", given=shown(text)))
    return parse_ip_address(address) + at + port


def refuse_password(text: str) -> None:
    """Return if the address ``text`` has no name and password of its own in it.

    Raises:
        ValueError: it has; with a sentence on what to do instead.
    """
    # it is not shown either: what is refused here may be the right password
    if _WITH_PASSWORD.match(text):
        raise WrongValueError(
            say(
                "has a name or password before the @, which everybody could read who sees the answers or a log: leave "
                "it out; a file that needs one, fetch yourself (curl) and name it by its path where that can be done"
            )
        )


def parse_https_url(text: str) -> str:
    """Return ``text``, the address of something on the web that is reached over TLS.

    Raises:
        ValueError: with a sentence on what is wrong.
    """
    refuse_password(text)
    if _HTTPS_URL.fullmatch(text) is None or not text.isprintable():
        message = f"{shown(text)} is no address that begins with https://, such as https://ca.example.org/directory"
        raise ValueError(message)
    return text


def parse_api_url(text: str) -> str:
    """Return ``text``, the address of a programming interface, without a final slash.

    What goes there holds secrets, so it is reached over TLS, or inside one's own network by an address of that.

    Raises:
        ValueError: with a sentence on what is wrong.
    """
    inside = _INSIDE_URL.fullmatch(text)
    if inside is None or not text.isprintable():
        return parse_https_url(text).rstrip("/")
    from ipaddress import ip_address  # noqa: PLC0415 see parse_ip_address

    if not ip_address(parse_ip_address(inside[1].strip("[]"))).is_private:
        raise WrongValueError(
            say("{given} must begin with https://: a secret goes there, through the open internet", given=shown(text))
        )
    return text.rstrip("/")


def parse_wording(text: str) -> str:
    """Return ``text``, words that the server says to people, in lines without space at their ends.

    Raises:
        ValueError: with a sentence on what is wrong.
    """
    lines = [line.strip() for line in text.strip().splitlines()]
    # a sign that XML cannot carry would end the connection of whoever is told it (XML 1.0 2.2)
    if not all(line.isprintable() for line in lines):
        raise WrongValueError(say("has an invisible sign in it that chat apps do not take"))
    return "\n".join(lines)


def parse_web_url(text: str) -> str:
    """Return ``text``, the address of something public on the web, with TLS or without.

    Raises:
        ValueError: with a sentence on what is wrong.
    """
    scheme, separator, rest = text.partition("://")
    secure = f"https{separator}{rest}" if scheme == "http" else text
    parse_https_url(secure)
    return text


AbsolutePath = Annotated[str, AfterValidator(parse_path), WithJsonSchema({"type": "string", "pattern": "^/"})]


@dataclass(frozen=True, slots=True)
class HoldsSecret:
    """Beside the type of an answer: the file that it names has a secret in it."""


SecretPath = Annotated[AbsolutePath, HoldsSecret()]
IpAddress = Annotated[
    str, AfterValidator(parse_ip_address), WithJsonSchema({"type": "string", "pattern": "^[0-9A-Fa-f.:]+$"})
]
Resolver = Annotated[
    str, AfterValidator(parse_resolver), WithJsonSchema({"type": "string", "pattern": "^[0-9A-Fa-f.:]+(@[0-9]+)?$"})
]
HttpsUrl = Annotated[str, AfterValidator(parse_https_url), WithJsonSchema({"type": "string", "pattern": "^https://"})]
ApiUrl = Annotated[str, AfterValidator(parse_api_url), WithJsonSchema({"type": "string", "pattern": "^https?://"})]
Wording = Annotated[str, AfterValidator(parse_wording)]
