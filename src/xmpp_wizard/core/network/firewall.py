"""The host's firewall: which of our ports it lets in, and which of those closed ones we may open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from xmpp_wizard.core.text import Text, say

FirewallKind: TypeAlias = Literal["nftables", "ufw", "firewalld", ""]
"""Who decides on this host; empty where nobody does. ufw and firewalld write nftables' rules themselves."""


@dataclass(frozen=True, slots=True, order=True)
class Door:
    """A port that the world must reach, or all of a range of them."""

    port: int
    protocol: Literal["tcp", "udp"] = "tcp"
    last: int = 0
    """The end of a range; 0 where it is one port."""

    def __str__(self) -> str:
        """Return ``5222/tcp`` or ``49152-49251/udp``, as most firewalls write it."""
        return f"{self.ports}/{self.protocol}"

    @property
    def ports(self) -> str:
        """The port or the range, without the protocol."""
        return f"{self.port}-{self.last}" if self.last else str(self.port)

    @property
    def ends(self) -> tuple[Door, ...]:
        """The port, or the first and the last one of a range: rules that let in both let in what is between them."""
        return (Door(self.port, self.protocol), Door(self.last, self.protocol)) if self.last else (self,)


@dataclass(frozen=True, slots=True)
class ObservedFirewall:
    """What the firewall does with our doors; one in no list is open, by somebody else's rule or as no rule says no."""

    kind: FirewallKind = ""
    closed: tuple[Door, ...] = ()
    unsure: tuple[Door, ...] = ()
    """Its rules have something in them that this program does not understand."""
    ours: tuple[Door, ...] = ()
    """Opened by this program for this server."""


def door_of(text: str) -> Door | None:
    """Return the door written as ``5222/tcp`` or ``49152-49251/udp``; None for anything else, such as a name."""
    ports, _, protocol = text.partition("/")
    low, _, high = ports.partition("-")
    if not low.isdigit() or not (high or "0").isdigit():
        return None
    return Door(int(low), "udp" if protocol == "udp" else "tcp", int(high or 0))


def closed_doors(found: ObservedFirewall) -> Iterator[Text]:
    """Yield what people should know of doors that are closed, or may be."""
    if found.closed:
        yield say(
            "the firewall ({kind}) keeps everybody out of {doors}; let it open exactly these: "
            "sudo xmpp-wizard apply --set network.open_firewall=true",
            kind=found.kind,
            doors=", ".join(map(str, found.closed)),
        )
    if found.unsure:
        yield say(
            "whether the firewall ({kind}) lets {doors} in cannot be told from its rules; try it from outside",
            kind=found.kind,
            doors=", ".join(map(str, found.unsure)),
        )


class Firewall(Protocol):
    """The host's firewall, whoever writes its rules; ``name`` marks what is ours."""

    def observe(self, doors: Sequence[Door], name: str) -> ObservedFirewall:
        """Return what it does with ``doors``, and which of them it lets in because of us.

        Raises:
            EffectError: it does not answer.
        """

    def open(self, doors: Sequence[Door], name: str) -> None:
        """Let the world in through these, now and after a restart of the machine.

        Raises:
            EffectError: it refuses.
        """

    def close(self, doors: Sequence[Door], name: str) -> None:
        """Take back what :meth:`open` did; rules of others stay.

        Raises:
            EffectError: it refuses.
        """
