"""The image of coturn with the configuration that the program writes, and credentials for it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from docker import DockerClient
from tests.e2e.image.running import Running
from tests.servers import server, templates

from xmpp_wizard.core.kit.bench import RelayOffer
from xmpp_wizard.core.rendering.templates import config_file
from xmpp_wizard.core.secret import Secret

SECRET = "of this test"
_PLACES = {"config": "/etc/turn", "secrets": "/secrets"}


@contextmanager
def running_turn(client: DockerClient, image: str, folder: Path) -> Iterator[Running]:
    """Start it on a bridge of the engine's, as a machine with one address behind a router, and remove it at the end."""
    _write(folder)
    container = client.containers.run(
        image,
        name=f"image-test-{secrets.token_hex(4)}",
        detach=True,
        read_only=True,
        cap_drop=["ALL"],
        environment={"TURN_LOOK_SECONDS": "1"},
        sysctls={"net.ipv6.conf.all.disable_ipv6": "0"},
        tmpfs={"/run/turn": "uid=3478,gid=3478,mode=0700"},
        volumes={str(folder / part): {"bind": to, "mode": "ro"} for part, to in _PLACES.items()},
    )
    try:
        yield Running(container)
    finally:
        container.remove(force=True, v=True)


def _write(folder: Path) -> None:
    for part in _PLACES:
        (folder / part).mkdir(mode=0o755)
    folder.chmod(0o755)
    (config,) = server().files
    (folder / "config/turnserver.conf").write_text(config_file(config, templates()))
    (folder / "secrets/turn").write_text(f"{SECRET}\n")


def offer() -> RelayOffer:
    """Return credentials that are good for ten minutes."""
    username = str(int(time.time()) + 600)
    password = base64.b64encode(hmac.digest(SECRET.encode(), username.encode(), hashlib.sha1)).decode()
    return RelayOffer("turn.fam.example", 3478, "udp", False, username, Secret(password))  # noqa: FBT003
