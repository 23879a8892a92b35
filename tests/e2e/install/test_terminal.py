"""On a terminal install.sh fits 80 columns, ticks while it works, and needs no colour."""

from collections.abc import Callable

import pytest
from tests.e2e.install.bare_host import SOURCE, BareHost
from tests.e2e.install.terminal import on_a_terminal

pytestmark = pytest.mark.e2e


def test_ticks_within_80_columns(debian_13: str, start_host: Callable[..., BareHost]) -> None:
    host = start_host(debian_13)
    text = on_a_terminal(
        ["docker", "exec", "-t", "-e", "NO_COLOR=1", "-w", SOURCE, host.name, "./install.sh", "--engine-only"]
    )
    assert "s of about 60 s; log: /var/log/xmpp-wizard-install.log" in text
    assert "\x1b" not in text
    for line in text.replace("\r", "\n").splitlines():
        assert len(line) < 80
