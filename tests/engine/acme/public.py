"""A server with public certificates, and an authority that looks at its names."""

from __future__ import annotations

from tests.engine.conftest import wish
from tests.fakes import Fakes

from xmpp_wizard.core.acme.model import Problem
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.engine.acme.upkeep import obtain_due
from xmpp_wizard.engine.observe import live_certificates
from xmpp_wizard.engine.setup import ApplyAnswers, current

STAGING = "https://acme-staging-v02.api.letsencrypt.org/directory"
REAL = "https://acme-v02.api.letsencrypt.org/directory"
NAMES = ("a.example", "groups.a.example", "share.a.example")
CLOSED = Problem("connection", "203.0.113.7: Fetching http://x: Timeout during connect (likely firewall problem)")


def public(**acme: object) -> ApplyAnswers:
    """Return the wish for a server with public certificates."""
    return wish(certificates={"source": "acme", "acme": acme})


def live(fakes: Fakes, layout: Layout) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return what is served: issuer and names by folder."""
    return {name: (c.issuer, c.names) for name, c in live_certificates(fakes.world(), layout)[1].items()}


def look_after(fakes: Fakes, layout: Layout, *, impatient: bool = False) -> bool:
    """Do what the timer does before it looks at the plan."""
    world = fakes.world()
    return obtain_due(world, layout, current(world, layout)[0], lambda _line: None, impatient=impatient)
