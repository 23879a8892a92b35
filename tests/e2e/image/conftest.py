"""The image, built once for each state of its build context."""

from __future__ import annotations

import contextlib
import hashlib
import io
import secrets
import time
from collections.abc import Iterator
from datetime import datetime

import docker
import pytest
from tests.e2e.image.running import Image

from xmpp_wizard.effects.appliance import ShippedAppliance
from xmpp_wizard.effects.docker_build import context_archive
from xmpp_wizard.effects.docker_engine import DockerContainers

NAME = "xmpp-wizard-image-test"
DAY_SECONDS = 86_400


def _remove_old_ones(client: docker.DockerClient) -> None:
    """Remove what earlier runs built; newer ones may be those of a run beside this one."""
    for image in client.images.list(NAME):
        is_old = time.time() - datetime.fromisoformat(image.attrs["Created"][:19] + "+00:00").timestamp() > DAY_SECONDS
        for tag in image.tags if is_old else ():
            with contextlib.suppress(docker.errors.APIError):  # in use
                client.images.remove(tag)


@pytest.fixture(scope="session")
def prosody() -> Iterator[Image]:
    """Build the image under a name that tells what it was made of."""
    context = ShippedAppliance().image("prosody")
    digest = hashlib.sha256(repr(sorted(context.items())).encode()).hexdigest()[:12]
    tag = f"{NAME}:{digest}"
    client = docker.from_env(timeout=1800)
    if not client.images.list(tag):
        DockerContainers().provide_base("debian:trixie-slim", print)
        _remove_old_ones(client)
        # the host's network: the engine's own bridge may be off
        archive = io.BytesIO(context_archive(context))
        client.images.build(fileobj=archive, custom_context=True, tag=tag, network_mode="host", rm=True, forcerm=True)
    name = f"image-test-{secrets.token_hex(4)}"
    network = client.networks.create(name)
    yield Image(client, tag, name)
    network.remove()
    client.close()
