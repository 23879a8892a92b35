"""A port that another program has: whose it is, and the ways out that work on this machine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address

from xmpp_wizard.core.answers.fields import questions
from xmpp_wizard.core.draft import Draft, Key
from xmpp_wizard.core.network.listeners import Listener
from xmpp_wizard.core.planning.obstacles import busy
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.setup import Prepared

LISTEN: Key = ("network", "listen")
_WELL_KNOWN = 1024
_HIGHEST = 65535


@dataclass(frozen=True, slots=True)
class BusyPort:
    """A port that is taken. ``key`` is the answer that names it, () where none does."""

    number: int
    purpose: str
    owner: Listener
    key: Key
    other: int
    """Another port that is free, 0 where there is none."""
    addresses: tuple[str, ...]
    """Addresses of this machine on which all our ports are free."""

    @property
    def command(self) -> str:
        """The command that probably stops the owner."""
        if self.owner.container_id:
            return f"docker stop {self.owner.container_id[:12]}"
        return f"systemctl stop {self.owner.program}" if self.owner.program else f"kill {self.owner.pid}"

    @property
    def owned_by(self) -> Text:
        """Who has it."""
        if not self.owner.pid:
            return say("another program")
        return say("{program} (process {pid})", program=self.owner.program or "another program", pid=self.owner.pid)


def busy_port(prepared: Prepared, draft: Draft, number: int) -> BusyPort | None:
    """Return what is known about the taken port ``number``; None where it is free by now."""
    target, host = prepared.target, prepared.observed
    for opening, owner in busy(target, host):
        if opening.port == number:
            addresses = tuple(address for address in host.addresses if _is_free(target, host.listeners, address))
            key = _key(draft, number)
            other = _other(number, target, host.listeners) if key else 0
            return BusyPort(number, opening.purpose, owner, key, other, addresses)
    return None


def _is_free(target: Target, listeners: Iterable[Listener], address: str) -> bool:
    """Say whether nothing listens on ``address`` at a port that is wanted towards the network."""
    wanted = {(opening.port, opening.protocol) for opening in target.openings if not _is_inside(opening.address)}
    return not any((one.port, one.protocol) in wanted and one.address in ("", "::", address) for one in listeners)


def _is_inside(address: str) -> bool:
    return bool(address) and ip_address(address).is_loopback


def _key(draft: Draft, number: int) -> Key:
    """Return the answer whose value is this port."""
    ports = (question.key for question in questions().values() if question.key[-1].endswith("_port"))
    return next((key for key in ports if draft.value(key) == number), ())


def _other(number: int, target: Target, listeners: Iterable[Listener]) -> int:
    """Return a port that people recognise, such as 8443 for 443, or the next free one after it."""
    taken = {one.port for one in listeners} | {opening.port for opening in target.openings}
    first = number + 8000 if number < _WELL_KNOWN else number + 1000
    return next((port for port in range(first, _HIGHEST) if port not in taken), 0)
