"""Who waits for connections on this machine: programs, and containers of others that have ports here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Listener:
    """A socket that waits for connections; ``address`` is empty for all of them."""

    address: str
    port: int
    protocol: str
    program: str
    pid: int
    container_id: str = ""

    def takes(self, address: str, port: int, protocol: str = "tcp") -> bool:
        """Say whether nobody else can listen at ``address`` (empty: all, loopback too) there."""
        is_same = (self.port, self.protocol) == (port, protocol)
        return is_same and (not address or not self.address or address == self.address)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A running container of somebody else."""

    id: str
    name: str
    image: str
    ports: tuple[tuple[str, int], ...]
    """On this machine: address (empty: all) and TCP port; none where it has the machine's own network."""
    folders: Mapping[str, str]
    """Paths inside → folders of this machine."""
    gateway: str = ""
    """This machine's address in the container's own network; empty where it has the machine's."""
