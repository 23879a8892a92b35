"""A router that takes orders, with a list of whom its ports lead to, and of what its IPv6 firewall lets in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.fakes.recorder import Recorder

from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.router import Holder, Language, Led, Order, Refusal


@dataclass
class FakeRouter(Recorder):
    """Without a ``language`` there is none that listens, nor without ``language_6`` a firewall for IPv6.

    ``table`` is its list, by the port; ``pinholes`` is whom it lets people in to, as (address, port).
    """

    language: Language = ""
    table: dict[Door, Holder] = field(default_factory=dict)
    forbids: set[Door] = field(default_factory=set)
    language_6: Language = ""
    pinholes: set[tuple[str, Door]] = field(default_factory=set)
    forbids_6: set[Door] = field(default_factory=set)
    brief_seconds: int = 0
    """How long it keeps an order at most; 0: as long as is asked."""

    def speaks(self, gateway: str, seconds: float) -> Language:
        assert seconds > 0
        if not gateway:
            return ""
        return self.language_6 if ":" in gateway else self.language

    def holders(self, gateway: str, doors: Sequence[Door], seconds: float) -> Mapping[Door, Holder]:
        assert seconds > 0
        self.hit("holders", " ".join(map(str, doors)))
        if not gateway or ":" in gateway or self.language != "UPnP":
            return {}
        return {door: self.table[door] for door in doors if door in self.table}

    def lead(self, order: Order, seconds: float) -> Led:
        assert seconds > 0
        self.hit("lead", " ".join(map(str, order.doors)))
        language = self.speaks(order.gateway, seconds)
        if not language:
            return Led("", {}, tuple(Refusal(door, "silent") for door in order.doors))
        lead = self._let_in if ":" in order.gateway else self._lead
        refused = [one for one in (lead(order, door) for door in order.doors) if one is not None]
        holds = min(order.seconds, self.brief_seconds or order.seconds)
        left = {one.door for one in refused}
        return Led(language, {door: holds for door in order.doors if door not in left}, tuple(refused))

    def release(self, order: Order, seconds: float) -> tuple[Door, ...]:
        assert seconds > 0
        self.hit("release", " ".join(map(str, order.doors)))
        if not self.speaks(order.gateway, seconds):
            return order.doors
        for door in order.doors:
            if ":" in order.gateway:
                self.pinholes.discard((order.address, door))
            elif door in self.table and self.table[door].address == order.address:
                del self.table[door]
        return ()

    def _lead(self, order: Order, door: Door) -> Refusal | None:
        holder = self.table.get(door)
        if holder is not None and holder.address != order.address:
            return Refusal(door, "taken", holder.address if self.language == "UPnP" else "")
        if door in self.forbids:
            return Refusal(door, "forbidden")
        self.table[door] = Holder(order.address, order.name)
        return None

    def _let_in(self, order: Order, door: Door) -> Refusal | None:
        if door in self.forbids_6:
            return Refusal(door, "forbidden")
        self.pinholes.add((order.address, door))
        return None
