"""A world in which DNS knows the names of the server."""

from __future__ import annotations

import pytest
from tests.engine.acme.public import NAMES
from tests.fakes import Fakes

from xmpp_wizard.core.surroundings import Lookup


@pytest.fixture(autouse=True)
def _names_exist(fakes: Fakes) -> None:
    """Let DNS know all names of the server."""
    fakes.surroundings.names = {name: Lookup(("192.0.2.10",), is_known=True) for name in NAMES}
