"""Limits on how fast one connection may send (mod_limits): one app or server cannot slow down the rest; always on."""

from __future__ import annotations

from pydantic import Field

from xmpp_wizard.core.kit.feature import Contribution, Feature, Merge, Modules, Site
from xmpp_wizard.core.lua import LuaValue
from xmpp_wizard.core.model import Model, OrByLevel
from xmpp_wizard.core.text import say


class RateLimitsAnswers(Model):
    """How fast one connection may send; uploads are not slowed down."""

    client_kb_per_second: OrByLevel[int] = Field(
        default=None,
        ge=1,
        le=100000,
        title="An app may send (kB/s)",
        description="Left out, the level decides.",
        examples=[30],
    )
    server_kb_per_second: OrByLevel[int] = Field(
        default=None,
        ge=1,
        le=100000,
        title="Another server may send (kB/s)",
        description="Left out, the level decides.",
        examples=[60],
    )
    burst_seconds: int = Field(
        default=2,
        ge=1,
        le=60,
        title="Burst (seconds)",
        description="So much of the rates given here may come at once.",
    )


def contribute(answers: RateLimitsAnswers, _site: Site) -> Contribution:
    """Return the limits of the security level, or those of the answers."""
    wanted = (("c2s", answers.client_kb_per_second), ("s2sin", answers.server_kb_per_second))
    limits: dict[str, LuaValue] = {
        kind: {"rate": f"{rate}kb/s", "burst": f"{answers.burst_seconds}s"} for kind, rate in wanted if rate
    }
    return Contribution(modules=Modules(core=("limits",)), settings={"limits": Merge(limits)} if limits else {})


FEATURE = Feature(
    name="rate_limits",
    title=say("Rate limits"),
    summary=say("No single app or server can take all of the line."),
    settings=RateLimitsAnswers,
    contribute=contribute,
)
