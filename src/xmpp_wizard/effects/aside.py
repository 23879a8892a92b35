"""nftables leads new connections past a program that has a port; those that it has already, it keeps.

Only the first packet of a connection is handed to another socket (TPROXY): nothing is rewritten or tracked, so that
what goes on is not touched, a firewall sees the port that it knows, and the socket sees who comes. Once nobody
listens on that socket any more, the rule does nothing at all, even if it was left behind.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ipaddress import ip_address

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.effects.program import has_program, run_program

MARK = 0x584D5050
"""On connections that are not to be led aside; ``XMPP``."""
_IPV6_TRANSPARENT = 75
"""linux/in6.h; the socket module has no name for it, nor for the one of IPv4."""
_IP_TRANSPARENT = 19


def hindrance(name: str) -> str:
    """Return why this machine cannot lead connections aside; empty where it can. Nothing is changed."""
    if not has_program("nft"):
        return "the program nft (package nftables) is missing"
    try:
        run_program("nft", "--check", "--file", "-", stdin=_rules(name, (), 443, 1))
    except EffectError as error:
        return str(error.text)
    return ""


@contextmanager
def led_aside(name: str, addresses: Sequence[str], port: int, listener: socket.socket) -> Iterator[None]:
    """Lead new connections to ``port`` of ``addresses`` (none: all of this machine) to ``listener``; table ``name``.

    Raises:
        EffectError: nftables refuses.
    """
    run_program("nft", "--file", "-", stdin=_rules(name, addresses, port, listener.getsockname()[1]))
    try:
        yield
    finally:
        tidy(name)


def tidy(name: str) -> None:
    """Remove the rules, also those of a run that was killed; nothing happens where there are none."""
    if has_program("nft"):
        run_program("nft", "delete", "table", "inet", name, fails=True)


def transparent_listener() -> socket.socket:
    """Return a socket on a free port that takes connections to any address and port, of IPv4 and IPv6 alike."""
    try:
        found = socket.socket(socket.AF_INET6)
        found.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        found.setsockopt(socket.IPPROTO_IPV6, _IPV6_TRANSPARENT, 1)
        found.setsockopt(socket.IPPROTO_IP, _IP_TRANSPARENT, 1)
        found.bind(("::", 0))
    except OSError:
        # IPv6 is switched off
        found = socket.socket()
        found.setsockopt(socket.IPPROTO_IP, _IP_TRANSPARENT, 1)
        found.bind(("", 0))
    found.listen(128)
    return found


def behind(address: tuple[str, int]) -> socket.socket:
    """Return a socket, not connected yet, that reaches the program at ``address`` past the rules."""
    found = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, MARK)
    found.setblocking(False)  # noqa: FBT003 a standard call
    return found


def _rules(name: str, addresses: Sequence[str], port: int, listening: int) -> str:
    """Return the table, which takes the place of one that was left behind."""
    first = f"tcp dport {port} tcp flags & (syn|ack) == syn meta mark != {MARK}"
    lines = [f"{to} {first} tproxy {family} to :{listening} accept" for family, to in _destinations(addresses)]
    hook = "type filter hook prerouting priority mangle; policy accept;"
    chain = "\n".join(("chain aside {", hook, *lines, "}"))
    return f"table inet {name}\ndelete table inet {name}\ntable inet {name} {{\n{chain}\n}}\n"


def _destinations(addresses: Sequence[str]) -> Iterator[tuple[str, str]]:
    for address in map(ip_address, addresses or ("0.0.0.0", "::")):  # noqa: S104 nothing is opened by it
        family = "ip6" if address.version == 6 else "ip"  # noqa: PLR2004 a version
        every = f"meta nfproto ipv{address.version} fib daddr type local"
        yield family, every if address.is_unspecified else f"{family} daddr {address}"
