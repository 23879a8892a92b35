"""Calls on a real server: proven, red for exactly what is broken, and of no use to strangers and attackers."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import os
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Literal

import pytest
from docker.models.containers import Container
from tests.e2e.server.faults import listens, wait_until
from tests.e2e.server.machine import PASSWORD, PORTS, Server, told

from xmpp_wizard.core.errors import HealthError, ProofFailedError, RefusedError
from xmpp_wizard.core.features.calls import PROOFS, RELAYS_PER_LOGIN
from xmpp_wizard.core.kit.bench import Account, Bench, Relay, RelayOffer
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.effects.probe import StreamProbe
from xmpp_wizard.effects.turn import open_relay
from xmpp_wizard.effects.xmpp_client import SlixmppBenches

pytestmark = pytest.mark.e2e

PLAIN, TLS = 3478, 5349
CALLS_AT_ONCE = 4
RELAYS = CALLS_AT_ONCE * 10
ON = {"features.calls.enabled": True, "features.calls.calls_at_once": CALLS_AT_ONCE, "certificates.source": "local"}
READY = b"Total General servers"
"""What coturn says once it has started."""
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
STEPS: Mapping[str, Callable[[Bench], Awaitable[object]]] = {step.name: step.run for step in PROOFS}


@pytest.fixture(scope="module")
def calling(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give one server with calls and one person."""
    assert image
    with Server(tmp_path_factory.mktemp("calling")) as server:
        server.apply(ON)
        server.add_user()
        yield server


@asynccontextmanager
async def bench_of(server: Server) -> AsyncIterator[Bench]:
    """Give a bench on which ann is the only one."""
    ann = Account(f"ann@{server.domain}", Secret(PASSWORD))
    places = {"starttls": (server.address, PORTS["client"])}
    async with SlixmppBenches().open(server.domain, (ann, ann), places, server.root_certificate().encode()) as bench:
        yield bench


async def red(server: Server) -> dict[str, str]:
    """Do the proof's own steps, and return what those say that fail."""
    found = {}
    async with bench_of(server) as bench:
        for name, step in STEPS.items():
            try:
                await step(bench)
            except ProofFailedError as error:
                found[name] = str(error.text) if error.hint.message else ""
    return found


def offer(
    server: Server, *, secret: bytes = b"", until: float = 0, transport: Literal["udp", "tcp"] = "udp"
) -> RelayOffer:
    """Return credentials as the server gives them out (draft-uberti-behave-turn-rest), with its secret or another."""
    kept = (server.settings / "secrets/turn/turn").read_bytes().strip()
    username = str(int(until or time.time() + 600))
    signature = base64.b64encode(hmac.digest(secret or kept, username.encode(), hashlib.sha1)).decode()
    return RelayOffer(f"turn.{server.domain}", PLAIN, transport, False, username, Secret(signature))  # noqa: FBT003


def relay(server: Server, found: RelayOffer) -> AbstractAsyncContextManager[Relay]:
    """Get a relay without asking Prosody."""
    return open_relay(found, server.address, NO_TLS)


def turn(server: Server) -> Container:
    """Return the container."""
    with server.engine() as engine:
        return engine.containers.get(f"{server.project}-turn")


def answers(server: Server) -> bool:
    """Say whether it answers."""
    try:
        StreamProbe().stun(server.address, PLAIN, 0.6)
    except HealthError:
        return False
    return True


@contextmanager
def changed(server: Server, file: Path, old: str, new: str) -> Iterator[None]:
    """Run coturn for a while with another text in one of its files."""
    good = file.read_text()
    assert old in good
    try:
        file.write_text(good.replace(old, new))
        starts = turn(server).logs().count(READY)
        turn(server).restart(timeout=5)
        wait_until(lambda: turn(server).logs().count(READY) > starts, "coturn has started")
        wait_until(lambda: listens(server.address, TLS), "coturn listens")
        yield
    finally:
        file.write_text(good)
        turn(server).restart(timeout=5)
        wait_until(lambda: answers(server), "coturn is back")


# --- the proof


async def test_calls_are_relayed_over_udp_tcp_and_tls(calling: Server) -> None:
    assert await red(calling) == {}


async def test_another_secret_is_noticed_by_all_steps(calling: Server) -> None:
    file = calling.settings / "secrets/turn/turn"
    with changed(calling, file, file.read_text(), "another\n"):
        found = await red(calling)
    assert found.keys() == STEPS.keys()
    assert all("credentials are refused (401" in text for text in found.values())


async def test_closed_ports_are_noticed_by_their_steps(calling: Server) -> None:
    with changed(calling, calling.settings / "turn/turnserver.conf", "no-dtls\n", "no-dtls\nno-udp\nno-tcp\n"):
        assert await red(calling) == dict.fromkeys(
            ("call_udp", "call_tcp"), f"nothing listens on {calling.address} port {PLAIN}"
        )


async def test_another_certificate_is_noticed_over_tls(calling: Server) -> None:
    mine, other = f"live/turn.{calling.domain}/", f"live/{calling.domain}/"
    with changed(calling, calling.settings / "turn/turnserver.conf", mine, other):
        found = await red(calling)
    assert found.keys() == {"call_tls"}
    assert f"the certificate on port {TLS} is not good for turn.{calling.domain}" in found["call_tls"]


