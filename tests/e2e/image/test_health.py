"""The healthcheck opens a stream: it tells a server that answers from one that only listens."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.e2e.image.running import Image, Running

pytestmark = pytest.mark.e2e

CHECK = ("lua5.4", "/usr/local/bin/prosody-healthcheck")
HOST = {"PROSODY_VIRTUAL_HOSTS": "a.example, b.example"}


@pytest.mark.parametrize(
    ("variables", "text"),
    [
        ({}, "stream for a.example"),
        ({"HEALTH_DOMAIN": "b.example"}, "stream for b.example"),
        ({"HEALTH_ADDRESS": "127.0.0.9", "HEALTH_PORT": "5222"}, "stream for a.example"),
    ],
)
def test_a_server_that_answers_is_healthy(prosody: Image, variables: dict[str, str], text: str) -> None:
    with prosody.started(environment=HOST | variables) as running:
        running.wait_for_stream("a.example")
        ended = running.run(*CHECK)
        assert (ended.status, ended.error) == (0, "")
        assert text in ended.out


def test_a_name_outside_ascii_is_asked_for_in_either_form(prosody: Image) -> None:
    with prosody.started(environment={"PROSODY_VIRTUAL_HOSTS": "münchen.example"}) as running:
        running.wait_for_stream("münchen.example")
        assert running.run(*CHECK).status == 0
        asked = f"HEALTH_DOMAIN=xn--mnchen-3ya.example {' '.join(CHECK)}"
        assert running.run("sh", "-c", asked).out == "healthy: stream for münchen.example\n"


def test_the_address_is_that_of_the_server(prosody: Image) -> None:
    with prosody.started(environment=HOST | {"PROSODY_INTERFACES": "127.0.20.7"}) as running:
        running.wait_for_log("Activated service 'c2s' on [127.0.20.7]:5222")
        assert running.run(*CHECK).status == 0


@pytest.mark.parametrize(
    ("variables", "text"),
    [
        ({"HEALTH_DOMAIN": "other.example"}, "refuses streams for other.example"),
        ({"HEALTH_PORT": "5999"}, "127.0.0.1 port 5999: connection refused"),
        ({"HEALTH_ADDRESS": "::1", "HEALTH_PORT": "5999"}, "::1 port 5999"),
        ({"HEALTH_PORT": "x"}, "HEALTH_PORT is not a number"),
    ],
)
def test_a_server_that_does_not_answer_as_asked_is_not(prosody: Image, variables: dict[str, str], text: str) -> None:
    with prosody.started(environment=HOST | variables) as running:
        running.wait_for_stream("a.example")
        ended = running.run(*CHECK)
        assert ended.status == 1
        assert text in ended.error


def test_a_frozen_server_is_not_healthy(prosody: Image) -> None:
    """It still accepts connections; the check runs beside it, in the same network."""
    with prosody.started(environment=HOST) as running:
        running.wait_for_stream("a.example")
        network = f"container:{running.container.id}"
        command = ["/usr/bin/lua5.4", "/usr/local/bin/prosody-healthcheck"]
        assert prosody.run(*command, environment=HOST, network_mode=network).status == 0
        running.container.pause()
        try:
            ended = prosody.run(*command, environment=HOST, network_mode=network)
        finally:
            running.container.unpause()
        assert ended.status == 1
        assert "no stream for a.example: timeout" in ended.error


def test_the_engine_sees_health_and_its_loss(prosody: Image) -> None:
    second = 1_000_000_000
    quick = {"interval": second, "timeout": 20 * second, "retries": 1, "start_period": 0}
    with prosody.started(environment=HOST, healthcheck=quick) as running:
        _wait_for_health(running, "healthy")
        running.run("sh", "-c", "kill -STOP $(cat /run/prosody/prosody.pid)")
        _wait_for_health(running, "unhealthy")
        running.run("sh", "-c", "kill -CONT $(cat /run/prosody/prosody.pid)")
        _wait_for_health(running, "healthy")


def _wait_for_health(running: Running, wanted: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        running.container.reload()
        state = running.container.attrs["State"]["Health"]
        if state["Status"] == wanted:
            return
        assert time.monotonic() < deadline, state
        time.sleep(0.2)


def test_the_domain_of_a_mounted_configuration_is_found(prosody: Image, tmp_path: Path) -> None:
    hosts = 'VirtualHost "mine.example"\nVirtualHost "two.example"\n'
    path = tmp_path / "prosody.cfg.lua"
    path.write_text('log = { info = "*console" }\nmodules_enabled = { "saslauth", "tls" }\n' + hosts)
    with prosody.started(volumes={str(path): {"bind": "/etc/prosody/prosody.cfg.lua", "mode": "ro"}}) as running:
        running.wait_for_stream("mine.example")
        assert "stream for mine.example" in running.run(*CHECK).out
