"""Certificates are renewed by the host's own scheduler: systemd's timer, or cron."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from tests.e2e.install import host_network
from tests.e2e.install.bare_host import BareHost

pytestmark = [pytest.mark.e2e, pytest.mark.long]

NAME = "xmpp-wizard-renew"
STATE = "/var/lib/xmpp-wizard"
IS_HEALTHY = "xmpp-wizard status --json | grep -q '\"healthy\": *true'"
# The server's own authority makes every certificate as if long ago, and Prosody and the relay begin to serve theirs.
AGE = f"""
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xmpp_wizard.effects.local_authority import LocalAuthority
root = tuple(Path("/etc/xmpp-wizard/secrets/authority", name).read_bytes() for name in ("root.crt", "root.key"))
for live in Path("{STATE}/certificates/live").iterdir():
    names = LocalAuthority().inspect((live / "fullchain.pem").read_bytes()).names
    key = (live / "privkey.pem").read_bytes()
    made = LocalAuthority().issue(root, names, datetime.now(UTC) - timedelta(days=600), key)
    (live / "fullchain.pem").write_bytes(made.chain)
"""


def age(host: BareHost) -> None:
    """Let every certificate become due."""
    host.write("/root/age.py", AGE)
    host.expect(
        "/opt/xmpp-wizard/current/bin/python3 /root/age.py && docker kill -s HUP xmpp-wizard-prosody xmpp-wizard-turn"
    )


def generation(host: BareHost) -> int:
    return int(json.loads(host.expect("xmpp-wizard status --json"))["generation"])


def renewal(host: BareHost) -> dict[str, object]:
    found: dict[str, object] = json.loads(host.run("xmpp-wizard status --json").text)["renewal"]
    return found


@pytest.fixture(scope="module")
def host(make_image: Callable[..., str], start_host: Callable[..., BareHost]) -> BareHost:
    """Set a server up on Debian 12 with systemd."""
    image = make_image("bookworm", "--include=systemd,systemd-sysv,dbus", mirror=host_network.debian_mirror())
    host = start_host(image, has_systemd=True)
    host.expect("./install.sh --answers examples/try-it.toml")
    return host


def test_the_timer_waits_and_systemd_finds_no_fault_in_it(host: BareHost) -> None:
    assert host.expect(f"systemctl is-enabled {NAME}.timer").strip() == "enabled"
    assert host.expect(f"systemctl is-active {NAME}.timer").strip() == "active"
    assert host.expect(f"systemd-analyze verify {NAME}.timer {NAME}.service 2>&1") == ""
    found = renewal(host)
    assert (found["scheduler"], found["state"], found["problem"]) == ("systemd", "waiting", "")
    assert found["next_at"]
    assert "by itself every hour, by systemd's timer" in " ".join(host.expect("xmpp-wizard status").split())


def test_inside_its_walls_it_renews_and_nothing_else(host: BareHost) -> None:
    started = host.expect("docker inspect --format '{{.State.StartedAt}}' xmpp-wizard-prosody")
    host.expect(f"systemctl start {NAME}.service")
    assert generation(host) == 1
    age(host)
    host.expect(f"systemctl start {NAME}.service")
    assert generation(host) == 2
    host.expect(IS_HEALTHY)
    assert "is set up (generation 2)" in host.expect(f"journalctl --no-pager -u {NAME}.service")
    assert host.expect("docker inspect --format '{{.State.StartedAt}}' xmpp-wizard-prosody") == started
    host.expect("xmpp-wizard plan")


def test_it_goes_off_by_itself(host: BareHost) -> None:
    age(host)
    folder = f"/run/systemd/system/{NAME}.timer.d"
    soon = "[Timer]\\nOnCalendar=\\nOnCalendar=*:*:0/5\\nRandomizedDelaySec=0\\nAccuracySec=1s\\n"
    host.expect(f"mkdir -p {folder} && printf '{soon}' >{folder}/soon.conf")
    host.expect(f"systemctl daemon-reload && systemctl restart {NAME}.timer")
    host.wait_for("xmpp-wizard status --json | grep -q '\"generation\": *3'", 60)
    host.expect(f"rm -r {folder} && systemctl daemon-reload && systemctl restart {NAME}.timer")


def test_one_that_was_switched_off_is_told_of_and_put_right(host: BareHost) -> None:
    host.expect(f"systemctl disable --now {NAME}.timer")
    assert renewal(host)["state"] == "off"
    assert "is off; sudo xmpp-wizard apply starts it" in " ".join(host.run("xmpp-wizard status").text.split())
    host.expect("xmpp-wizard apply --yes --no-proof")
    assert renewal(host)["state"] == "waiting"
    host.expect(f"mv /etc/systemd/system/{NAME}.timer /root/ && systemctl mask --now {NAME}.timer")
    assert renewal(host)["state"] == "masked"
    assert f"systemctl unmask {NAME}.timer" in " ".join(host.run("xmpp-wizard status").text.split())
    host.expect(f"systemctl unmask {NAME}.timer && mv /root/{NAME}.timer /etc/systemd/system/")
    host.expect("xmpp-wizard apply --yes --no-proof")
    assert renewal(host)["state"] == "waiting", host.run(f"systemctl status {NAME}.timer; xmpp-wizard status").text
    host.expect(IS_HEALTHY)


def test_an_uninstall_leaves_nothing_of_it(host: BareHost) -> None:
    host.expect("xmpp-wizard uninstall --yes")
    assert host.expect("find /etc/systemd -name 'xmpp-wizard*'") == ""
    assert "xmpp-wizard" not in host.expect("systemctl list-timers --all --no-pager")
    host.expect('test -z "$(systemctl --failed --no-legend | grep xmpp-wizard)"')


@pytest.fixture
def cron_host(make_image: Callable[..., str], start_host: Callable[..., BareHost]) -> BareHost:
    """Set a server up on Debian 13 with cron and without systemd."""
    host = start_host(make_image("trixie", "--include=cron", mirror=host_network.debian_mirror()))
    host.expect("./install.sh --answers examples/try-it.toml")
    return host


def test_where_there_is_no_systemd_cron_does_it(cron_host: BareHost) -> None:
    host, file = cron_host, f"/etc/cron.d/{NAME}"
    found = renewal(host)
    assert (found["scheduler"], found["state"], found["problem"]) == ("cron", "no daemon", "")
    assert "apt-get install cron, and start it" in " ".join(host.expect("xmpp-wizard status").split())
    host.expect("cron")
    assert renewal(host)["state"] == "waiting"
    age(host)
    # every minute instead of every hour
    host.expect(f"sed -i 's/^[0-9]* \\*/* */' {file}")
    host.wait_for("xmpp-wizard status --json | grep -q '\"generation\": *2'", 150)
    host.expect("xmpp-wizard apply --yes --no-proof --overwrite-edits")
    host.expect("xmpp-wizard uninstall --yes")
    host.expect(f"! test -e {file}")
