"""A whole little internet: a signed root, ``lab.``, zones below it on two servers, and a resolver that checks DNSSEC.

All of it on loopback addresses of its own, so that several can run beside each other and beside a real resolver.
"""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

import dns.message
import dns.query
from tests.addresses import own_network
from tests.e2e.dns.programs import (
    ALGORITHM,
    KEY_NAME,
    PROOFS_KEY_NAME,
    PROOFS_SECRET,
    SECRET,
    Process,
    keymgr,
    socket_folder,
)

HERE = "9.9.9.9"
"""What is published as the server's address; nobody connects to it."""

_KNOT = """server:
    listen: {address}@53
    rundir: {sockets}
    user: root
database:
    storage: {folder}/db
key:
  - id: {key}
    algorithm: {algorithm}
    secret: {secret}
  - id: {other_key}
    algorithm: {algorithm}
    secret: {other_secret}
acl:
  - id: proofs
    key: {other_key}
    action: update
  - id: update
    key: {key}
    action: [update, transfer]
  - id: transfer
    address: [127.0.0.0/8, {ns1}, {ns2}]
    action: [transfer, notify]
remote:
  - id: ns1
    address: {ns1}
  - id: ns2
    address: {ns2}
  - id: dead
    address: {dead}
policy:
  - id: manual
    manual: on
    single-type-signing: on
template:
  - id: default
    storage: {folder}
    file: "%s.zone"
    acl: [update, transfer]
    zonefile-load: difference
    zonefile-sync: -1
    journal-content: all
zone:
"""

_UNBOUND = """server:
  interface: {resolver}
  access-control: 0.0.0.0/0 allow
  outgoing-interface: {resolver}
  do-not-query-localhost: no
  chroot: ""
  username: ""
  directory: {folder}
  pidfile: ""
  use-syslog: no
  root-hints: {folder}/root.hints
  trust-anchor-file: {folder}/root.key
  module-config: "validator iterator"
  cache-max-ttl: 1
  cache-max-negative-ttl: 1
  infra-host-ttl: 1
  aggressive-nsec: no
  ede: yes
  local-zone: "home.example.lab." transparent
  local-data: "home.example.lab. 5 IN A 192.168.1.77"
{more}
remote-control:
  control-enable: no
"""

_DELEGATED = ("example.lab.", "plain.lab.", "proofs.lab.", "bogus.lab.", "split.lab.", "half.lab.")
_SIGNED = ("dnssec-signing: on", "dnssec-policy: manual")


class Lab:
    """The little internet; ``resolver`` is who answers for all of it."""

    def __init__(self, folder: Path, net: str = "") -> None:
        """Choose addresses, or take them of a network such as ``198.18.66`` that is there."""
        net = net or own_network(66)
        self.root, self.ns1, self.ns2, self.dead, self.resolver = (f"{net}.{n}" for n in (10, 11, 12, 13, 53))
        self.spare = f"{net}.14"
        """For one more server of a test."""
        self.other_resolver = f"{net}.54"
        """For a resolver of somebody else's, once :meth:`resolve_at` has started it."""
        self._folder = folder
        self._processes: list[Process] = []
        self._sockets: list[TemporaryDirectory[str]] = []

    def __enter__(self) -> Self:
        """Start everything."""
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop everything."""
        self.stop()

    def stop(self) -> None:
        """Stop what runs."""
        while self._processes:
            self._processes.pop().stop()
        while self._sockets:
            self._sockets.pop().cleanup()

    def _start(self) -> None:
        first, second = self._zones()
        one, two = self._knot("ns1", self.ns1, first), self._knot("ns2", self.ns2, second)
        anchors = {zone: _anchor(one, zone) for zone in ("example.lab.", "bogus.lab.")}
        broken = anchors["bogus.lab."].rpartition(" ")[0] + " " + "00" * 32
        top = self._knot(
            "root",
            self.root,
            {".": (self._root_zone(), _SIGNED), "lab.": (self._lab_zone(anchors["example.lab."], broken), _SIGNED)},
        )
        root, lab = _anchor(top, "."), _anchor(top, "lab.")
        with (self._folder / "root" / "root.zone").open("a") as file:
            file.write(f"{lab}\n")
        for name, address, config in (("root", self.root, top), ("ns1", self.ns1, one), ("ns2", self.ns2, two)):
            self._run(Process(self._folder / name, "knotd", "-c", config), address)
        (self._folder / "root.hints").write_text(f". 60 IN NS a.root.\na.root. 60 IN A {self.root}\n")
        (self._folder / "root.key").write_text(f"{root}\n")
        for server in (self.ns1, self.ns2):
            self._wait_for("example.lab", server)
            self._wait_for("split.lab", server)
        self._wait_for("lab", self.root)
        self.resolve_at(self.resolver)

    def resolve_at(self, address: str, *more: str) -> None:
        """Start a resolver, which remembers nothing that others have asked; ``more`` are lines for its ``server``."""
        config = self._folder / f"unbound-{address}.conf"
        extra = "".join(f"  {line}\n" for line in more)
        config.write_text(_UNBOUND.format(resolver=address, folder=self._folder, more=extra))
        self._run(Process(self._folder, "unbound", "-d", "-c", config), address)

    def _wait_for(self, zone: str, server: str) -> None:
        """Wait until a server has loaded, or fetched, a zone."""
        deadline = time.monotonic() + 20
        query = dns.message.make_query(zone, "SOA")
        while not dns.query.udp(query, server, timeout=5).answer:
            assert time.monotonic() < deadline, f"{server} does not get {zone}"
            time.sleep(0.05)

    def _run(self, process: Process, address: str) -> None:
        self._processes.append(process)
        process.start(address)

    def _knot(self, name: str, address: str, zones: dict[str, tuple[str, tuple[str, ...]]]) -> Path:
        """Write the configuration of one server: zone → (text, options)."""
        folder = self._folder / name
        (folder / "db").mkdir(parents=True)
        self._sockets.append(socket_folder())
        values = {"key": KEY_NAME, "algorithm": ALGORITHM, "secret": SECRET, "ns1": self.ns1, "ns2": self.ns2}
        values |= {"dead": self.dead, "other_key": PROOFS_KEY_NAME, "other_secret": PROOFS_SECRET}
        config = _KNOT.format(address=address, folder=folder, sockets=self._sockets[-1].name, **values)
        for zone, (text, options) in zones.items():
            file = f"{zone.rstrip('.') or 'root'}.zone"
            if text:
                (folder / file).write_text(text)
            config += f"  - domain: {zone}\n    file: {file}\n" + "".join(f"    {option}\n" for option in options)
        (folder / "knot.conf").write_text(config)
        return folder / "knot.conf"

    def _zones(self) -> tuple[dict[str, tuple[str, tuple[str, ...]]], dict[str, tuple[str, tuple[str, ...]]]]:
        """Return the zones of both servers; the second one follows the first, but for ``split.lab``."""
        plain = {
            zone: _head(zone) + f"{zone} 5 IN A {HERE}\n"
            for zone in ("plain.lab.", "bogus.lab.", "split.lab.", "proofs.lab.", "half.lab.")
        }
        plain["plain.lab."] += "_acme-challenge.plain.lab. 5 IN CNAME plain.acme.example.lab.\n"
        first = {
            "example.lab.": (self._example(), (*_SIGNED, "notify: ns2")),
            "plain.lab.": (plain["plain.lab."], ("notify: ns2",)),
            # only this one is changed by the key for proofs, and by no other
            "proofs.lab.": (plain["proofs.lab."], ("acl: [proofs, transfer]", "notify: ns2")),
            "bogus.lab.": (plain["bogus.lab."], _SIGNED),
            "split.lab.": (plain["split.lab."], ()),
            "half.lab.": (plain["half.lab."], ()),
        }
        second = {
            **dict.fromkeys(("example.lab.", "plain.lab.", "proofs.lab.", "bogus.lab."), ("", ("master: ns1",))),
            "split.lab.": (plain["split.lab."].replace(HERE, "8.8.8.8"), ()),
            # it gets no copy, and fails
            "half.lab.": ("", ("master: dead",)),
        }
        return first, second

    def _example(self) -> str:
        return (
            _head("example.lab.")
            + f"""ns1.example.lab. 60 IN A {self.ns1}
