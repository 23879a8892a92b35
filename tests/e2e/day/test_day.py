"""A day in the life of a server: fifty people on it, while its admin changes it, and nothing of theirs is lost."""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from random import Random

import pytest
from tests.benchmarks.processes import unique_kib
from tests.benchmarks.rivals import make_people
from tests.e2e.day.archive import history
from tests.e2e.day.person import AWAY, MUC, Person, name
from tests.e2e.day.record import Record
from tests.e2e.server.machine import PASSWORD, PORTS, Server, told
from tests.e2e.server.phone import Phone, trusting
from tests.e2e.server.web import exchange

from xmpp_wizard.core.errors import ProofFailedError
from xmpp_wizard.core.kit.bench import Account, Session
from xmpp_wizard.core.kit.stanzas import element, message
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.effects.xmpp_client import SlixmppBenches

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(1800)]

PEOPLE, WITH_SLIXMPP = 46, 4
ROOMS = ("family", "garden", "work", "music")
MOST_KIB = 200 * 1024
BETWEEN_SECONDS = 8
ON = {"features.calls.enabled": True, "features.calls.calls_at_once": 10, "certificates.source": "local"}
CHANGES: tuple[dict[str, object], ...] = (
    {"features.public_channels.enabled": True},
    {"features.public_channels.enabled": True, "features.metrics.enabled": True, "title": "A new name"},
    {"features.calls.enabled": False, "features.web.enabled": False},
    {"features.file_sharing.enabled": False},
    {"features.file_proxy.enabled": False, "features.mobile.enabled": False},
    {},
)
"""What the admin wants, one after the other, beside what is above."""


@pytest.fixture
def server(make_server: Callable[..., Server]) -> Iterator[Server]:
    """Give a server with fifty people."""
    made = make_server()
    made.apply(ON)
    with made.engine() as engine:
        names = [name(number) for number in range(PEOPLE + WITH_SLIXMPP)]
        make_people(engine.containers.get(f"{made.project}-prosody"), made.domain, names, "5222")
    yield made
    sys.stdout.write(f"\nmemory at the end: {unique_kib(f'{made.project}-prosody') / 1024:.0f} MiB\n")


async def test_fifty_people_lose_nothing_while_everything_changes(server: Server) -> None:
    seed = os.environ.get("XMPP_WIZARD_TEST_SEED") or secrets.token_hex(4)
    sys.stdout.write(f"\nseed of this day: {seed}\n")
    record, is_over = Record(), asyncio.Event()
    trust = trusting(server.authority())
    people = [Person(server, number, PEOPLE, trust, record) for number in range(PEOPLE)]
    rooms = [f"{room}@groups.{server.domain}" for room in ROOMS]
    await open_rooms(people[0].phone, rooms)
    errors: set[str] = set()
    async with asyncio.TaskGroup() as group:
        for person in people:
            group.create_task(person.live(Random(f"{seed}-{person.number}"), rooms, is_over))  # noqa: S311 no secret
        for number in range(PEOPLE, PEOPLE + WITH_SLIXMPP):
            group.create_task(chat_with_slixmpp(server, number, record, is_over))
        await change_everything(server, errors)
        is_over.set()
    await evening(people, record)
    archives = {to: await history(people[0].phone, to) for to in rooms}
    archives |= {person.phone.jid: await history(person.phone, "") for person in people}
    files = [await asyncio.to_thread(exchange, server, "GET", url) for url in record.uploads]
    await people[0].call(Random(seed))  # noqa: S311 no secret
    for person in people:
        await person.phone.leave()
    unsure = sum(len(person.phone.lost) for person in people)
    sys.stdout.write(f"{dict(record.deeds)}, taken {len(record.taken)}, refused {record.refused}, unsure {unsure}\n")
    lost = record.lost(archives)
    assert [(number, record.sent[number]) for number in lost] == []
    assert record.seen_twice() == []
    assert [hashlib.sha256(body).digest() for _, body in files] == list(record.uploads.values())
    assert min(record.deeds[deed] for deed in ("chat", "groupchat", "upload 201", "call", "resumed", "came")) > 0
    assert errors == set()
    assert unique_kib(f"{server.project}-prosody") < MOST_KIB


