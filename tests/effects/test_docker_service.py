"""The engine as a service: what systemctl is asked, and what its answers mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from xmpp_wizard.core.errors import EngineError
from xmpp_wizard.effects import docker_service


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a systemctl into the path that keeps a service as a file: no systemd runs where the tests do."""
    program = tmp_path / "systemctl"
    program.write_text(
        f"#!/bin/sh\ncd {tmp_path}\n"
        'case "$*" in\n'
        '"is-active --quiet docker.service") test -e active ;;\n'
        '"start docker.service") test ! -e broken && touch active || { echo "Job failed." >&2; exit 1; } ;;\n'
        "*) exit 64 ;;\nesac\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    return tmp_path


def test_a_service_that_is_down_is_started(systemd: Path) -> None:
    assert docker_service.can_start(systemd)
    docker_service.start(systemd)
    assert not docker_service.can_start(systemd), "what runs need not be started"


def test_one_that_does_not_start_says_why(systemd: Path) -> None:
    (systemd / "broken").touch()
    with pytest.raises(EngineError, match=r"does not start: Job failed\."):
        docker_service.start(systemd)


def test_another_machines_engine_is_left_alone(systemd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "ssh://elsewhere")
    assert not docker_service.can_start(systemd)


def test_without_systemd_nothing_can_be_started(tmp_path: Path) -> None:
    assert not docker_service.can_start(tmp_path / "none")
    with pytest.raises(EngineError, match="nothing here can start"):
        docker_service.start(tmp_path / "none")


def test_without_systemctl_it_is_an_error_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not docker_service.can_start(tmp_path)
    with pytest.raises(EngineError, match="does not start"):
        docker_service.start(tmp_path)
