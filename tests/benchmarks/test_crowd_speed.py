"""How much a server does in a second, beside plain Prosody and ejabberd from the same Debian, each as it comes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

import pytest
from tests.benchmarks.crowd import Crowd, Round
from tests.benchmarks.processes import cpu_seconds
from tests.benchmarks.rivals import PORT, Place, ejabberd, make_people, plain_prosody
from tests.e2e.server.machine import Server

pytestmark = [pytest.mark.benchmark, pytest.mark.e2e]

NAMES = [f"person{number}" for number in range(100)]
MESSAGES = 15
"""So many from each at once: less than what the strictest of the three takes from one client without holding it up."""
ROUNDS = 5
SAME: Mapping[str, object] = {"certificates.source": "local", "features.shared_contacts.enabled": False}
"""Empty contact lists, as with the others: each in everybody's would be told of each log-in."""
OURS: Mapping[str, Mapping[str, object]] = {
    "ours": {},
    "ours without history": {"features.multi_device.history_days": 0},
}
OTHERS: Mapping[str, Callable[[Place, Sequence[str]], AbstractContextManager[str]]] = {
    "plain Prosody": plain_prosody,
    "plain Prosody with history": lambda place, names: plain_prosody(place, names, "mam"),
    "ejabberd": ejabberd,
}
"""As Debian sets them up; Prosody then keeps no history."""


@dataclass(slots=True)
class Contender:
    """One server: of each round how many things a second it did, and what a thing cost it and the clients."""

    container: str
    crowd: Crowd
    rates: dict[str, list[float]] = field(default_factory=dict)
    costs: dict[str, list[float]] = field(default_factory=dict)
    clients: dict[str, list[float]] = field(default_factory=dict)

    def measured(self, what: str, count: int, before: float, done: Round) -> None:
        """Keep a round's figures: milliseconds of processor time a thing, and the clients' share of one processor."""
        self.rates.setdefault(what, []).append(count / done.seconds)
        self.costs.setdefault(what, []).append((cpu_seconds(self.container) - before) * 1000 / count)
        self.clients.setdefault(what, []).append(done.own_cpu_seconds / done.seconds)

    def one_round(self) -> None:
        """Come, talk and leave."""
        before = cpu_seconds(self.container)
        self.measured("log-ins", len(NAMES), before, self.crowd.come())
        before = cpu_seconds(self.container)
        self.measured("messages", len(NAMES) * MESSAGES, before, self.crowd.talk(MESSAGES))
        self.crowd.leave()


@pytest.fixture
def contenders(tmp_path: Path) -> Iterator[dict[str, Contender]]:
    """Give servers as the program sets them up, and others beside them, as Debian does."""
    with ExitStack() as stack:
        places: dict[str, Place] = {}
        containers: dict[str, str] = {}
        for title, answers in OURS.items():
            places[title], containers[title] = _ours(stack, tmp_path / f"ours-{len(places)}", answers)
        ours = places["ours"]
        for last, (title, start) in enumerate(OTHERS.items(), start=2):
            place = replace(ours, folder=tmp_path / str(last), address=f"127.49.0.{last}")
            places[title], containers[title] = place, stack.enter_context(start(place, NAMES))
        yield {
            title: Contender(containers[title], stack.enter_context(Crowd((place.address, PORT), place.domain, NAMES)))
            for title, place in places.items()
        }


def _ours(stack: ExitStack, folder: Path, answers: Mapping[str, object]) -> tuple[Place, str]:
    """Set up a server with people, which is removed with the stack; return where it is, and its container."""
    server = Server(folder)
    folder.mkdir()
    stack.callback(server.remove)
    server.apply({**SAME, **answers})
    container = f"{server.project}-prosody"
    with server.engine() as engine:
        make_people(engine.containers.get(container), server.domain, NAMES, "5222")
    live = server.state / "certificates/live" / server.domain
    chain, key = ((live / name).read_text() for name in ("fullchain.pem", "privkey.pem"))
    return Place(folder, server.address, server.domain, chain, key), container


def test_log_ins_and_messages_against_plain_prosody_and_ejabberd(contenders: dict[str, Contender]) -> None:
    for one in contenders.values():
        # caches fill, and clients keep what their password is turned into, as apps do
        one.crowd.come()
        one.crowd.leave()
    for _ in range(ROUNDS):
        for one in contenders.values():
            one.one_round()
    for what in ("log-ins", "messages"):
        _tell(what, contenders)


def _tell(what: str, contenders: dict[str, Contender]) -> None:
    """Print medians; there is no timed assertion."""
    plain = contenders["plain Prosody"]
    for title, one in contenders.items():
        rate, cost = median(one.rates[what]), median(one.costs[what])
        ratio = median(ours / theirs for ours, theirs in zip(one.rates[what], plain.rates[what], strict=True))
        sys.stdout.write(
            f"\n{what}: {title} {rate:.0f} a second, {ratio:.2f} times plain Prosody's (wanted 1); {cost:.2f} ms of "
            f"processor time each; the clients took {median(one.clients[what]):.2f} of one processor\n"
        )