ns2.example.lab. 60 IN A {self.ns2}
example.lab. 5 IN A {HERE}
xmpp.example.lab. 5 IN A {HERE}
home.example.lab. 5 IN A {HERE}
*.wild.example.lab. 5 IN A 8.8.8.8
alias.example.lab. 5 IN CNAME xmpp.example.lab.
loop.example.lab. 5 IN CNAME loop2.example.lab.
loop2.example.lab. 5 IN CNAME loop.example.lab.
cut.example.lab. 5 IN NS ns.cut.example.lab.
ns.cut.example.lab. 5 IN A {self.root}
text.example.lab. 5 IN TXT "one " "text"
forbid.example.lab. 5 IN CAA 0 issue "other.lab"
method.example.lab. 5 IN CAA 0 issue "letsencrypt.org; validationmethods=dns-01"
private.example.lab. 5 IN A 192.168.178.20
shared.example.lab. 5 IN A 100.64.3.4
stale.example.lab. 5 IN A 8.8.8.8
six.example.lab. 5 IN A {HERE}
six.example.lab. 5 IN AAAA 2001:4860:4860::8888
_xmpp-client._tcp.example.lab. 5 IN SRV 10 5 5222 XMPP.example.lab.
"""
        )

    def _lab_zone(self, anchor: str, broken: str) -> str:
        text = "lab. 60 IN SOA a.root. x. 1 60 60 600 1\nlab. 60 IN NS a.root.\n"
        text += "".join(_servers(zone) for zone in _DELEGATED)
        text += f"ns1.example.lab. 60 IN A {self.ns1}\nns2.example.lab. 60 IN A {self.ns2}\n{anchor}\n{broken}\n"
        text += f"auth.lab. 60 IN NS ns.auth.lab.\nns.auth.lab. 60 IN A {self.spare}\n"
        text += f"dead.lab. 60 IN NS ns.dead.lab.\nns.dead.lab. 60 IN A {self.dead}\n"
        return text + f"lame.lab. 60 IN NS ns.lame.lab.\nns.lame.lab. 60 IN A {self.ns1}\n"

    def _root_zone(self) -> str:
        text = ". 60 IN SOA a.root. x. 1 60 60 600 1\n. 60 IN NS a.root.\nlab. 60 IN NS a.root.\n"
        return f"{text}a.root. 60 IN A {self.root}\n"


def _head(zone: str) -> str:
    return f"{zone} 60 IN SOA ns1.example.lab. admin.example.lab. 1 60 60 600 1\n{_servers(zone)}"


def _servers(zone: str) -> str:
    return f"{zone} 60 IN NS ns1.example.lab.\n{zone} 60 IN NS ns2.example.lab.\n"


def _anchor(config: Path, zone: str) -> str:
    """Make a key for the zone and return its DS record as a line of the zone above."""
    keymgr(config, zone, "generate", "algorithm=ecdsap256sha256", "ksk=yes", "zsk=yes")
    return next(line for line in keymgr(config, zone, "ds").splitlines() if " 13 2 " in line).replace(
        " DS ", " 60 IN DS ", 1
    )
