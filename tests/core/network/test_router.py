"""What is said of a router that does as it is told, and forgets it too soon."""

from __future__ import annotations

import pytest

from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.router import Led, forgotten, refused


@pytest.mark.parametrize(("seconds", "told"), [(1, "2"), (119, "2"), (121, "3"), (599, "10")])
def test_it_is_told_within_how_many_minutes_it_forgets(seconds: int, told: str) -> None:
    text, _ = refused(tuple(forgotten(Led("UPnP", {Door(5222): seconds}))))
    assert str(text) == f"the router forgets 5222/tcp within {told} minutes"
