"""One little internet for all tests of DNS."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.e2e.dns.lab import Lab


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Give the little internet."""
    with Lab(tmp_path_factory.mktemp("lab")) as running:
        yield running
