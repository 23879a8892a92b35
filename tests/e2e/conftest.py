"""Whole servers for the end-to-end tests, removed whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest
from tests.e2e.server.machine import Server


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Build all images once, and keep them in use, so that no uninstall of a test takes them away."""
    server = Server(tmp_path_factory.mktemp("image"))
    engine = docker.from_env()
    try:
        server.apply({"features.calls.enabled": True})
        tags = {item["Names"][0].rpartition("-")[2]: str(item["Image"]) for item in server.containers()}
        keepers = [engine.containers.create(tag, name=f"{server.project}-{name}-image") for name, tag in tags.items()]
    finally:
        server.remove()
    yield tags["prosody"]
    for keeper in keepers:
        keeper.remove(force=True)
    engine.close()


@pytest.fixture
def make_server(image: str, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Give servers that nothing was applied to yet."""
    assert image
    made: list[Server] = []

    def make(domain: str = "") -> Server:
        root = tmp_path / f"host-{len(made)}"
        root.mkdir()
        made.append(Server(root, domain))
        return made[-1]

    yield make
    for server in made:
        server.remove()


@pytest.fixture
def server(make_server: Callable[..., Server]) -> Server:
    """Give one server that nothing was applied to yet."""
    return make_server()


@pytest.fixture(scope="module")
def running(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give one server with one person, for tests that only look at it or put back what they change."""
    assert image
    with Server(tmp_path_factory.mktemp("running")) as server:
        server.apply()
        server.add_user()
        yield server
