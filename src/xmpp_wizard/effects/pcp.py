"""A router that speaks PCP (RFC 6887) or its forerunner NAT-PMP (RFC 6886): one small datagram each way."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address
from time import monotonic
from typing import Literal

PORT = 5351
_VERSION, _MAP, _ANSWER = 2, 1, 0x80
_ANNOUNCE = struct.pack("!BBHI", _VERSION, 0, 0, 0)
_PREFER_FAILURE = struct.pack("!BBH", 2, 0, 0)
"""This port or none: no other one would be found by anybody."""
_HEAD, _MAPPING = struct.Struct("!BBxBIIxxxxxxxxxxxx"), struct.Struct("!12sBxxxHH16s")
_MAPPED = b"\0" * 10 + b"\xff\xff"
"""Before an IPv4 address (RFC 4291 2.5.5.2)."""
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

    An IPv6 ``address`` is itself what is called from outside: the router's firewall lets its port in, nothing is led.
    ``seconds`` is how long to wait for each answer.
    """

    place: tuple[str, int]
    address: str
    nonce: bytes
    seconds: float


def language(place: tuple[str, int], address: str, seconds: float) -> Literal["PCP", "NAT-PMP", ""]:
    """Return what the router at ``place`` understands: who knows only NAT-PMP says so (RFC 6887 9)."""
    answer = asked(place, _ANNOUNCE + _packed(address), seconds)
    if len(answer) < 4 or not answer[1] & _ANSWER:  # noqa: PLR2004 version, kind, result
        return ""
    if answer[0] == _VERSION:
        return "PCP"
    return "NAT-PMP" if answer[0] == 0 else ""


def pcp(ask: Ask, port: int, protocol: str, lifetime: int) -> tuple[int, int]:
    """Order ``port``, or take it back with a ``lifetime`` of 0; return the result (0: done) and how long it holds."""
    head = struct.pack("!BBHI", _VERSION, _MAP, 0, lifetime) + _packed(ask.address)
    body = _MAPPING.pack(ask.nonce, _NUMBERS[protocol], port, port if lifetime else 0, _anywhere(ask.address))
    question = head + body + (_PREFER_FAILURE if lifetime else b"")
    answer = asked(ask.place, question, ask.seconds, ask.address)
    if len(answer) < _HEAD.size:
        return SILENT, 0
    version, kind, result, holds, _ = _HEAD.unpack_from(answer)
    if (version, kind) != (_VERSION, _ANSWER | _MAP):
        return SILENT, 0
    if result:
        return (0, 0) if not lifetime and result == _NO_RESOURCES else (int(result), 0)
    if len(answer) < _HEAD.size + _MAPPING.size:
        return SILENT, 0
    nonce, number, inside, outside, public = _MAPPING.unpack_from(answer, _HEAD.size)
    if (nonce, number, inside) != (ask.nonce, _NUMBERS[protocol], port):
        return SILENT, 0
    is_other = outside != port or (":" in ask.address and public != _packed(ask.address))
    return _held(holds, lifetime, is_other=is_other)


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
    return _held(holds, lifetime, is_other=outside != port)


def _held(holds: int, lifetime: int, *, is_other: bool) -> tuple[int, int]:
    """Return the outcome of an order that the router took: one for no time at all, or elsewhere, is none."""
    if not lifetime:
        return 0, 0
    if is_other or not holds:
        return TAKEN[0] if is_other else SILENT, 0
    return 0, min(int(holds), lifetime)


def own_address(gateway: str) -> str:
    """Return the address of this machine that ``gateway`` sees; nothing is sent."""
    with suppress(OSError), _towards((gateway, PORT)) as asking:
        return str(asking.getsockname()[0]).partition("%")[0]
    return "0.0.0.0"  # noqa: S104 none


def asked(place: tuple[str, int], question: bytes, seconds: float, source: str = "") -> bytes:
    """Return the first answer of ``place`` itself to ``question``, which may get lost; nothing where none comes.

    ``source`` is this machine's address to ask from, where it matters which.
    """
    deadline, wait = monotonic() + seconds, _FIRST_WAIT
    with suppress(OSError), _towards(place, source) as asking:
        while (left := deadline - monotonic()) > 0:
            asking.send(question)
            asking.settimeout(min(wait, left))
            with suppress(TimeoutError):
                return asking.recv(_LARGEST)
            wait *= 2
    return b""


def _towards(place: tuple[str, int], source: str = "") -> socket.socket:
    """Return a socket that sends to ``place`` and hears nobody else.

    Raises:
        OSError: there is no way there, or ``source`` is not an address of this machine (any more).
    """
    kind = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
    # only this understands which link an address for one link is meant for
    family, *_, there = socket.getaddrinfo(*place, kind, socket.SOCK_DGRAM)[0]
    made = socket.socket(family, socket.SOCK_DGRAM)
    try:
        if ":" in source:
            made.bind((source, 0))
        made.connect(there)
    except OSError:
        made.close()
        raise
    return made


def _packed(address: str) -> bytes:
    found = ip_address(address)
    return _MAPPED + found.packed if isinstance(found, IPv4Address) else found.packed


def _anywhere(address: str) -> bytes:
    """Return what stands for no address in particular, of the same kind (RFC 6887 11.1)."""
    return bytes(16) if ":" in address else _MAPPED + bytes(4)
