"""A home, its router and the world outside, each in a network of its own; the router is Debian's own miniupnpd.

Needs root, nftables and the servers that ``run-tests.sh`` unpacks.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")

SERVERS = Path(sys.prefix) / "servers"
MINIUPNPD = SERVERS / "usr/sbin/miniupnpd"
HERE, ROUTER, PUBLIC, STRANGER = "192.168.77.5", "192.168.77.1", "93.184.216.34", "93.184.216.1"
NEIGHBOUR = "192.168.77.9"
HERE_6, NEXT_6, PUBLIC_6, STRANGER_6 = "2003:e5:77::5", "2003:e5:78::5", "2003:e5:99::2", "2003:e5:99::1"
"""This machine, also after its line got another prefix; the router outside; somebody there."""
ROUTER_6 = "fe80::1%eth0"
_NEW_NETWORK = 0x40000000
_C = ctypes.CDLL(None, use_errno=True)

needs_network = pytest.mark.skipif(
    os.geteuid() != 0 or not Path("/usr/sbin/nft").exists() or not MINIUPNPD.exists(),
    reason="needs root, nftables and miniupnpd",
)

RULES = """
table inet filter {
 chain forward {
  type filter hook forward priority 0; policy drop;
  ct state established,related accept
  iifname "lan0" accept
  jump upnp
 }
 chain upnp { }
 chain prerouting { type nat hook prerouting priority -100; policy accept; jump upnp_in; }
 chain postrouting { type nat hook postrouting priority 100; policy accept; oifname "wan0" masquerade; jump upnp_out; }
 chain upnp_in { }
 chain upnp_out { }
}
"""
QUIET = """
table inet quiet { chain input { type filter hook input priority 0; policy accept; }; }
flush chain inet quiet input
"""
"""For what is not to be answered: this miniupnpd listens to PCP over IPv6 even where that is switched off."""
CONFIG = """ext_ifname=wan0
listening_ip=lan0
enable_upnp={upnp}
enable_natpmp={pcp}
uuid=c0ffee00-1234-4321-8888-000000000001
secure_mode=yes
{more}
upnp_table_name=filter
upnp_nat_table_name=filter
upnp_forward_chain=upnp
upnp_nat_chain=upnp_in
upnp_nat_postrouting_chain=upnp_out
min_lifetime=120
max_lifetime=86400
"""
ALLOWED = "allow 80-65535 192.168.77.0/24 80-65535\ndeny 0-65535 0.0.0.0/0 0-65535"


def run(*words: str, stdin: str = "") -> str:
    """Run a command that must succeed, and return what it prints."""
    return subprocess.run(words, input=stdin, check=True, capture_output=True, text=True).stdout


def within(space: str, work: Callable[[], T]) -> T:
    """Return what ``work`` returns when it is done in the network ``space``; a network belongs to a thread."""
    found: list[T] = []
    errors: list[BaseException] = []

    def enter() -> None:
        with Path(f"/run/netns/{space}").open() as place:
            if _C.setns(place.fileno(), _NEW_NETWORK) != 0:
                raise OSError(ctypes.get_errno(), space)
        try:
            found.append(work())
        except BaseException as error:  # noqa: BLE001 it is raised again where it is waited for
            errors.append(error)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return found[0]


@dataclass
class Home:
    """The names of the three networks."""

    inside: str
    router: str
    outside: str
    stack: ExitStack = field(default_factory=ExitStack)

    def nft(self, text: str) -> None:
        """Add rules to the router's."""
        run("ip", "netns", "exec", self.router, "nft", "-f", "-", stdin=text)

    def rules(self) -> str:
        """Return the router's rules."""
        return run("ip", "netns", "exec", self.router, "nft", "-s", "list", "ruleset")

    def spawn(self, space: str, *words: str) -> subprocess.Popen[str]:
        """Start a program in one of the networks; it ends with the test."""
        command = ["ip", "netns", "exec", space, *words]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.stack.enter_context(process)
        self.stack.callback(process.kill)
        return process

    def listen(self, space: str, ports: Sequence[int]) -> None:
        """Let somebody there answer on these ports with the address that calls."""
        process = self.spawn(space, sys.executable, "-c", _LISTEN.format(ports=tuple(ports)))
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

    def sees(self, space: str, address: str, port: int) -> str:
        """Return what answers at ``address`` to somebody in the network ``space``; empty: nobody."""
        return within(space, lambda: _called(address, port))

    def as_neighbour(self, *, is_it: bool = True) -> None:
        """Speak to the router as another machine of the same network, or as ourselves again."""
        subnet = ("192.168.77.0/24", "dev", "eth0", "proto", "kernel", "scope", "link")
        run("ip", "-n", self.inside, "route", "replace", *subnet, "src", NEIGHBOUR if is_it else HERE)

    def start_router(
        self, folder: Path, *, upnp: bool = True, pcp: bool = True, more: str = ALLOWED
    ) -> subprocess.Popen[str]:
        """Let the router take orders."""
        words = {True: "yes", False: "no"}
        self.nft(QUIET + ("" if pcp else "add rule inet quiet input udp dport 5351 reject\n"))
        config = folder / "miniupnpd.conf"
        config.write_text(CONFIG.format(upnp=words[upnp], pcp=words[pcp], more=more))
        log = folder / "miniupnpd.log"
        log.unlink(missing_ok=True)
        words_of_it = (str(MINIUPNPD), "-f", str(config), "-d", "-P", str(folder / "miniupnpd.pid"))
        process = self.spawn(self.router, "sh", "-c", 'exec "$@" >"$0" 2>&1', str(log), *words_of_it)
        last = "Listening for NAT-PMP" if pcp else "HTTP listening"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if log.exists() and last in log.read_text():
                return process
            assert process.poll() is None, log.read_text()
            time.sleep(0.02)
        raise AssertionError(log.read_text())


