"""What this host's scheduler is, and how a timer of it is; systemd itself is tried in the tests of a whole host."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.effects.systemd import HostServices

NAME = "xmpp-wizard-renew"
NEXT = "Fri 2025-11-21 06:03:20 UTC"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a host with the folders of both, and no process."""
    for folder in ("etc/cron.d", "etc/systemd/system", "proc/1"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "proc/1/comm").write_text("init\n")
    return tmp_path


def test_systemd_comes_first(root: Path) -> None:
    assert HostServices(root).scheduler() == "cron"
    (root / "run/systemd/system").mkdir(parents=True)
    assert HostServices(root).scheduler() == "systemd"
    (root / "etc/systemd/system").rmdir()
    assert HostServices(root).scheduler() == "cron"


def test_a_host_with_neither(tmp_path: Path) -> None:
    services = HostServices(tmp_path)
    assert services.scheduler() == ""
    assert services.timer(NAME).state == "missing"


def test_cron_needs_the_file_and_a_daemon(root: Path) -> None:
    services = HostServices(root)
    assert services.timer(NAME).state == "missing"
    (root / "etc/cron.d" / NAME).write_text("")
    assert services.timer(NAME).state == "no daemon"
    (root / "proc/1/comm").write_text("cron\n")
    assert services.timer(NAME).state == "waiting"
    services.stop_timer(NAME)


def test_the_timer_speaks_to_the_admin_s_own_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    plain = HostServices().program()
    assert plain[0] != "/usr/bin/env"
    monkeypatch.setenv("DOCKER_HOST", "unix:///run/podman/podman.sock")
    assert HostServices().program() == ["/usr/bin/env", "DOCKER_HOST=unix:///run/podman/podman.sock", *plain]


@pytest.fixture
def systemctl(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a program called systemctl before all others: it prints ``said`` and notes its words."""
    (root / "run/systemd/system").mkdir(parents=True)
    program = root / "bin/systemctl"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >>{root}/words\ncat {root}/said\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    (root / "said").write_text("")
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return root


@pytest.mark.parametrize(
    ("said", "state"),
    [
        (f"LoadState=loaded\nActiveState=active\nUnitFileState=enabled\nNextElapseUSecRealtime={NEXT}", "waiting"),
        ("LoadState=loaded\nActiveState=active\nUnitFileState=disabled\nNextElapseUSecRealtime=", "off"),
        ("LoadState=loaded\nActiveState=inactive\nUnitFileState=enabled\nNextElapseUSecRealtime=", "off"),
        ("LoadState=loaded\nActiveState=failed\nUnitFileState=enabled\nNextElapseUSecRealtime=", "failed"),
        ("LoadState=masked\nActiveState=inactive\nUnitFileState=masked\nNextElapseUSecRealtime=n/a", "masked"),
        ("LoadState=not-found\nActiveState=inactive\nUnitFileState=\nNextElapseUSecRealtime=", "missing"),
    ],
)
def test_what_systemd_says(systemctl: Path, said: str, state: str) -> None:
    (systemctl / "said").write_text(said + "\n")
    found = HostServices(systemctl).timer(NAME)
    assert found.state == state
    assert found.next_at == (datetime(2025, 11, 21, 6, 3, 20, tzinfo=UTC) if state == "waiting" else None)


def test_it_is_begun_with_the_files_as_they_are(systemctl: Path) -> None:
    HostServices(systemctl).start_timer(NAME)
    assert (systemctl / "words").read_text() == (
        "daemon-reload\nenable xmpp-wizard-renew.timer\nrestart xmpp-wizard-renew.timer\n"
    )


def test_what_systemd_refuses_is_told(systemctl: Path) -> None:
    (systemctl / "bin/systemctl").write_text("#!/bin/sh\necho 'Failed: read-only' >&2\nexit 1\n")
    with pytest.raises(EffectError, match="systemctl daemon-reload: Failed: read-only"):
        HostServices(systemctl).start_timer(NAME)
