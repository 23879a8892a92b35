"""A tiny DNS server for names that exist only in a test: A and SRV records, everything else does not exist."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Self

A, SRV = 1, 33
_NO_SUCH_NAME = 3


class Dns:
    """Answers on UDP port 53 of ``address`` from ``records``: (name, type) to addresses or "port target"."""

    def __init__(self, address: str) -> None:
        """Know nothing yet."""
        self.address = address
        self.records: dict[tuple[str, int], tuple[str, ...]] = {}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 53))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", (self.address, 53))
        self._thread.join()
        self._socket.close()

    def publish(self, records: Mapping[tuple[str, int], tuple[str, ...]]) -> None:
        """Add records; names without a final dot."""
        self.records = {**self.records, **records}

    def _serve(self) -> None:
        while True:
            query, sender = self._socket.recvfrom(4096)
            if not query:
                return
            self._socket.sendto(self._answer(query), sender)

    def _answer(self, query: bytes) -> bytes:
        name, end = _read_name(query, 12)
        kind = struct.unpack("!H", query[end : end + 2])[0]
        found = self.records.get((name.lower(), kind), ())
        exists = any(known == name.lower() or known.endswith(f".{name.lower()}") for known, _ in self.records)
        status = 0 if found or exists else _NO_SUCH_NAME
        header = query[:2] + struct.pack("!HHHHH", 0x8580 | status, 1, len(found), 0, 0)
        return header + query[12 : end + 4] + b"".join(_record(kind, value) for value in found)


def _record(kind: int, value: str) -> bytes:
    if kind == A:
        data = socket.inet_aton(value)
    else:
        port, target = value.split()
        data = struct.pack("!HHH", 0, 5, int(port)) + _name(target)
    return b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 1, len(data)) + data


def _name(name: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def _read_name(message: bytes, at: int) -> tuple[str, int]:
    labels = []
    while message[at]:
        length = message[at]
        labels.append(message[at + 1 : at + 1 + length].decode())
        at += 1 + length
    return ".".join(labels), at + 1
