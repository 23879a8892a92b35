"""What holds for all benchmarks: the program is measured as it is installed."""

from __future__ import annotations

import compileall
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "src" / "xmpp_wizard"


@pytest.fixture(scope="session", autouse=True)
def _compiled() -> None:
    """Compile it once, as an installation does; where Python may not keep what it compiled, each start does it."""
    assert compileall.compile_dir(SOURCES, quiet=1)
