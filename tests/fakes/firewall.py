"""A firewall with a few rules of somebody else's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.fakes.recorder import Recorder

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.network.firewall import Door, FirewallKind, ObservedFirewall
from xmpp_wizard.core.text import say


@dataclass
class FakeFirewall(Recorder):
    """Without ``kind`` there is none; else it lets in what is ``allowed`` and what was ``opened``, by name."""

    kind: FirewallKind = ""
    allowed: set[Door] = field(default_factory=set)
    opened: dict[str, set[Door]] = field(default_factory=dict)

    def observe(self, doors: Sequence[Door], name: str) -> ObservedFirewall:
        self.hit("observe", name)
        if not self.kind:
            return ObservedFirewall()
        open_ones = self.allowed.union(*self.opened.values())
        ours = tuple(sorted(self.opened.get(name, ())))
        return ObservedFirewall(self.kind, tuple(door for door in doors if door not in open_ones), ours=ours)

    def open(self, doors: Sequence[Door], name: str) -> None:
        self.hit("open", " ".join(map(str, doors)))
        if not self.kind:
            raise EffectError(say("there is no firewall here any more that could be opened"))
        self.opened.setdefault(name, set()).update(doors)

    def close(self, doors: Sequence[Door], name: str) -> None:
        self.hit("close", " ".join(map(str, doors)))
        self.opened.get(name, set()).difference_update(doors)
