"""A line to the internet, as a test wants it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass
class FakeLine:
    """What the router and the world outside say."""

    router: str = "192.168.1.1"
    router_6: str = ""
    wan: str = ""
    seen: str = ""

    def gateway(self) -> str:
        return self.router

    def gateway_6(self) -> str:
        return self.router_6

    def router_has(self, gateway: str, seconds: float) -> str:
        assert seconds > 0
        return self.wan if gateway else ""

    def outside_sees(self, servers: Sequence[str], seconds: float) -> str:
        assert servers
        assert seconds > 0
        return self.seen
