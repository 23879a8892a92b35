"""One version, said everywhere: the program, its packaging, the README's first lines."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from xmpp_wizard.__main__ import VERSION

ROOT = Path(__file__).parents[1]


def test_the_program_and_its_packaging_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)
    told = subprocess.run(
        [sys.executable, "-m", "xmpp_wizard", "--version"], check=True, capture_output=True, text=True
    )
    assert told.stdout == f"xmpp-wizard {VERSION}\n"


def test_the_readme_fetches_this_version() -> None:
    named = re.findall(r"xmpp-wizard-(\d+\.\d+\.\d+)", (ROOT / "README.md").read_text())
    assert len(named) > 2
    assert set(named) == {VERSION}
