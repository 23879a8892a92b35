"""The base image where no registry answers."""

from __future__ import annotations

import os
import subprocess

import pytest

from xmpp_wizard.core.errors import EngineError
from xmpp_wizard.effects.base_image import provide
from xmpp_wizard.effects.docker_api import Engine


@pytest.mark.e2e
def test_without_mmdebstrap_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(EngineError, match="mmdebstrap") as caught:
        provide(Engine(), "localhost:1/base:none", lambda _: None)
    assert "sudo apt-get install mmdebstrap" in str(caught.value.hint)


@pytest.mark.e2e
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to make a Debian system")
def test_an_image_that_no_registry_has_is_made_from_a_mirror() -> None:
    tag = f"localhost:1/xmpp-wizard-base:{os.getpid()}"
    lines: list[str] = []
    engine = Engine()
    try:
        made = provide(engine, tag, lines.append)
        assert any("no registry has it" in line for line in lines)
        assert any(line.endswith(" s)") for line in lines)
        assert provide(engine, tag, lines.append) == made
        script = ". /etc/os-release; echo $VERSION_CODENAME; ls /var/cache/apt; cat /etc/apt/sources.list"
        told = subprocess.run(
            ["docker", "run", "--rm", tag, "sh", "-c", script], check=True, capture_output=True, text=True
        ).stdout
        assert told.startswith("trixie\ndeb ")
        assert "trixie-security" in told
    finally:
        subprocess.run(["docker", "rmi", "-f", tag], check=False, capture_output=True)