async def change_everything(server: Server, errors: set[str]) -> None:
    """Do what an admin does; keep what the log says of errors."""
    steps: list[Callable[[], object]] = [partial(server.apply, {**ON, **change}) for change in CHANGES]
    steps[2:2] = [partial(renew, server)]
    steps[4:4] = [server.restart]
    for step in steps:
        await asyncio.sleep(BETWEEN_SECONDS)
        await asyncio.to_thread(step)
        errors |= await asyncio.to_thread(errors_of, server)
    await asyncio.sleep(BETWEEN_SECONDS)
    errors |= await asyncio.to_thread(errors_of, server)


def renew(server: Server) -> None:
    """Have a new certificate."""
    done = server.cli("cert", "renew", "--force", "--yes", "--no-proof")
    assert done.returncode == 0, told(done)


def errors_of(server: Server) -> set[str]:
    """Return what Prosody's log calls errors, with whatever follows as their trace."""
    with server.engine() as engine:
        text = engine.containers.get(f"{server.project}-prosody").logs().decode(errors="replace")
    return {line for line in text.splitlines() if " error\t" in line or "raceback" in line}


async def open_rooms(phone: Phone, rooms: list[str]) -> None:
    """Make rooms as an app does, with everybody as a member."""
    await phone.come()
    domain = phone.jid.partition("@")[2]
    # Prosody takes one at a time
    wishes = [f"<item affiliation='member' jid='{name(number, domain)}'/>" for number in range(1, PEOPLE)]
    for room in rooms:
        phone.send(f"<presence to='{room}/owner'><x xmlns='{MUC}'/></presence>")
        form = "<x xmlns='jabber:x:data' type='submit'/>"
        for payload in (f"#owner'>{form}", *(f"#admin'>{wish}" for wish in wishes)):
            answer = await phone.ask(f"<query xmlns='{MUC}{payload}</query>", "set", room)
            assert answer.get("type") == "result"
    await phone.leave()


async def chat_with_slixmpp(server: Server, number: int, record: Record, is_over: asyncio.Event) -> None:
    """Come, write to somebody, see that the server has it, and go, with a client library of many apps' kind."""
    account = Account(name(number, server.domain), Secret(PASSWORD))
    turn = 0
    while not is_over.is_set():
        with suppress(ProofFailedError, *AWAY):
            async with at_the_bench(server, account) as session:
                turn += 1
                known, to = f"{name(number)}-{turn}", name(turn % PEOPLE, server.domain)
                stanza = message(to, f"This is {known}.")
                stanza.set("id", known)
                record.sent[known] = to
                await session.send(stanza)
                # answered in order: what was sent before has been taken
                await session.request("get", element("{urn:xmpp:ping}ping"), server.domain)
                record.taken.add(known)
        await asyncio.sleep(2)


@asynccontextmanager
async def at_the_bench(server: Server, account: Account) -> AsyncIterator[Session]:
    """Log in as a proof does."""
    places = {"starttls": (server.address, PORTS["client"])}
    roots = server.authority().encode()
    async with (
        SlixmppBenches().open(server.domain, (account, account), places, roots) as bench,
        bench.log_in(account) as session,
    ):
        yield session


async def evening(people: list[Person], record: Record) -> None:
    """Have everybody come back for whatever is still under way, with the session of before where there is one."""
    for person in people:
        if not person.phone.is_online:
            await person.phone.come()
    record.deeds["evening"] += 1
    await asyncio.sleep(3)
    for person in people:
        # an answer comes after all that was sent before
        await person.phone.ask("<ping xmlns='urn:xmpp:ping'/>", to=person.server.domain)
