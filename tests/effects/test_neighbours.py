"""Other people's containers: where they are reached, and which folders of this machine they have."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contracts.conftest import BASE

from xmpp_wizard.core.network.front import at
from xmpp_wizard.core.network.listeners import Listener, Neighbour
from xmpp_wizard.effects.docker_engine import DockerContainers
from xmpp_wizard.effects.docker_neighbours import neighbour

IMAGE = f"jc21/nginx-proxy-manager:test-{os.getpid()}"
LISTED = {
    "Id": "c0ffee",
    "Names": ["/npm"],
    "Image": "jc21/nginx-proxy-manager:latest",
    "Labels": {},
    "Ports": [
        {"IP": "0.0.0.0", "PrivatePort": 443, "PublicPort": 443, "Type": "tcp"},  # noqa: S104
        {"IP": "::", "PrivatePort": 443, "PublicPort": 443, "Type": "tcp"},
        {"IP": "192.0.2.1", "PrivatePort": 81, "PublicPort": 8181, "Type": "tcp"},
        {"PrivatePort": 9000, "Type": "tcp"},
    ],
    "NetworkSettings": {"Networks": {"npm_default": {"Gateway": "172.18.0.1"}}},
    "Mounts": [{"Type": "bind", "Source": "/srv/npm/letsencrypt", "Destination": "/etc/letsencrypt"}],
}


def test_an_entry_of_the_engine_s_list_is_read() -> None:
    assert neighbour(LISTED) == Neighbour(
        "c0ffee",
        "npm",
        "jc21/nginx-proxy-manager:latest",
        (("", 443), ("192.0.2.1", 8181)),
        {"/etc/letsencrypt": "/srv/npm/letsencrypt"},
        "172.18.0.1",
    )


def test_one_with_the_machine_s_network_has_no_other_address() -> None:
    listed = {**LISTED, "Ports": [], "NetworkSettings": {"Networks": {"host": {"Gateway": ""}}}}
    found = neighbour(listed)
    assert (found.ports, found.gateway) == ((), "")
    assert at([found], Listener("", 443, "tcp", "nginx", 7, "c0ffee")) is found
    assert at([found], Listener("", 443, "tcp", "nginx", 7)) is None


@pytest.fixture
def web_server(tmp_path: Path) -> Iterator[str]:
    """Start a container that publishes a port, under the name that its image has in the world; return its name."""
    name = f"xmpp-wizard-neighbour-{os.getpid()}"
    docker("tag", BASE, IMAGE)
    docker(
        "run", "-d", "--name", name, "-p", "127.0.77.9:4439:443", "-v", f"{tmp_path}:/etc/letsencrypt", IMAGE,
        "sleep", "infinity",
    )  # fmt: skip
    yield name
    docker("rm", "-f", name)
    docker("rmi", IMAGE)


@pytest.mark.e2e
def test_a_real_one_is_found_behind_its_port(web_server: str, tmp_path: Path) -> None:
    listener = Listener("127.0.77.9", 4439, "tcp", "docker-proxy", 7)
    found = at(DockerContainers().neighbours(), listener)
    assert found is not None
    assert (found.name, found.image, found.folders) == (web_server, IMAGE, {"/etc/letsencrypt": str(tmp_path)})
    with socket.create_server((found.gateway, 0)) as server:
        port = server.getsockname()[1]
        line = f"exec 3<>/dev/tcp/{found.gateway}/{port} && echo reached"
        assert docker("exec", web_server, "bash", "-c", line) == "reached\n", "the gateway is the way to this machine"


def docker(*words: str) -> str:
    return subprocess.run(["docker", *words], check=True, capture_output=True, text=True).stdout
