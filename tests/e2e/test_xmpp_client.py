"""The proof's clients on a real server: every way in, and in whose words they are refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Literal

import pytest
from tests.e2e.server.machine import PASSWORD, PORTS, Server

from xmpp_wizard.core.errors import ProofFailedError, RefusedError
from xmpp_wizard.core.kit.bench import Account, Bench
from xmpp_wizard.core.kit.stanzas import element, is_message, local_name, message
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.core.text import say
from xmpp_wizard.effects.xmpp_client import SlixmppBenches

pytestmark = pytest.mark.e2e

Way = Literal["starttls", "direct-tls", "https-port", "websocket"]
WAYS: dict[Way, int] = {
    "starttls": PORTS["client"],
    "direct-tls": PORTS["client_tls"],
    "https-port": PORTS["https"],
    "websocket": PORTS["https"],
}
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"


def addresses(server: Server) -> Mapping[str, tuple[str, int]]:
    """Return where each way leads."""
    return {way: (server.address, port) for way, port in WAYS.items()}


def people(server: Server, password: str = PASSWORD) -> tuple[Account, Account]:
    """Return the one account of the server, and one that it does not have."""
    return Account(f"ann@{server.domain}", Secret(password)), Account(f"nobody@{server.domain}", Secret(password))


@pytest.fixture
async def bench(running: Server) -> AsyncIterator[Bench]:
    """Give a bench for the running server, and see that nothing of it goes on afterwards."""
    roots = running.root_certificate().encode()
    async with SlixmppBenches().open(running.domain, people(running), addresses(running), roots) as bench:
        yield bench
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.parametrize("way", WAYS)
async def test_every_way_in_logs_in_by_scram_and_carries_messages(bench: Bench, way: Way) -> None:
    async with bench.log_in(bench.alice, way) as session, bench.log_in(bench.alice) as other:
        assert session.jid.startswith(f"{bench.alice.jid}/")
        assert (session.mechanism, session.tls_version) == ("SCRAM-SHA-256", "TLSv1.3")
        await other.send(message(session.jid, "to you"))
        await session.wait_for(is_message("to you", other.jid), say("the message"))
        await session.send(message(other.jid, "and back"))
        await other.wait_for(is_message("and back", session.jid), say("the answer"))


async def test_many_log_in_at_once(bench: Bench) -> None:
    async def once(way: Way) -> str:
        async with bench.log_in(bench.alice, way) as session:
            return session.jid

    found = await asyncio.gather(*(once(way) for way in WAYS for _ in range(3)))
    assert len(set(found)) == 12


async def test_channel_binding_on_tls_1_2(bench: Bench) -> None:
    async with bench.log_in(bench.alice, mechanism="SCRAM-SHA-256-PLUS", max_tls="1.2") as session:
        assert (session.mechanism, session.tls_version) == ("SCRAM-SHA-256-PLUS", "TLSv1.2")


@pytest.mark.parametrize("way", WAYS)
async def test_a_wrong_password_is_refused_in_the_servers_words(bench: Bench, way: Way) -> None:
    with pytest.raises(RefusedError, match="not-authorized") as caught:
        async with bench.log_in(Account(bench.alice.jid, Secret("wrong")), way):
            pytest.fail("got in")
    assert "wrong" not in str(caught.value)
    with pytest.raises(RefusedError, match="not-authorized"):
        async with bench.log_in(bench.bob, way):
            pytest.fail("got in as nobody")


@pytest.mark.parametrize("way", ["starttls", "websocket"])
async def test_a_mechanism_that_is_not_offered_is_told_with_those_that_are(bench: Bench, way: Way) -> None:
    with pytest.raises(ProofFailedError, match="no log-in by SCRAM-SHA-1, only: SCRAM-SHA-256"):
        async with bench.log_in(bench.alice, way, mechanism="SCRAM-SHA-1"):
            pytest.fail("got in")


@pytest.mark.parametrize("way", WAYS)
async def test_an_authority_that_nobody_trusts_is_red(running: Server, way: Way) -> None:
    async with SlixmppBenches().open(running.domain, people(running), addresses(running), b"") as bench:
        with pytest.raises(ProofFailedError, match=f"certificate on port {WAYS[way]} is not good for") as caught:
            async with bench.log_in(bench.alice, way):
                pytest.fail("trusted anybody")
        assert "cert status" in str(caught.value.hint)


async def test_another_name_than_the_certificates_is_red(running: Server) -> None:
    roots, who = running.root_certificate().encode(), Account("ann@elsewhere.example", Secret(PASSWORD))
    async with SlixmppBenches().open("elsewhere.example", (who, who), addresses(running), roots) as bench:
        for way in WAYS:
            with pytest.raises(ProofFailedError, match=r"host-unknown|unrecognized name|not good for"):
                async with bench.log_in(bench.alice, way):
                    pytest.fail("talked to another server")


async def test_an_error_comes_back_in_the_servers_words(bench: Bench) -> None:
    async with bench.log_in(bench.alice) as session:
        with pytest.raises(RefusedError, match=r"refused query \(no:such:thing\): service-unavailable"):
            await session.request("get", element("{no:such:thing}query"), bench.domain)
        with pytest.raises(ProofFailedError, match=r"nothing came within 0 s: a miracle"):
            await session.wait_for(lambda _: False, say("a miracle"), 0.1)


async def test_strangers_are_answered_before_and_after_tls(bench: Bench) -> None:
    attempt = element(f"{{{SASL}}}auth", {"mechanism": "PLAIN"}, text="AGFubgBwYXNz")
    plain = await bench.ask_as_stranger(attempt, encrypted=False)
    assert plain.features.find(f".//{{{SASL}}}mechanism") is None
    assert plain.answer is not None
    assert local_name(plain.answer) == "failure"
    safe = await bench.ask_as_stranger(attempt)
    offered = {item.text for item in safe.features.iter(f"{{{SASL}}}mechanism")}
    assert {"SCRAM-SHA-256"} <= offered <= {"SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"}


async def test_https_goes_to_the_server_whatever_dns_says(bench: Bench) -> None:
    found = await bench.http("GET", f"https://{bench.domain}/.well-known/host-meta.json")
    assert found.status == 200
    assert b"urn:xmpp:alt-connections:websocket" in found.body
    assert (await bench.http("GET", f"https://{bench.domain}/nothing-here")).status == 404
    with pytest.raises(ProofFailedError, match="unrecognized name"):
        await bench.http("GET", "https://elsewhere.example/")
