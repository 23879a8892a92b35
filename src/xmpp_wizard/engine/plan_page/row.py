"""One row of the page with the plan: a decision, a change, or something in the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from xmpp_wizard.core.draft import Key
from xmpp_wizard.core.text import Text

Opens = Literal[
    "", "address", "form", "dns", "router", "obstacle", "port", "edits", "web-server", "firewall", "order", "way"
]


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One decision. ``keys`` are the answers behind it; ``opens`` says what Enter leads to."""

    id: str
    title: Text
    value: Text
    why: Text
    mark: str = ""
    keys: tuple[Key, ...] = ()
    opens: Opens = "form"
    port: int = 0
    """Of a row that ``opens`` a port: which one it is."""