# --- attacks


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_stranger_gets_no_relay(calling: Server, transport: Literal["udp", "tcp"]) -> None:
    for found in (
        offer(calling, secret=b"guessed", transport=transport),
        offer(calling, until=time.time() - 5, transport=transport),
    ):
        with pytest.raises(RefusedError, match="401"):
            async with relay(calling, found):
                pass


@pytest.mark.parametrize(
    "peer",
    ["127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.251"],  # noqa: S104 what is refused
)
async def test_nothing_is_passed_on_to_places_that_are_not_the_internet(calling: Server, peer: str) -> None:
    async with relay(calling, offer(calling)) as got:
        with pytest.raises(RefusedError, match="403"):
            await got.allow(peer)
        await got.allow("9.9.9.9")


async def test_nobody_takes_all_relays_and_there_are_no_more_than_told(calling: Server) -> None:
    async with AsyncExitStack() as held:
        places = set()
        for minutes, count in ((20, RELAYS_PER_LOGIN), (30, RELAYS - RELAYS_PER_LOGIN)):
            found = offer(calling, until=time.time() + 60 * minutes)
            for _ in range(count):
                places.add((await _held(held, calling, found)).place)
            with pytest.raises(RefusedError, match=r"486|508"):
                await held.enter_async_context(relay(calling, found))
        assert len(places) == RELAYS
        assert {port for _, port in places} <= set(range(49152, 49152 + RELAYS))
    async with AsyncExitStack() as held:
        await _held(held, calling, offer(calling))


async def _held(held: AsyncExitStack, server: Server, found: RelayOffer) -> Relay:
    """Get one relay more; coturn counts those that were just given back for a moment."""
    end = time.monotonic() + 60
    while True:
        try:
            return await held.enter_async_context(relay(server, found))
        except RefusedError:
            assert time.monotonic() < end
            await asyncio.sleep(0.2)


# --- what happens to the server


async def test_a_renewed_certificate_is_served_and_no_call_is_cut_off(calling: Server) -> None:
    def serial() -> int:
        return StreamProbe().serial(calling.address, TLS, f"turn.{calling.domain}", "direct", 3)

    before, started = serial(), turn(calling).attrs["State"]["StartedAt"]
    async with relay(calling, offer(calling)) as one, relay(calling, offer(calling)) as other:
        done = calling.cli("cert", "renew", "--force", "--yes", "--no-proof")
        assert done.returncode == 0, told(done)
        wait_until(lambda: serial() != before, "the new certificate is served")
        await one.allow(other.place[0])
        await other.allow(one.place[0])
        await one.send(b"still there?", other.place)
        assert await other.receive(5) == (b"still there?", one.place)
    assert turn(calling).attrs["State"]["StartedAt"] == started
    assert await red(calling) == {}


@pytest.mark.long
async def test_two_servers_on_one_machine_one_of_them_behind_a_router(
    calling: Server, make_server: Callable[..., Server]
) -> None:
    second = make_server()
    second.apply({**ON, "features.calls.external_address": "8.8.4.4"})
    second.add_user()
    assert await red(second) == {}
    async with relay(second, offer(second)) as got:
        assert got.place[0] == "8.8.4.4"
        with pytest.raises(RefusedError, match="403"):
            await got.allow(calling.address)
    assert second.status()["healthy"]
    # off, and back
    second.apply({"features.calls.enabled": False})
    assert [item["Names"] for item in second.containers()] == [[f"/{second.project}-prosody"]]
    assert second.nothing_to_do()
    done = second.cli("undo", "--yes")
    assert done.returncode == 0, told(done)
    assert await red(second) == {}
    done = second.cli("uninstall", "--yes", "--delete-data")
    assert done.returncode == 0, told(done)
    assert second.containers() == []
    assert await red(calling) == {}


def test_it_runs_with_nothing_that_it_does_not_need(calling: Server) -> None:
    with calling.engine() as engine:
        told_to = engine.api.inspect_container(f"{calling.project}-turn")
    host = told_to["HostConfig"]
    assert (host["CapAdd"] or [], host["CapDrop"], host["ReadonlyRootfs"]) == ([], ["ALL"], True)
    status = turn(calling).exec_run(["sh", "-c", "cat /proc/$(cat /run/turn/turnserver.pid)/status"]).output
    assert isinstance(status, bytes)
    facts = dict(line.split(":\t", 1) for line in status.decode().splitlines() if ":\t" in line)
    assert facts["Uid"].split() == ["3478"] * 4
    assert int(facts["CapEff"], 16) == int(facts["CapBnd"], 16) == 0
    # kB; coturn has a thread for each processor
    assert int(facts["VmRSS"].split()[0]) < 20_000 + 110 * (os.cpu_count() or 1)
    secret = (calling.settings / "secrets/turn/turn").read_text().strip()
    assert secret not in str(told_to)
    assert secret not in str(turn(calling).logs())
    assert secret not in str(turn(calling).top(ps_args="-o pid,args"))
