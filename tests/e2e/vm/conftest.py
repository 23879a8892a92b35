"""One machine for the tests of a file, as its owner has just installed Debian 13 on it."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.markers import Marker
from tests.e2e.install.bare_host import ROOT
from tests.e2e.vm.disk import IMAGES, make_disk
from tests.e2e.vm.machine import QEMU, Machine

from xmpp_wizard.core.rendering.render import image_tag
from xmpp_wizard.effects.appliance import ShippedAppliance

PYTHON = "3.13.5"
"""Debian 13's."""


@pytest.fixture(scope="module")
def machine(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Start a machine of its own with what it would fetch from elsewhere; pictures of it stay in pytest's folder."""
    assert image
    if not QEMU or platform.machine() != "x86_64":
        pytest.skip("needs QEMU for a PC on a PC: ./run-tests.sh all unpacks qemu-system-x86 where there is one")
    folder = tmp_path_factory.mktemp("vm")
    try:
        disk = make_disk(folder, _fetched(folder / "fetched"))
        with Machine(disk, folder) as machine:
            yield machine
    finally:
        for large in ("root", "fetched"):
            shutil.rmtree(folder / large, ignore_errors=True)
        (folder / "disk.img").unlink(missing_ok=True)


def _fetched(folder: Path) -> dict[str, Path]:
    """Return what takes that machine long: the locked libraries, and the images, which are the same wherever built."""
    wheels, images = folder / "wheels", folder / "images.tar"
    wheels.mkdir(parents=True)
    for name in ("runtime", "build"):
        locked = folder / f"{name}.txt"
        locked.write_text(_for_debian_13((ROOT / "requirements" / locked.name).read_text()))
        options = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--python-version", PYTHON[:4]]
        command = [sys.executable, "-m", "pip", "download", "-q", *options, "-d", str(wheels), "-r", str(locked)]
        subprocess.run(command, check=True, capture_output=True, text=True)
    appliance = ShippedAppliance()
    tags = [image_tag(name, appliance.image(name)) for name in ("prosody", "turn")]
    subprocess.run(["docker", "save", "--output", str(images), *tags], check=True, capture_output=True)
    (folder / "pip.conf").write_text(
        "[global]\nno-index = true\nfind-links = /opt/wheels\n[install]\nno-compile = true\n"
    )
    return {"/opt/wheels": wheels, IMAGES: images, "/etc/pip.conf": folder / "pip.conf"}


def _for_debian_13(requirements: str) -> str:
    """Decide each condition for the Python there: pip would decide them for the one that runs it."""
    found = []
    for block in re.split(r"^(?=\w)", requirements, flags=re.MULTILINE):
        condition = re.search(r" ; (.+?) \\$", block, re.MULTILINE)
        if condition is None:
            found.append(block)
        elif Marker(condition[1]).evaluate({"python_version": PYTHON[:4], "python_full_version": PYTHON}):
            found.append(block.replace(condition[0], " \\", 1))
    return "".join(found)
