"""The image of coturn on its own: it follows the addresses of its machine, and passes nothing on inside of it."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator

import pytest
from docker import from_env
from tests.e2e.image.running import Running
from tests.e2e.image.turn_server import offer, running_turn
from tests.e2e.server.faults import wait_until

from xmpp_wizard.core.errors import RefusedError
from xmpp_wizard.core.rendering.render import image_tag
from xmpp_wizard.effects.appliance import ShippedAppliance
from xmpp_wizard.effects.docker_build import build_image
from xmpp_wizard.effects.docker_engine import DockerContainers
from xmpp_wizard.effects.turn import open_relay

pytestmark = pytest.mark.e2e

OWN_IPV6 = "2600:9::2"
READY = "Total General servers"
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@pytest.fixture(scope="module")
def image() -> str:
    """Give the tag under which the program itself builds the image."""
    context = ShippedAppliance().image("turn")
    tag = image_tag("turn", context)
    containers = DockerContainers()
    if not containers.has_image(tag):
        containers.provide_base("debian:trixie-slim", print)
        build_image(containers._engine, "turn", tag, context, {}, print)
    return tag


@pytest.fixture(scope="module")
def running(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Start it once for all."""
    client = from_env()
    with running_turn(client, image, tmp_path_factory.mktemp("turn")) as found:
        yield found
    client.close()


def _ip(running: Running, image: str, *words: str) -> None:
    """Change the network of the container from beside it: it may not do so itself."""
    client = from_env()
    try:
        client.containers.run(
            image, list(words), entrypoint="ip", network_mode=f"container:{running.container.id}", user="0",
            cap_drop=["ALL"], cap_add=["NET_ADMIN"], remove=True,
        )  # fmt: skip
    finally:
        client.close()


async def test_a_relay_has_the_machine_s_own_address(running: Running) -> None:
    running.wait_for_log(READY)
    async with open_relay(offer(), running.address, NO_TLS) as relay:
        assert relay.place[0] == running.address
        await relay.allow(running.address)
        with pytest.raises(RefusedError, match="403"):
            await relay.allow("172.17.0.1")


async def test_a_new_address_is_followed_and_ipv6_leads_nowhere_inside(running: Running, image: str) -> None:
    starts = running.logs().count(READY)
    _ip(running, image, "addr", "add", f"{OWN_IPV6}/64", "dev", "eth0", "nodad")
    running.wait_for_log(f"listening on 127.0.0.1 {running.address} {OWN_IPV6}")
    wait_until(lambda: running.logs().count(READY) > starts, "coturn has started again")
    async with open_relay(offer(), running.address, NO_TLS, is_ipv6=True) as relay:
        assert relay.place[0] == OWN_IPV6
        await relay.allow("2600:1::1")
        for peer in (
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::1",
            "fd00::1",
            "fe80::1",
            "ff02::1",
        ):
            with pytest.raises(RefusedError, match=r"403|440|443"):
                await relay.allow(peer)


def test_hup_keeps_it_running_and_its_own_look_is_green(running: Running) -> None:
    running.container.kill("HUP")
    time.sleep(0.5)
    assert running.is_running()
    looked = running.run("sh", "/usr/local/bin/turn-healthcheck", user="3478")
    assert looked.status == 0, looked.text


def test_one_that_does_not_answer_is_told_and_not_waited_for_without_an_end(running: Running) -> None:
    running.run("sh", "-c", "kill -STOP $(cat /run/turn/turnserver.pid)")
    looked = running.run("timeout", "60", "sh", "/usr/local/bin/turn-healthcheck", user="3478")
    assert looked.status == 1, looked.text
    running.run("sh", "-c", "kill -CONT $(cat /run/turn/turnserver.pid)")
    assert running.run("sh", "/usr/local/bin/turn-healthcheck", user="3478").status == 0


def test_it_ends_at_once_when_told_to(running: Running) -> None:
    began = time.monotonic()
    running.container.stop(timeout=10)
    assert (running.status, time.monotonic() - began < 5) == (0, True)