_LISTEN = """
import selectors, socket
waiting = selectors.DefaultSelector()
for port in {ports}:
    server = socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
    waiting.register(server, selectors.EVENT_READ)
print("ready", flush=True)
while True:
    for key, _ in waiting.select():
        caller, (address, *_) = key.fileobj.accept()
        caller.sendall(address.removeprefix("::ffff:").encode())
        caller.close()
"""


def _called(address: str, port: int) -> str:
    import socket  # noqa: PLC0415 in the thread of the other network

    try:
        with socket.create_connection((address, port), 0.5) as connection:
            connection.settimeout(10)
            return connection.recv(100).decode()
    except OSError:
        return ""


def _give_ipv6(home: Home) -> None:
    """Give each its addresses at once, the router inside exactly one for this link alone, as routers have."""
    for space, name, address in (
        (home.router, "lan0", "fe80::1/64"), (home.router, "lan0", "2003:e5:77::1/64"),
        (home.router, "lan0", "2003:e5:78::1/64"), (home.router, "wan0", f"{PUBLIC_6}/64"),
        (home.inside, "eth0", f"{HERE_6}/64"), (home.outside, "eth0", f"{STRANGER_6}/64"),
    ):  # fmt: skip
        run("ip", "-n", space, "address", "add", address, "dev", name, "nodad")
    run("ip", "-n", home.inside, "route", "add", "default", "via", "fe80::1", "dev", "eth0")
    run("ip", "-n", home.outside, "route", "add", "2003:e5::/32", "via", PUBLIC_6)
    run("ip", "netns", "exec", home.router, "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1")


@contextmanager
def home_network() -> Iterator[Home]:
    """Yield a home behind a router that lets nobody in."""
    mark = uuid.uuid4().hex[:6]
    home = Home(f"xh{mark}", f"xr{mark}", f"xo{mark}")
    spaces = (home.inside, home.router, home.outside)
    with home.stack:
        for space in spaces:
            run("ip", "netns", "add", space)
            home.stack.callback(run, "ip", "netns", "delete", space)
            run("ip", "-n", space, "link", "set", "lo", "up")
        for name, other in (("lan0", home.inside), ("wan0", home.outside)):
            words = ("type", "veth", "peer", "name", "eth0", "netns", other)
            run("ip", "link", "add", name, "netns", home.router, *words)
        run("ip", "-n", home.router, "link", "set", "lan0", "addrgenmode", "none")
        for space, name, address in (
            (home.inside, "eth0", HERE), (home.router, "lan0", ROUTER),
            (home.router, "wan0", PUBLIC), (home.outside, "eth0", STRANGER),
        ):  # fmt: skip
            run("ip", "-n", space, "address", "add", f"{address}/24", "dev", name)
            run("ip", "-n", space, "link", "set", name, "up")
        run("ip", "-n", home.inside, "address", "add", f"{NEIGHBOUR}/24", "dev", "eth0")
        run("ip", "-n", home.inside, "route", "add", "default", "via", ROUTER)
        run("ip", "-n", home.router, "route", "add", "default", "via", STRANGER)
        run("ip", "netns", "exec", home.router, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        _give_ipv6(home)
        home.nft(RULES)
        time.sleep(0.05)
        yield home
