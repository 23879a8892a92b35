"""Name servers of a small world: zones that tests fill, resolvers that may be old or lie, servers that may be dead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.fakes.recorder import Recorder
from tests.fakes.surroundings import FakeSurroundings

from xmpp_wizard.core.dns.reply import Kind, Question, Replies, Reply, State, ancestors

LONGEST_CHAIN = 16


@dataclass
class FakeResolver(Recorder):
    """``records`` are what everybody says; ``said`` puts other words into the mouth of one server or resolver.

    In ``said`` and ``states`` the name of a server is its address, and empty for the resolvers of this network.
    """

    records: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    said: dict[tuple[str, str, str], tuple[str, ...]] = field(default_factory=dict)
    states: dict[tuple[str, str], State] = field(default_factory=dict)
    """(server, name): what happens to all questions for the name and below."""
    signed: set[str] = field(default_factory=set)
    """Zones that DNSSEC protects."""
    careless: set[str] = field(default_factory=set)
    """Resolvers that do not check it."""
    surroundings: FakeSurroundings = field(default_factory=FakeSurroundings)
    """Whose names are known here, too."""
    asked: list[Question] = field(default_factory=list)
    ttl_seconds: int = 60
    absent_seconds: int = 60
    """How long it is remembered that there is nothing."""

    def put(self, name: str, kind: Kind, *values: str) -> None:
        """Publish records."""
        self.records[name, kind] = tuple(sorted(values))

    def zone(self, name: str, **servers: str) -> None:
        """Make a zone with these name servers (label below the zone → address)."""
        self.put(name, "NS", *(f"{label}.{name}." for label in servers))
        for label, address in servers.items():
            self.put(f"{label}.{name}", "A", address)

    def ask(self, questions: Sequence[Question], resolvers: Sequence[str], seconds: float) -> Replies:
        self.hit("ask", " ".join(resolvers))
        assert seconds > 0
        self.asked += questions
        return {question: self._reply(question) for question in questions}

    def _reply(self, question: Question) -> Reply:
        for parent in ancestors(question.name):
            state = self.states.get((question.server or question.resolver, parent))
            if state:
                return Reply(state)
        return self._found(question)

    def _found(self, question: Question) -> Reply:
        name = question.name
        who, chain = question.server or question.resolver, list[str]()
        while len(chain) <= LONGEST_CHAIN:
            values = self._values(who, name, question.kind)
            if values:
                is_signed = any(parent in self.signed for parent in ancestors(question.name))
                is_validated = is_signed and not question.server and who not in self.careless
                return Reply("OK", values, tuple(chain), self.ttl_seconds, is_validated=is_validated)
            alias = self._values(who, name, "CNAME")
            if not alias:
                there = any(owner == name or owner.endswith(f".{name}") for owner, _ in self.records)
                return Reply("NODATA" if there or chain else "NXDOMAIN", (), tuple(chain), self.absent_seconds)
            name = alias[0].rstrip(".")
            chain.append(name)
        return Reply("LOOP", (), tuple(chain))

    def _values(self, server: str, name: str, kind: str) -> tuple[str, ...]:
        owners = [name]
        if not any(owner == name or owner.endswith(f".{name}") for owner, _ in self.records):
            owners += [f"*.{parent}" for parent in ancestors(name)[1:]]
        for owner in owners:
            found = self.said.get((server, owner, kind), self.records.get((owner, kind)))
            if found is not None:
                return found
        known = self.surroundings.names.get(name)
        addresses = known.addresses if known else ()
        return tuple(address for address in addresses if kind == ("AAAA" if ":" in address else "A"))
