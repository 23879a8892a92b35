"""A host with systemd: the engine is its service, and the server comes back by itself."""

import json
from collections.abc import Callable

import pytest
from tests.e2e.install import host_network
from tests.e2e.install.bare_host import BareHost

pytestmark = [pytest.mark.e2e, pytest.mark.long]

IS_HEALTHY = "xmpp-wizard status --json | grep -q '\"healthy\": *true'"
BACK_SECONDS = 90


@pytest.fixture(scope="module")
def host(make_image: Callable[..., str], start_host: Callable[..., BareHost]) -> BareHost:
    """Set a server up with one command on Debian 12 with systemd, and add a person."""
    image = make_image("bookworm", "--include=systemd,systemd-sysv,dbus", mirror=host_network.debian_mirror())
    host = start_host(image, has_systemd=True)
    said = host.expect("./install.sh --answers examples/try-it.toml")
    # Nothing has to be done after a reboot, so nothing is said about one.
    assert "restart of this machine" not in said
    assert "After a reboot" not in said
    host.expect("xmpp-wizard user add bob")
    return host


def generation(host: BareHost) -> int:
    return int(json.loads(host.expect("xmpp-wizard status --json"))["generation"])


def test_the_engine_is_a_service_of_systemd(host: BareHost) -> None:
    assert host.expect("systemctl is-enabled docker.service").strip() == "enabled"
    assert host.expect("systemctl is-active docker.service").strip() == "active"
    pid = host.expect("systemctl show --value --property MainPID docker.service").strip()
    assert host.expect(f"cat /proc/{pid}/comm").strip() == "dockerd"
    host.expect(IS_HEALTHY)


@pytest.mark.parametrize("is_power_cut", [False, True], ids=["reboot", "power cut"])
def test_everything_is_back_after(host: BareHost, *, is_power_cut: bool) -> None:
    before = generation(host), host.expect("xmpp-wizard user list")
    assert "bob@chat.lan" in before[1]
    host.expect("touch /run/before")
    host.reboot(is_power_cut=is_power_cut)
    host.expect("! test -e /run/before")
    host.wait_for(IS_HEALTHY, BACK_SECONDS)
    assert host.expect("loginctl list-sessions --no-legend") == ""
    assert (generation(host), host.expect("xmpp-wizard user list")) == before
    host.expect("xmpp-wizard prove")


def test_back_after_a_restart_of_the_engine(host: BareHost) -> None:
    host.expect("systemctl restart docker.service")
    host.wait_for(IS_HEALTHY, BACK_SECONDS)
    assert "bob@chat.lan" in host.expect("xmpp-wizard user list")


def test_starts_a_stopped_engine(host: BareHost) -> None:
    host.expect("systemctl stop docker.socket docker.service")
    assert host.run("docker version").status != 0
    assert "by systemd, now and at every boot" in host.expect("./install.sh --dry-run")
    assert "Starting Docker Engine" in host.expect("./install.sh")
    assert host.expect("systemctl is-active docker.service").strip() == "active"
    host.wait_for(IS_HEALTHY, BACK_SECONDS)


def test_starts_an_engine_that_is_stopped_for_good(host: BareHost) -> None:
    host.expect("systemctl disable --now docker.socket docker.service")
    host.expect("./install.sh --engine-only")
    assert host.expect("systemctl is-enabled docker.service").strip() == "enabled"
    host.wait_for(IS_HEALTHY, BACK_SECONDS)


def test_says_that_a_disabled_engine_does_not_survive_a_reboot(host: BareHost) -> None:
    host.expect("systemctl disable docker.service")
    assert "sudo systemctl enable docker" in host.expect("./install.sh")
    assert host.run("systemctl is-enabled docker.service").text.strip() == "disabled"
    host.expect("systemctl enable docker.service")
