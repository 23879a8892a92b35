"""A provider that keeps the records which the fake resolver tells."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.fakes.recorder import Recorder
from tests.fakes.resolver import FakeResolver

from xmpp_wizard.core.dns.account import Access, DnsAccount, Registration
from xmpp_wizard.core.dns.change import Change
from xmpp_wizard.core.dns.host_meta import WebPage
from xmpp_wizard.core.dns.record import Record
from xmpp_wizard.core.errors import DnsProviderError, DnsRefusedError, NameTakenError
from xmpp_wizard.core.text import say


@dataclass
class FakeDnsProviders(Recorder):
    """Knows one secret. ``most`` limits how many records come through before it fails; a liar only says yes."""

    resolver: FakeResolver = field(default_factory=FakeResolver)
    secret: str = "right"
    secrets: dict[str, str] = field(default_factory=dict)
    """Of zones in other accounts."""
    most: int = -1
    is_liar: bool = False
    changes: list[Change] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    """Names that are somebody else's."""
    places: dict[str, Registration] = field(default_factory=dict)
    """Of an acme-dns server, by their whole name."""

    def apply(self, access: Access, change: Change) -> None:
        self.hit("apply", change.zone)
        if access.account.provider == "acme-dns":
            self._put_texts(access, change)
            return
        self._let_in(access, change.zone)
        if not any(owner == change.zone for owner, _ in self.resolver.records):
            raise DnsProviderError(say("no such zone"), say("look at dns.zone"))
        self.changes.append(change)
        if not self.is_liar:
            self._make(change)

    def has(self, access: Access, zone: str) -> bool:
        self.hit("has", zone)
        self._let_in(access, zone)
        return self._keeps(zone)

    def claim(self, access: Access, zone: str) -> None:
        self.hit("claim", zone)
        self._let_in(access, zone)
        if zone in self.taken:
            raise NameTakenError(say("{name} is somebody else's", name=zone), say("choose another name"))
        if not self._keeps(zone):
            self.resolver.zone(zone, ns1="192.0.2.53")

    def register(self, account: DnsAccount) -> Registration:
        self.hit("register", account.api_url)
        name = f"place{len(self.places) + 1}"
        place = Registration(f"{name}.auth.example", name, f"user-{name}", f"password-{name}")
        self.places[place.place] = place
        return place

    def _keeps(self, zone: str) -> bool:
        return zone not in self.taken and any(owner == zone for owner, _ in self.resolver.records)

    def _let_in(self, access: Access, zone: str) -> None:
        if access.secret.reveal() != self.secrets.get(zone, self.secret):
            raise DnsRefusedError(say("another secret"), say("look at the file"))

    def _put_texts(self, access: Access, change: Change) -> None:
        for record in change.add:
            place = self.places[record.name]
            given = {"user": place.user, "subdomain": place.subdomain}
            if access.secret.reveal() != place.password or dict(access.account.options) != given:
                raise DnsRefusedError(say("another password"), say("look at the file"))
            before = self.resolver.records.get((record.name, "TXT"), ())
            # the place keeps the last two
            self.resolver.records[record.name, "TXT"] = (*before, record.value)[-2:]

    def _make(self, change: Change) -> None:
        for number, (record, is_new) in enumerate(
            [*((record, False) for record in change.remove), *((record, True) for record in change.add)]
        ):
            if number == self.most:
                raise DnsProviderError(say("the line was cut"), say("try again"))
            self._put(record, is_new=is_new)

    def _put(self, record: Record, *, is_new: bool) -> None:
        key = (record.name, record.kind)
        there = set(self.resolver.records.get(key, ())) - {record.value} | ({record.value} if is_new else set())
        self.resolver.records[key] = tuple(sorted(there))
        if not there:
            del self.resolver.records[key]


@dataclass
class FakeWebPages(Recorder):
    """Web servers of others: ``pages`` by their address; all others tell the address that is ``seen``."""

    seen: str = "9.9.9.9"
    pages: dict[str, WebPage] = field(default_factory=dict)

    def get(self, url: str, seconds: float, *, over_ipv4: bool = False) -> WebPage:
        self.hit("get", f"{url}{' over IPv4' if over_ipv4 else ''}")
        assert seconds > 0
        return self.pages.get(url, WebPage(200, {}, f"<p>{self.seen}</p>"))
