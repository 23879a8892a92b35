"""A small image and a container of it, for the engines that contracts are held against."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

import pytest
from tests.fakes import FakeContainers

from xmpp_wizard.core.containers import Containers
from xmpp_wizard.core.kit.feature import ContainerSpec
from xmpp_wizard.core.rendering.render import image_tag
from xmpp_wizard.core.target import Bind, Container
from xmpp_wizard.effects.docker_engine import DockerContainers

BASE = "debian:trixie-slim"
PROJECT = f"xmpp-wizard-contract-{os.getpid()}"
CONTEXT: Mapping[str, bytes] = {
    "Dockerfile": f'FROM {BASE}\nCOPY start /start\nENTRYPOINT ["/start"]\n'.encode(),
    "start": b"""#!/bin/sh
trap 'echo reloaded' HUP
trap 'echo stopped; exit 0' TERM
echo started
while :; do sleep 1000 & wait $!; done
""",
}
TAG = image_tag("contract", CONTEXT)


def no_report(_line: str) -> None:
    """Take a line of progress and forget it."""


def container_of(folder: str = "", *, config_hash: str = "hash", tag: str = TAG) -> Container:
    """Return a hardened container of the small image; ``folder`` is mounted as ``/data``."""
    spec = ContainerSpec(
        name="sleeper",
        image="contract",
        environment={"GREETING": "hello world"},
        tmpfs={"/run/own": "mode=0750,size=1m"},
        memory_mb=64,
        pids=50,
        stop_seconds=5,
    )
    return Container(
        spec=spec,
        project=PROJECT,
        tag=tag,
        config_hash=config_hash,
        restart_hash="",
        reload_hash="",
        binds=(Bind(folder, "/data", is_writable=True),) if folder else (),
    )


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.e2e)])
def containers(request: pytest.FixtureRequest) -> Iterator[Containers]:
    """Yield an engine that has the small image and no container of this project."""
    engine: Containers = FakeContainers() if request.param == "fake" else DockerContainers()
    engine.provide_base(BASE, no_report)
    if not engine.has_image(TAG):
        engine.build("contract", TAG, CONTEXT, {}, no_report)
    yield engine
    for name in engine.observe(PROJECT):
        engine.remove(name)
