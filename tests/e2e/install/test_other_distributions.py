"""install.sh on the other supported distributions, and on 32-bit ARM under emulation."""

import subprocess
from collections.abc import Callable, Iterator

import pytest
from tests.e2e.emulation import ARMHF, emulated
from tests.e2e.install import host_network
from tests.e2e.install.bare_host import BareHost

pytestmark = [pytest.mark.e2e, pytest.mark.long]

# Debian has no package with Ubuntu's keys; what is fetched here is thrown away again.
UNSIGNED = [
    '--aptopt=Acquire::AllowInsecureRepositories "true"',
    '--aptopt=APT::Get::AllowUnauthenticated "true"',
    "--components=main,universe",
    # Every Ubuntu has these; the bootstrap tool takes them for optional.
    "--include=apt,ubuntu-keyring",
]


def check_installs(host: BareHost) -> None:
    host.expect("./install.sh")
    host.expect("docker version && xmpp-wizard --version")
    host.expect(
        "/opt/xmpp-wizard/current/bin/python3 -c 'import aiohttp, cryptography.x509, docker, pydantic, slixmpp'"
    )
    assert "is installed and whole" in host.expect("./install.sh")


def test_debian_12(make_image: Callable[..., str], start_host: Callable[..., BareHost]) -> None:
    check_installs(start_host(make_image("bookworm", mirror=host_network.debian_mirror())))


@pytest.mark.parametrize("suite", ["jammy", "noble"])
def test_ubuntu(make_image: Callable[..., str], start_host: Callable[..., BareHost], suite: str) -> None:
    try:
        image = make_image(suite, *UNSIGNED, mirror=[])
    except subprocess.CalledProcessError as error:
        pytest.skip(f"Ubuntu's archive cannot be reached: {error.stderr[-300:]}")
    check_installs(start_host(image))


@pytest.fixture
def arm() -> Iterator[None]:
    with emulated(ARMHF):
        yield


@pytest.mark.usefixtures("arm")
@pytest.mark.timeout(3600)
def test_debian_13_on_32_bit_arm(make_image: Callable[..., str], start_host: Callable[..., BareHost]) -> None:
    image = make_image("trixie", "--arch=armhf", "--skip=check/qemu", mirror=host_network.debian_mirror())
    # An engine cannot run under emulation: the one of this machine stands in for it.
    host = start_host(image, ["/var/run/docker.sock:/var/run/docker.sock"])
    host.expect("./install.sh")
    host.expect("xmpp-wizard --version")
    host.expect(
        "/opt/xmpp-wizard/current/bin/python3 -c 'import aiohttp, cryptography.x509, docker, pydantic, slixmpp'"
    )
