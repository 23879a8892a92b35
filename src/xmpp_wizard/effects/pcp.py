"""A router that speaks PCP (RFC 6887) or its forerunner NAT-PMP (RFC 6886): one small datagram each way."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address
from time import monotonic
from typing import Literal

PORT = 5351
_VERSION, _MAP, _ANSWER = 2, 1, 0x80
_ANNOUNCE = struct.pack("!BBHI", _VERSION, 0, 0, 0)
_PREFER_FAILURE = struct.pack("!BBH", 2, 0, 0)
"""This port or none: no other one would be found by anybody."""
_HEAD, _MAPPING = struct.Struct("!BBxBIIxxxxxxxxxxxx"), struct.Struct("!12sBxxxHH16s")
_MAPPED = b"\0" * 10 + b"\xff\xff"
_NUMBERS = {"tcp": 6, "udp": 17}
_FIRST_WAIT = 0.25
"""Seconds until a question is asked again; each further wait is twice as long (RFC 6886 3.1)."""
_LARGEST = 1100

FORBIDDEN = (2,)
TAKEN = (11,)
_NO_RESOURCES = 8
"""What miniupnpd says where there is nothing left to be taken back."""
SILENT = -1
"""In place of a result: no answer, or none that can be understood."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of the router at ``place`` for this machine (``address``); ``nonce`` (12 bytes) marks it as ours.

    ``seconds`` is how long to wait for each answer.
    """

    place: tuple[str, int]
    address: str
    nonce: bytes
    seconds: float


def language(place: tuple[str, int], address: str, seconds: float) -> Literal["PCP", "NAT-PMP", ""]:
    """Return what the router at ``place`` understands: who knows only NAT-PMP says so (RFC 6887 9)."""
    answer = asked(place, _ANNOUNCE + _MAPPED + IPv4Address(address).packed, seconds)
    if len(answer) < 4 or not answer[1] & _ANSWER:  # noqa: PLR2004 version, kind, result
        return ""
    if answer[0] == _VERSION:
        return "PCP"
    return "NAT-PMP" if answer[0] == 0 else ""


def pcp(ask: Ask, port: int, protocol: str, lifetime: int) -> tuple[int, int]:
    """Order ``port``, or take it back with a ``lifetime`` of 0; return the result (0: done) and how long it holds."""
    head = struct.pack("!BBHI", _VERSION, _MAP, 0, lifetime) + _MAPPED + IPv4Address(ask.address).packed
    anywhere = _MAPPED + bytes(4)
    body = _MAPPING.pack(ask.nonce, _NUMBERS[protocol], port, port if lifetime else 0, anywhere)
    answer = asked(ask.place, head + body + (_PREFER_FAILURE if lifetime else b""), ask.seconds)
    if len(answer) < _HEAD.size:
        return SILENT, 0
    version, kind, result, holds, _ = _HEAD.unpack_from(answer)
    if (version, kind) != (_VERSION, _ANSWER | _MAP):
        return SILENT, 0
    if result:
        return (0, 0) if not lifetime and result == _NO_RESOURCES else (int(result), 0)
    if len(answer) < _HEAD.size + _MAPPING.size:
        return SILENT, 0
    nonce, _, inside, outside, _ = _MAPPING.unpack_from(answer, _HEAD.size)
    if nonce != ask.nonce or inside != port:
        return SILENT, 0
    return (0, holds) if outside == port or not lifetime else (TAKEN[0], 0)


def nat_pmp(ask: Ask, port: int, protocol: str, lifetime: int) -> tuple[int, int]:
    """Do the same in NAT-PMP; a router that gives another port than the one asked for has it back at once."""
    kind = 1 if protocol == "udp" else 2
    question = struct.pack("!BBHHHI", 0, kind, 0, port, port if lifetime else 0, lifetime)
    answer = asked(ask.place, question, ask.seconds)
    if len(answer) < 4 or answer[:2] != bytes((0, _ANSWER | kind)):  # noqa: PLR2004 version, kind, result
        return SILENT, 0
    result = struct.unpack_from("!H", answer, 2)[0]
    if result:
        return int(result), 0
    if len(answer) < 16:  # noqa: PLR2004 RFC 6886 3.3
        return SILENT, 0
    inside, outside, holds = struct.unpack_from("!HHI", answer, 8)
    if inside != port:
        return SILENT, 0
    if lifetime and outside != port:
        asked(ask.place, struct.pack("!BBHHHI", 0, kind, 0, port, 0, 0), ask.seconds)
        return TAKEN[0], 0
    return 0, int(holds)


def own_address(gateway: str) -> str:
    """Return the address of this machine that ``gateway`` sees; nothing is sent."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.connect((gateway, PORT))
        return str(asking.getsockname()[0])
    return "0.0.0.0"  # noqa: S104 none


def asked(place: tuple[str, int], question: bytes, seconds: float) -> bytes:
    """Return the first answer of ``place`` itself to ``question``, which may get lost; nothing where none comes."""
    deadline, wait = monotonic() + seconds, _FIRST_WAIT
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.connect(place)
        while (left := deadline - monotonic()) > 0:
            asking.send(question)
            asking.settimeout(min(wait, left))
            with suppress(TimeoutError):
                return asking.recv(_LARGEST)
            wait *= 2
    return b""
