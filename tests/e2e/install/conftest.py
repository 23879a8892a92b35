"""Bare hosts and copies of the tree for the tests of install.sh."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest
from tests.e2e.install import host_network
from tests.e2e.install.bare_host import ROOT, BareHost, make_userland, source_files


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the tree to where a user without rights can read it."""
    folder = tmp_path_factory.mktemp("install") / "xmpp-wizard"
    for path in source_files():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, folder / path, follow_symlinks=False)
    for above in (folder, *folder.parents):
        above.chmod(0o755)
        if above.name.startswith("pytest-of-"):
            break
    return folder


@pytest.fixture(scope="session")
def make_image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """Bootstrap bare userlands, and remove their images at the end."""
    images: list[str] = []

    def make(suite: str, *options: str, mirror: list[str]) -> str:
        archive = tmp_path_factory.mktemp("userland") / f"{suite}.tar"
        images.append(make_userland([*options, suite, str(archive), *mirror], archive))
        archive.unlink()
        return images[-1]

    yield make
    for image in images:
        docker.from_env().images.remove(image, force=True)


@pytest.fixture(scope="session")
def debian_13(make_image: Callable[..., str]) -> str:
    """Bootstrap Debian 13."""
    return make_image("trixie", mirror=host_network.debian_mirror())


@pytest.fixture(scope="module")
def start_host() -> Iterator[Callable[..., BareHost]]:
    """Start bare hosts, and remove them at the end."""
    hosts: list[BareHost] = []

    def start(image: str, volumes: list[str] | None = None, *, has_systemd: bool = False) -> BareHost:
        hosts.append(BareHost(image, volumes or [], has_systemd=has_systemd))
        hosts[-1].furnish()
        return hosts[-1]

    yield start
    for host in hosts:
        host.remove()
