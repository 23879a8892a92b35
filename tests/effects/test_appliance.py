"""The files that ship with the program, and nothing that merely lies beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.effects.appliance import ShippedAppliance


@pytest.fixture
def package(tmp_path: Path) -> Path:
    image = tmp_path / "appliance" / "images" / "prosody"
    (image / "health" / "__pycache__").mkdir(parents=True)
    (image / "Dockerfile").write_text("FROM debian:trixie-slim\n")
    (image / ".dockerignore").write_text("*.md\n")
    (image / "health" / "check").write_bytes(b"#!/bin/sh\n\xff")
    for stray in (".Dockerfile.swp", "Dockerfile~", "#Dockerfile#", "health/__pycache__/x.pyc", "health/x.pyc"):
        (image / stray).write_text("stray")
    (tmp_path / "templates" / "prosody").mkdir(parents=True)
    (tmp_path / "templates" / "prosody" / "a.j2").write_text("ü\n")
    return tmp_path


def test_an_image_is_its_files_without_strays(package: Path) -> None:
    assert ShippedAppliance(package).image("prosody") == {
        ".dockerignore": b"*.md\n",
        "Dockerfile": b"FROM debian:trixie-slim\n",
        "health/check": b"#!/bin/sh\n\xff",
    }


def test_templates_are_texts_by_path(package: Path) -> None:
    assert ShippedAppliance(package).templates() == {"prosody/a.j2": "ü\n"}


@pytest.mark.parametrize("name", ["none", "", "..", "../images/prosody", "prosody+none", "prosody+"])
def test_an_image_that_is_not_shipped_is_an_error(package: Path, name: str) -> None:
    with pytest.raises(EffectError, match="ships no image"):
        ShippedAppliance(package).image(name)


def test_the_installed_program_has_its_templates() -> None:
    assert "prosody/prosody.cfg.lua.j2" in ShippedAppliance().templates()


def test_a_part_is_built_on_top_of_an_image(package: Path) -> None:
    part = package / "appliance" / "images" / "extra"
    part.mkdir()
    (part / "Dockerfile").write_text("FROM server\n")
    (part / "fetch.sh").write_text("#!/bin/sh\n")
    whole = ShippedAppliance(package).image("prosody+extra")
    assert whole["Dockerfile"] == b"FROM debian:trixie-slim\n\nFROM server\n"
    assert whole["extra/fetch.sh"] == b"#!/bin/sh\n"
    assert whole["health/check"] == ShippedAppliance(package).image("prosody")["health/check"]
    assert "extra/fetch.sh" not in ShippedAppliance(package).image("prosody")
