"""A router that takes orders, with a list of whom its ports lead to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.fakes.recorder import Recorder

from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.router import Holder, Language, Led, Order, Refusal


@dataclass
class FakeRouter(Recorder):
    """Without a ``language`` there is none that listens; ``table`` is its list, by the port."""

    language: Language = ""
    table: dict[Door, Holder] = field(default_factory=dict)
    forbids: set[Door] = field(default_factory=set)

    def speaks(self, gateway: str, seconds: float) -> Language:
        assert seconds > 0
        return self.language if gateway else ""

    def holders(self, gateway: str, doors: Sequence[Door], seconds: float) -> Mapping[Door, Holder]:
        assert seconds > 0
        self.hit("holders", " ".join(map(str, doors)))
        if not gateway or self.language != "UPnP":
            return {}
        return {door: self.table[door] for door in doors if door in self.table}

    def lead(self, order: Order, seconds: float) -> Led:
        assert seconds > 0
        self.hit("lead", " ".join(map(str, order.doors)))
        if not self.language or not order.gateway:
            return Led("", {}, tuple(Refusal(door, "silent") for door in order.doors))
        led: dict[Door, int] = {}
        refused: list[Refusal] = []
        for door in order.doors:
            holder = self.table.get(door)
            if holder is not None and holder.address != order.address:
                refused.append(Refusal(door, "taken", holder.address if self.language == "UPnP" else ""))
            elif door in self.forbids:
                refused.append(Refusal(door, "forbidden"))
            else:
                self.table[door] = Holder(order.address, order.name)
                led[door] = order.seconds
        return Led(self.language, led, tuple(refused))

    def release(self, order: Order, seconds: float) -> tuple[Door, ...]:
        assert seconds > 0
        self.hit("release", " ".join(map(str, order.doors)))
        if not self.language or not order.gateway:
            return order.doors
        for door in order.doors:
            if door in self.table and self.table[door].address == order.address:
                del self.table[door]
        return ()
