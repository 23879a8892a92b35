"""Where a server lies, and how it is named in what people are told to type."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from xmpp_wizard.core.layout import Layout

SECOND = Layout(PurePosixPath("/srv/a b"), "second")
OPTIONS = "--root '/srv/a b' --instance second"


@pytest.mark.parametrize(
    ("words", "addressed"),
    [
        ("run xmpp-wizard apply", f"run xmpp-wizard {OPTIONS} apply"),
        ("`xmpp-wizard logs turn`; sudo xmpp-wizard dns show", "`{x} logs turn`; sudo {x} dns show"),
        ("what xmpp-wizard web-server shows", "what {x} web-server shows"),
        (SECOND.command("user", "add", "ann"), f"sudo xmpp-wizard {OPTIONS} user add ann"),
        ("/var/lib/xmpp-wizard/dns", "/var/lib/xmpp-wizard/dns"),
        ("xmpp-wizard proves, and proven is proven", "xmpp-wizard proves, and proven is proven"),
        ("See: xmpp-wizard dns check --help", "See: xmpp-wizard dns check --help"),
        ("this is a bug in xmpp-wizard (ValueError)", "this is a bug in xmpp-wizard (ValueError)"),
    ],
)
def test_commands_name_the_server(words: str, addressed: str) -> None:
    assert SECOND.addressed(words) == addressed.replace("{x}", f"xmpp-wizard {OPTIONS}")
    assert Layout().addressed(words) == words
