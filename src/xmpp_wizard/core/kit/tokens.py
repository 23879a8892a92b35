"""Signed tokens (JWT, RFC 7519) as people log in with: what their keys must be, and those that a proof makes itself.

Whether a token is right decides the server alone; nothing here is asked about one that came from outside.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Literal, TypeAlias

from xmpp_wizard.core.errors import NeedsPersonError
from xmpp_wizard.core.text import say

Algorithm: TypeAlias = Literal["HS256", "RS256", "ES256"]
LEAST_SECRET_BYTES = 32
"""A shorter one can be guessed by who has a token (RFC 7518 3.2)."""
LEAST_RSA_BITS = 2048
"""RFC 7518 3.3."""

_SEQUENCE, _INTEGER, _BITS, _OID = 0x30, 0x02, 0x03, 0x06
_RSA = bytes.fromhex("2a864886f70d010101")
_EC = bytes.fromhex("2a8648ce3d0201")
_P256 = bytes.fromhex("2a8648ce3d030107")
_BEGIN, _END = "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"


def first_line(content: bytes) -> str:
    """Return the secret in a file: its first line, as the server reads it."""
    return content.decode(errors="replace").partition("\n")[0].removesuffix("\r")


def check_secret(content: bytes) -> None:
    """Return if a file has a secret for HS256.

    Raises:
        NeedsPersonError: it is too short, or no secret at all.
    """
    if b"-----BEGIN" in content:
        raise NeedsPersonError(
            say("this is a key, not a secret"),
            say("With a public key set features.jwt.algorithm to RS256 or ES256, and name it in public_key_file."),
        )
    line = content.partition(b"\n")[0].removesuffix(b"\r")
    how = say("Make one of at least {least}, for instance with: openssl rand -base64 48", least=LEAST_SECRET_BYTES)
    if len(line.strip()) < LEAST_SECRET_BYTES:
        raise NeedsPersonError(
            say(
                "the secret in the first line has {count} bytes, which is too short: who has a token could guess it",
                count=len(line.strip()),
            ),
            how,
        )
    if not _is_text(line):
        raise NeedsPersonError(say("the secret has signs in it that are no text, such as NUL"), how)
    if line != line.strip():
        raise NeedsPersonError(
            say("the secret has spaces at an end, which one side may count and the other not"),
            say("Remove them here, and where the tokens are made."),
        )


def _is_text(line: bytes) -> bool:
    try:
        return line.decode().isprintable()
    except UnicodeDecodeError:
        return False


def check_rsa_key(content: bytes) -> None:
    """Return if a file has a public key for RS256: RSA of at least 2048 bits (SubjectPublicKeyInfo, PEM).

    Raises:
        NeedsPersonError: it is another key, or none.
    """
    kind, parts = _public_key(content)
    if kind[0][1] != _RSA:
        raise _wrong_kind("RS256", "RSA")
    try:
        modulus = _items(_items(parts[1:])[0][1])[0][1]
    except (ValueError, IndexError) as error:
        raise _no_key() from error
    bits = int.from_bytes(modulus).bit_length()
    if bits < LEAST_RSA_BITS:
        raise NeedsPersonError(
            say("this RSA key has {bits} bits, which is too short", bits=bits),
            say("Make one of at least {least} bits where the tokens are made.", least=LEAST_RSA_BITS),
        )


def check_ec_key(content: bytes) -> None:
    """Return if a file has a public key for ES256: on the curve P-256 (SubjectPublicKeyInfo, PEM).

    Raises:
        NeedsPersonError: it is another key, or none.
    """
    kind, _ = _public_key(content)
    if kind != [(_OID, _EC), (_OID, _P256)]:
        raise _wrong_kind("ES256", "EC (P-256)")


CHECKS = {"HS256": check_secret, "RS256": check_rsa_key, "ES256": check_ec_key}


def _wrong_kind(algorithm: Algorithm, wanted: str) -> NeedsPersonError:
    return NeedsPersonError(
        say(
            "{algorithm} needs a public key of the kind {wanted}, and this is another",
            algorithm=algorithm,
            wanted=wanted,
        ),
        say("Correct features.jwt.algorithm: RS256 is for RSA keys, ES256 for EC keys (P-256)."),
    )


def _no_key() -> NeedsPersonError:
    return NeedsPersonError(
        say("this is no public key (PEM, BEGIN PUBLIC KEY)"),
        say("Get it from the private one, where that is, with: openssl pkey -in key.pem -pubout"),
    )


def _public_key(content: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """Return the algorithm of a public key with its parameters, and the bits of the key (RFC 5280 4.1)."""
    text = content.decode(errors="replace")
    if "PRIVATE KEY-----" in text:
        raise NeedsPersonError(
            say("this is a private key: only who makes the tokens may have it"),
            say("Give the server the public one: openssl pkey -in key.pem -pubout"),
        )
    try:
        der = b64decode("".join(text.partition(_BEGIN)[2].partition(_END)[0].split()), validate=True)
        [(outer, body)] = _items(der)
        [(first, algorithm), (second, bits)] = _items(body)
        kind = _items(algorithm)
    except (ValueError, IndexError) as error:
        raise _no_key() from error
    if (outer, first, second) != (_SEQUENCE, _SEQUENCE, _BITS) or not kind:
        raise _no_key()
    return kind, bits


def _items(der: bytes) -> list[tuple[int, bytes]]:
    """Return tag and content of each item of an encoding (X.690 8.1).

    Raises:
        ValueError: it is cut off.
        IndexError: it is cut off.
    """
    found = []
    while der:
        length, start = der[1], 2
        if length >= 0x80:  # noqa: PLR2004 the long form: so many bytes of length follow
            start += length - 0x80
            length = int.from_bytes(der[2:start])
        if len(der) < start + length:
            message = "cut off"
            raise ValueError(message)
        found.append((der[0], der[start : start + length]))
        der = der[start + length :]
    return found


def signed(secret: str, claims: Mapping[str, str | int]) -> str:
    """Return a token with ``claims``, signed with HS256 (RFC 7515 3.1)."""
    parts = [_base64(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
    text = ".".join(parts)
    return f"{text}.{_base64(hmac.digest(secret.encode(), text.encode(), hashlib.sha256))}"


def ends_at(token: str) -> float | None:
    """Return when a token ends, in seconds since 1970; None where it does not say so, or is none."""
    part = token.split(".")[1] if token.count(".") == 2 else ""  # noqa: PLR2004 header, claims, signature
    try:
        return float(json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))["exp"])
    except (ValueError, LookupError, TypeError):
        return None


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
