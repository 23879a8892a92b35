"""Loopback addresses that no other test on this machine has: those that are chosen by chance meet sooner or later.

Tests run beside each other in several processes. Each claims a network of 256 addresses at a time by binding a socket
whose name is in memory alone (unix(7), "abstract"): the kernel frees it with the process, however that ends.
"""

from __future__ import annotations

import secrets
import socket
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_CLAIMS: list[socket.socket] = []
_HOSTS = range(2, 255)
_NETWORKS = range(1, 256)
"""The one with the number 0 is nobody's: for addresses that are written down in tests."""


def own_network(group: int) -> str:
    """Return the first three numbers of a network of ``127.<group>.0.0/16`` that nobody else gets before we end."""
    first = secrets.randbelow(len(_NETWORKS))
    for number in (*_NETWORKS[first:], *_NETWORKS[:first]):
        network = f"127.{group}.{number}"
        if _is_in_use(group, number):
            continue
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0xmpp-wizard-tests-{network}")
        except OSError:
            claim.close()
        else:
            _CLAIMS.append(claim)
            return network
    raise AssertionError(f"every network of 127.{group} is somebody's")


def _is_in_use(group: int, number: int) -> bool:
    """Say whether somebody has a socket there: what a killed test has left behind, too."""
    kernels = f"{number:02X}{group:02X}7F:"
    return any(kernels in Path(f"/proc/net/{table}").read_text() for table in ("tcp", "udp"))


def own_address(group: int = 50) -> str:
    """Return an address of ``127.<group>.0.0/16`` that was given to nobody before."""
    return next(_addresses(group))


@cache
def _addresses(group: int) -> Iterator[str]:
    return (f"{network}.{host}" for network in iter(lambda: own_network(group), "") for host in _HOSTS)
