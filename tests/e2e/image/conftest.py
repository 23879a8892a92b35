"""The image, built once for each state of its build context."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator

import docker
import pytest
from tests.e2e.image.running import Image

from xmpp_wizard.effects.appliance import ShippedAppliance
from xmpp_wizard.effects.docker_engine import DockerContainers


@pytest.fixture(scope="session")
def prosody() -> Iterator[Image]:
    """Build the image under a name that tells what it was made of."""
    context = ShippedAppliance().image("prosody")
    digest = hashlib.sha256(repr(sorted(context.items())).encode()).hexdigest()[:12]
    tag = f"xmpp-wizard-image-test:{digest}"
    engine = DockerContainers()
    if not engine.has_image(tag):
        engine.provide_base("debian:trixie-slim", print)
        engine.build("prosody", tag, context, {}, print)
    client = docker.from_env()
    name = f"image-test-{secrets.token_hex(4)}"
    network = client.networks.create(name)
    yield Image(client, tag, name)
    network.remove()
    client.close()
