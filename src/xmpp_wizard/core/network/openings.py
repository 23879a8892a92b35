"""What containers open on this machine, and which doors of the firewall that takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address

from xmpp_wizard.core.network.firewall import Door


@dataclass(frozen=True, slots=True)
class Opening:
    """An address and port that a container takes; an empty address means all."""

    address: str
    port: int
    protocol: str
    container: str
    tls: str
    is_public: bool
    purpose: str
    last: int = 0
    """The end of a range; 0 where it is one port."""
    certificate: str = ""
    """The one certificate that it serves; empty where clients choose."""

    @property
    def ports(self) -> str:
        """The port or the range, as people read it."""
        return f"{self.port}-{self.last}" if self.last else str(self.port)


def doors(openings: Iterable[Opening]) -> tuple[Door, ...]:
    """Return what the world must reach of ``openings``."""
    found = {
        Door(opening.port, "udp" if opening.protocol == "udp" else "tcp", opening.last)
        for opening in openings
        if opening.is_public and not (opening.address and ip_address(opening.address).is_loopback)
    }
    return tuple(sorted(found))
