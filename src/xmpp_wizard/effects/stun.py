"""Messages of STUN (RFC 8489) and TURN (RFC 8656), as far as a health gate and a proof need them.

Ours, and not a library's: aioice, the one that is kept well, follows no TLS name but the address it connects to, and
tries a refused or silent server again for half a minute.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TypeAlias

Place: TypeAlias = tuple[str, int]
"""Address and port."""

HEADER_BYTES = 20
COOKIE = 0x2112A442
BINDING, ALLOCATE, REFRESH, SEND, DATA, CREATE_PERMISSION = 0x0001, 0x0003, 0x0004, 0x0016, 0x0017, 0x0008
"""Methods; the kinds of message below are added to them."""
INDICATION, SUCCESS, ERROR = 0x0010, 0x0100, 0x0110
USERNAME, MESSAGE_INTEGRITY, ERROR_CODE = 0x0006, 0x0008, 0x0009
LIFETIME, XOR_PEER_ADDRESS, PAYLOAD, REALM, NONCE = 0x000D, 0x0012, 0x0013, 0x0014, 0x0015
XOR_RELAYED_ADDRESS, REQUESTED_FAMILY, REQUESTED_TRANSPORT, XOR_MAPPED_ADDRESS = 0x0016, 0x0017, 0x0019, 0x0020
_INTEGRITY_BYTES = 24
_IPV4, _IPV6 = 1, 2


@dataclass(frozen=True, slots=True)
class Message:
    """One message: method and kind, the number that joins answer and question, and its attributes."""

    kind: int
    transaction: bytes
    attributes: Sequence[tuple[int, bytes]] = ()

    def value(self, attribute: int) -> bytes | None:
        """Return the first value of an attribute, None where there is none."""
        return next((value for kind, value in self.attributes if kind == attribute), None)

    def place(self, attribute: int) -> Place | None:
        """Return an address attribute (XOR-…-ADDRESS)."""
        value = self.value(attribute)
        return unmasked(value, self.transaction) if value is not None else None

    @property
    def error(self) -> tuple[int, str]:
        """The code and reason of a refusal; 0 where it is none."""
        value = self.value(ERROR_CODE)
        if value is None:
            return 0, ""
        return value[2] * 100 + value[3], value[4:].decode("utf-8", "replace")


def question(method: int) -> Message:
    """Return a message with a number of its own."""
    return Message(method, os.urandom(12))


def encoded(message: Message, key: bytes = b"") -> bytes:
    """Return the bytes of a message; with a ``key`` signed by it (MESSAGE-INTEGRITY)."""
    body = b"".join(_attribute(kind, value) for kind, value in message.attributes)
    if not key:
        return _header(message, len(body)) + body
    signature = hmac.digest(key, _header(message, len(body) + _INTEGRITY_BYTES) + body, hashlib.sha1)
    return _header(message, len(body) + _INTEGRITY_BYTES) + body + _attribute(MESSAGE_INTEGRITY, signature)


def decoded(data: bytes) -> Message:
    """Return the message that ``data`` is.

    Raises:
        ValueError: it is none.
    """
    if len(data) < HEADER_BYTES or struct.unpack_from("!I", data, 4)[0] != COOKIE:
        message = "no message of STUN"
        raise ValueError(message)
    (kind,) = struct.unpack_from("!H", data)
    return Message(kind, data[8:HEADER_BYTES], tuple(_attributes(data[HEADER_BYTES : HEADER_BYTES + length(data)])))


def length(header: bytes) -> int:
    """Return how many bytes follow a header, which is what frames messages on a stream."""
    return int(struct.unpack_from("!H", header, 2)[0])


def long_term_key(username: str, realm: str, password: str) -> bytes:
    """Return what a password signs messages with (RFC 8489 9.2.2)."""
    return hashlib.md5(f"{username}:{realm}:{password}".encode(), usedforsecurity=False).digest()


def masked(place: Place, transaction: bytes) -> bytes:
    """Return an address attribute's value, which no router rewrites (RFC 8489 14.2)."""
    raw = ip_address(place[0]).packed
    family = _IPV4 if len(raw) == 4 else _IPV6  # noqa: PLR2004 bytes of IPv4
    return struct.pack("!BBH", 0, family, place[1] ^ COOKIE >> 16) + _mixed(raw, transaction)


def unmasked(value: bytes, transaction: bytes) -> Place:
    """Return the address that :func:`masked` wrote."""
    port = struct.unpack_from("!H", value, 2)[0] ^ COOKIE >> 16
    return str(ip_address(_mixed(value[4:], transaction))), int(port)


def _mixed(raw: bytes, transaction: bytes) -> bytes:
    mask = struct.pack("!I", COOKIE) + transaction
    return bytes(one ^ other for one, other in zip(raw, mask, strict=False))


def _header(message: Message, body_bytes: int) -> bytes:
    return struct.pack("!HHI", message.kind, body_bytes, COOKIE) + message.transaction


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def _attributes(body: bytes) -> Iterator[tuple[int, bytes]]:
    while len(body) >= 4:  # noqa: PLR2004 an attribute's head
        kind, size = struct.unpack_from("!HH", body)
        yield kind, body[4 : 4 + size]
        body = body[4 + size + -size % 4 :]
