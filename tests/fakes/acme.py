"""An ACME authority in memory, and the port 80 that it looks at."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tests.fakes.authority import FakeAuthority, _from_pem, _to_pem
from tests.fakes.host import FakeClock
from tests.fakes.recorder import Recorder
from tests.fakes.resolver import FakeResolver

from xmpp_wizard.core.acme.model import (
    AcmeError,
    Authorization,
    Challenge,
    DirectoryFacts,
    ExternalBinding,
    KeyKind,
    Order,
    Problem,
    RenewalInfo,
)


@dataclass
class FakeResponder(Recorder):
    """Port 80: ``proofs`` is what is served just now; ``is_taken`` says that another program has it."""

    proofs: dict[str, str] = field(default_factory=dict)
    is_taken: bool = False

    @contextmanager
    def serve(self, addresses: Sequence[str], proofs: Mapping[str, str]) -> Iterator[Sequence[str]]:
        self.hit("serve", ",".join(addresses))
        if self.is_taken:
            raise AcmeError(Problem("portTaken", "port 80: Address already in use"))
        self.proofs.update(proofs)
        try:
            yield []
        finally:
            self.proofs.clear()


@dataclass
class FakeTlsResponder(Recorder):
    """Port 443: as :class:`FakeResponder`; ``why_not`` says why nobody can be led past who has it.

    ``left`` are the names of rules that a killed run has left.
    """

    proofs: dict[str, str] = field(default_factory=dict)
    why_not: str = ""
    left: set[str] = field(default_factory=set)

    def hindrance(self, name: str) -> str:
        self.hit("hindrance", name)
        return self.why_not

    @contextmanager
    def serve(self, addresses: Sequence[str], proofs: Mapping[str, str], past: str = "") -> Iterator[Sequence[str]]:
        self.hit("serve", past or ",".join(addresses))
        if past and self.why_not:
            raise AcmeError(Problem("noWayPast", self.why_not))
        self.proofs.update(proofs)
        try:
            yield []
        finally:
            self.proofs.clear()

    def tidy(self, name: str) -> None:
        self.hit("tidy", name)
        self.left.discard(name)


@dataclass
class FakeAuthorities(Recorder):
    """Every directory URL is an authority; ``failing`` are the names whose check does not pass, and why.

    ``refusing`` are order-wide problems, each used once, by directory URL; ``down`` are URLs that are not reached.
    """

    clock: FakeClock = field(default_factory=FakeClock)
    authority: FakeAuthority = field(default_factory=FakeAuthority)
    responder: FakeResponder = field(default_factory=FakeResponder)
    tls_responder: FakeTlsResponder = field(default_factory=FakeTlsResponder)
    failing: dict[str, Problem] = field(default_factory=dict)
    failing_there: dict[tuple[str, str], Problem] = field(default_factory=dict)
    """As ``failing``, at one authority only: by its directory URL and name."""
    refusing: dict[str, list[Problem]] = field(default_factory=dict)
    down: dict[str, Problem] = field(default_factory=dict)
    facts: DirectoryFacts = field(default_factory=lambda: DirectoryFacts(has_renewal_info=True))
    unreachable: bool = False
    """Whether nobody outside gets through to port 80."""
    is_tls_unreachable: bool = False
    """Whether nobody outside gets through to port 443."""
    token: str = ""
    """What each challenge has for a token, in place of a proper one."""
    power_fails: bool = False
    """Whether this process ends in the midst of an order."""
    resolver: FakeResolver = field(default_factory=FakeResolver)
    window: RenewalInfo | None = None
    days: int = 90
    orders: list[tuple[str, tuple[str, ...], str, bool]] = field(default_factory=list)
    """Each order: directory URL, names, profile, whether it replaces one."""
    revoked: list[bytes] = field(default_factory=list)
    accounts: dict[str, dict[bytes, str]] = field(default_factory=dict)
    """URL of the account of each key, by directory URL."""
    memories: dict[str, tuple[dict[str, Order], dict[str, str], dict[str, bytes]]] = field(default_factory=dict)
    """Orders, authorizations that were answered and how, and chains, by directory URL."""

    def connect(self, directory_url: str, account_key: bytes, trusted_roots: str = "") -> FakeServer:
        self.hit("connect", directory_url)
        if directory_url in self.down:
            raise AcmeError(self.down[directory_url])
        assert trusted_roots == "" or trusted_roots.startswith("/")
        return FakeServer(self, directory_url, account_key)

    def new_key(self, kind: KeyKind) -> bytes:
        self.hit("new_key", kind)
        key = _from_pem("PRIVATE KEY", self.authority._new_key())
        return _to_pem("PRIVATE KEY", {**key, "kind": kind})

    def key_kind(self, key: bytes) -> str:
        return str(_from_pem("PRIVATE KEY", key).get("kind", ""))


class FakeServer:
    """One authority and one account."""

    def __init__(self, world: FakeAuthorities, url: str, key: bytes) -> None:
        self.world, self.url, self.key = world, url, key
        self._orders, self._answered, self._chains = world.memories.setdefault(url, ({}, {}, {}))

    @property
    def facts(self) -> DirectoryFacts:
        return self.world.facts

    def log_in(self, binding: ExternalBinding | None = None, *, makes_new: bool = True) -> str:  # noqa: ARG002 it asks for none
        accounts = self.world.accounts.setdefault(self.url, {})
        if self.key not in accounts and not makes_new:
            raise AcmeError(Problem("accountDoesNotExist", "unknown"))
        return accounts.setdefault(self.key, f"{self.url}/account/{len(accounts) + 1}")

    def change_key(self, key: bytes) -> None:
        self.world.hit("change_key", self.url)
        accounts = self.world.accounts[self.url]
        accounts[key] = accounts.pop(self.key)
        self.key = key
        if self.world.power_fails:
            raise SystemExit

    def order(self, names: Sequence[str], profile: str = "", replaces: bytes = b"") -> Order:
        self.world.orders.append((self.url, tuple(names), profile, bool(replaces)))
        refusals = self.world.refusing.get(self.url, [])
        if refusals:
            raise AcmeError(refusals.pop(0))
        url = f"{self.url}/order/{len(self.world.orders)}"
        urls = tuple(f"{url}/{name}" for name in names)
        self._orders[url] = Order(url, "pending", tuple(names), urls, f"{url}/finalize")
        return self._orders[url]

    def resume(self, url: str) -> Order:
        if url not in self._orders:
            raise AcmeError(Problem("malformed", "no such order"))
        order = self._orders[url]
        if order.status == "pending" and all(self.authorization(one).status == "valid" for one in order.authorizations):
            self._orders[url] = replace(order, status="ready")
        return self._orders[url]

    def authorization(self, url: str) -> Authorization:
        name = url.rpartition("/")[2]
        kinds = ("dns-01",) if name.startswith("*.") else ("http-01", "dns-01", "tls-alpn-01")
        status, problem = "pending", None
        answered = self._answered.get(url, "")
        if answered:
            is_served = url in self._chains or self._is_proven(name, answered)
            unseen = None if is_served else Problem("connection", "Connection refused")
            problem = self.world.failing_there.get((self.url, name)) or self.world.failing.get(name, unseen)
            status = "invalid" if problem else "valid"
            if not problem:
                self._chains[url] = b"seen"
        challenges = tuple(
            Challenge(
                kind,
                f"{url}#{kind}",
                status,
                self.world.token or _token(name),
                f"{_token(name)}.thumb",
                f"value-{name}",
                problem if kind == answered else None,
            )
            for kind in kinds
        )
        return Authorization(url, name.removeprefix("*."), name.startswith("*."), status, challenges)

    def _is_proven(self, name: str, method: str) -> bool:
        if method == "tls-alpn-01":
            return not self.world.is_tls_unreachable and name in self.world.tls_responder.proofs
        txt = self.world.resolver.records.get((f"_acme-challenge.{name.removeprefix('*.')}", "TXT"), ())
        is_served = not self.world.unreachable and _token(name) in self.world.responder.proofs
        return f"value-{name}" in txt if method == "dns-01" else is_served

    def answer(self, challenge: Challenge) -> None:
        url, _, kind = challenge.url.partition("#")
        self._answered[url] = kind

    def finalize(self, order: Order, key: bytes) -> Order:
        if self.world.power_fails:
            raise SystemExit
        now = self.world.clock.now()
        self.world.authority.serial += 1
        facts = {
            "names": order.names,
            "issuer": f"Fake CA {self.url}",
            "serial": self.world.authority.serial,
            "key": json_id(key),
            "not_before": (now - timedelta(hours=1)).isoformat(),
            "not_after": (now + timedelta(days=self.world.days)).isoformat(),
        }
        done = replace(order, status="valid", certificate_url=f"{order.url}/certificate")
        self._orders[order.url] = done
        self._chains[done.certificate_url] = _to_pem("CERTIFICATE", facts)
        return done

    def download(self, order: Order) -> bytes:
        return self._chains[order.certificate_url]

    def renewal_info(self, chain: bytes) -> RenewalInfo | None:
        assert chain
        return self.world.window

    def revoke(self, chain: bytes, reason: int) -> None:
        assert reason >= 0
        if chain in self.world.revoked:
            raise AcmeError(Problem("alreadyRevoked", "already revoked"))
        self.world.revoked.append(chain)


def _token(name: str) -> str:
    return "token-" + name.replace(".", "_").replace(":", "-").replace("*", "star")


def json_id(key: bytes) -> int:
    """Return what tells one fake key from another."""
    found: int = json.loads(json.dumps(_from_pem("PRIVATE KEY", key)["id"]))
    return found


def window(start: datetime, days: float) -> RenewalInfo:
    """Return a window for renewing of so many days."""
    return RenewalInfo(start, start + timedelta(days=days), 21600)
