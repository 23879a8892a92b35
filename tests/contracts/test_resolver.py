"""Whatever :class:`Resolver` is behind the engine behaves like this."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from tests.e2e.dns.lab import HERE, Lab
from tests.fakes import FakeResolver

from xmpp_wizard.core.dns.ports import Resolver
from xmpp_wizard.core.dns.reply import Kind, Question, Reply, State
from xmpp_wizard.effects.resolver import NetworkResolver

DEAD = "127.66.0.13"


@dataclass
class Asked:
    """A resolver and where it asks."""

    resolver: Resolver
    address: str
    server: str

    def ask(self, name: str, kind: Kind, server: str = "") -> Reply:
        question = Question(name, kind, server)
        return self.resolver.ask([question], [self.address], 3)[question]


@pytest.fixture(scope="module", params=["fake", pytest.param("real", marks=pytest.mark.e2e)])
def asked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """Give both, in a world with the zone ``example.lab``."""
    if request.param == "real":
        with Lab(tmp_path_factory.mktemp("lab")) as lab:
            yield Asked(NetworkResolver(), lab.resolver, lab.ns1)
        return
    fake = FakeResolver(signed={"example.lab"})
    fake.zone("example.lab", ns1="127.66.0.11", ns2="127.66.0.12")
    fake.put("xmpp.example.lab", "A", HERE)
    fake.put("alias.example.lab", "CNAME", "xmpp.example.lab.")
    fake.put("loop.example.lab", "CNAME", "loop2.example.lab.")
    fake.put("loop2.example.lab", "CNAME", "loop.example.lab.")
    fake.put("*.wild.example.lab", "A", "8.8.8.8")
    fake.states["", "bogus.lab"] = "BOGUS"
    fake.states[DEAD, "lab"] = "TIMEOUT"
    yield Asked(fake, "127.66.0.53", "127.66.0.11")


@pytest.mark.parametrize(
    ("name", "kind", "state", "values"),
    [
        ("xmpp.example.lab", "A", "OK", (HERE,)),
        ("xmpp.example.lab", "AAAA", "NODATA", ()),
        ("nope.example.lab", "A", "NXDOMAIN", ()),
        ("anything.wild.example.lab", "A", "OK", ("8.8.8.8",)),
        ("bogus.lab", "A", "BOGUS", ()),
        ("example.lab", "NS", "OK", ("ns1.example.lab.", "ns2.example.lab.")),
    ],
)
def test_a_question(asked: Asked, name: str, kind: Kind, state: State, values: tuple[str, ...]) -> None:
    reply = asked.ask(name, kind)
    assert (reply.state, reply.values) == (state, values)


def test_an_alias_tells_where_it_led(asked: Asked) -> None:
    reply = asked.ask("alias.example.lab", "A")
    assert (reply.values, reply.chain) == ((HERE,), ("xmpp.example.lab",))
    assert asked.ask("alias.example.lab", "AAAA").is_alias


def test_only_a_resolver_validates(asked: Asked) -> None:
    assert asked.ask("xmpp.example.lab", "A").is_validated
    assert not asked.ask("xmpp.example.lab", "A", asked.server).is_validated


def test_one_resolver_alone(asked: Asked) -> None:
    question = Question("alias.example.lab", "A", resolver=asked.address)
    reply = asked.resolver.ask([question], [DEAD], 3)[question]
    assert (reply.values, reply.chain, reply.is_validated) == ((HERE,), ("xmpp.example.lab",), True)


def test_what_is_missing_is_remembered_for_a_while(asked: Asked) -> None:
    kinds: tuple[Kind, ...] = ("TXT", "CAA", "SRV", "NS")
    for server in ("", asked.server):
        names: list[tuple[str, Kind]] = [(f"never-{number}.example.lab", "A") for number in range(4)]
        assert 0 < _longest(asked, server, names) <= 60
        assert 0 < _longest(asked, server, [("xmpp.example.lab", kind) for kind in kinds]) <= 60


def _longest(asked: Asked, server: str, questions: Sequence[tuple[str, Kind]]) -> int:
    """Return for how long one of the answers is remembered, at its longest.

    Where that is a second, nothing may be left of it, for names that nobody asked for before, too: one answer proves
    that others are missing (RFC 8198). A moment later there is a new one.
    """
    for _ in range(10):
        if longest := max(asked.ask(name, kind, server).ttl_seconds for name, kind in questions):
            return longest
        time.sleep(0.3)
    return 0


def test_a_circle(asked: Asked) -> None:
    assert asked.ask("loop.example.lab", "A", asked.server).state == "LOOP"


def test_nobody_there(asked: Asked) -> None:
    assert asked.ask("example.lab", "NS", DEAD).state == "TIMEOUT"


def test_nothing_asked_nothing_answered(asked: Asked) -> None:
    assert asked.resolver.ask([], [asked.address], 1) == {}
