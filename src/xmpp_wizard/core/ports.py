"""What the engine needs from the world outside, one protocol for each outside thing.

Here are the small ones; the others stand in the file of their subject (:mod:`~xmpp_wizard.core.containers` …).
The real ones are in ``effects/``, fakes in ``tests/fakes/``; a contract test holds both to the same behaviour.
All paths are absolute host paths. All of them raise :class:`~xmpp_wizard.core.errors.EffectError` or one of
its kinds, never an error of the library behind them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from xmpp_wizard.core.kit.bench import Benches

if TYPE_CHECKING:
    from xmpp_wizard.core.acme.model import CertificateAuthorities, Responder, TlsResponder
    from xmpp_wizard.core.certificates.authority import Authority
    from xmpp_wizard.core.containers import Containers
    from xmpp_wizard.core.dns.ports import DnsProviders, Resolver, WebPages
    from xmpp_wizard.core.network.firewall import Firewall
    from xmpp_wizard.core.network.front import WebServers
    from xmpp_wizard.core.network.line import LineProbe
    from xmpp_wizard.core.network.listeners import Listener
    from xmpp_wizard.core.network.router import Router
    from xmpp_wizard.core.notify import Notifier
    from xmpp_wizard.core.observed import ObservedFile
    from xmpp_wizard.core.probe import Probe
    from xmpp_wizard.core.rendering.timer import Services
    from xmpp_wizard.core.surroundings import Surroundings


class Files(Protocol):
    """The host's files. Every write is whole or not at all: temporary name, fsync, rename, fsync of the folder."""

    def read(self, path: str, most: int = -1) -> bytes | None:
        """Return the content, or its first ``most`` bytes; None where there is no such file.

        Raises:
            DiskError: it cannot be read, or is a folder, a pipe or a device.
        """

    def stat(self, path: str) -> ObservedFile | None:
        """Return what is at ``path`` (a file or a folder; hash only for files), or None."""

    def names(self, folder: str) -> Sequence[str]:
        """Return the sorted names in ``folder``; none where it does not exist."""

    def write(self, path: str, content: bytes, mode: int, owner: tuple[int, int]) -> None:
        """Put ``content`` at ``path``; the folder must exist."""

    def copy(self, source: str, path: str, mode: int, owner: tuple[int, int]) -> None:
        """Copy the file ``source``, however large, to ``path``, whole or not at all; neither may be a link.

        Raises:
            DiskError: there is something at ``path``, or it cannot be written.
        """

    def append(self, path: str, line: str) -> None:
        """Add one line and hand it to the kernel; the file is made 0600 if it is not there."""

    def make_folder(self, path: str, mode: int, owner: tuple[int, int]) -> None:
        """Make the folder (parents 0755 root) or give an existing one this mode and owner."""

    def remove(self, path: str) -> None:
        """Remove a file, a link or a whole folder; nothing happens where there is none."""

    def link(self, path: str, target: str) -> None:
        """Make ``path`` a symbolic link to ``target``, replacing an old one in one step."""

    def link_target(self, path: str) -> str | None:
        """Return where the symbolic link ``path`` leads, or None where there is no such link."""

    def free_bytes(self, path: str) -> int:
        """Return the free space for root on the disk that holds ``path`` or its nearest existing parent."""

    def used_bytes(self, folder: str) -> int:
        """Return how much the files in ``folder`` and below take; links are not followed, 0 where there is nothing."""


class Clock(Protocol):
    """Time."""

    def now(self) -> datetime:
        """Return the present, in UTC."""

    def timestamp(self) -> float:
        """Return seconds since 1970."""

    def monotonic(self) -> float:
        """Return seconds that only ever grow, whatever is done to the clock (a Pi sets its own late)."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class Entropy(Protocol):
    """Randomness fit for secrets."""

    def token(self, random_bytes: int) -> str:
        """Return a URL-safe text made of that many random bytes."""

    def key_pair(self) -> tuple[str, str]:
        """Return a new private key and its public one (X25519), each in base64, as WireGuard writes them."""


class Lock(Protocol):
    """One run at a time may change a server."""

    def hold(self, path: str, patience_seconds: float = 0) -> AbstractContextManager[None]:
        """Hold the lock until the block ends; it dies with the process.

        Raises:
            LockedError: another process holds it, also after ``patience_seconds``; the text says which and since when.
        """

    def holder(self, path: str) -> int | None:
        """Return the pid of the process that holds it, or None."""


class Sockets(Protocol):
    """The host's sockets."""

    def listeners(self) -> Sequence[Listener]:
        """Return what listens on this host, with the program's name and its container if it is in one."""

    def addresses(self) -> Sequence[str]:
        """Return this host's addresses but loopback ones, IPv4 first."""


class WebFiles(Protocol):
    """Files on web servers of others."""

    def fetch(self, url: str, most_bytes: int, seconds: float) -> bytes:
        """Return the file at ``url``, which begins with ``https://``; all of it has to be here within ``seconds``.

        Raises:
            EffectError: not reached, no trusted certificate, a redirect to where there is no TLS, a status other than
                200, or larger than ``most_bytes``; the text does not name the address.
        """


class Background(Protocol):
    """Work that outlives the terminal."""

    def start(self, work: Callable[[], int]) -> int:
        """Run ``work`` in a process and session of its own, detached from the terminal; return its pid."""

    def is_alive(self, pid: int) -> bool:
        """Say whether the process is still there."""

    def stop(self, pid: int) -> None:
        """Ask work that was started here to end now; it tidies up after itself. Nothing happens where it has ended."""

    def own_pid(self) -> int:
        """Return the number of the process that asks."""


class Appliance(Protocol):
    """The files that ship with this program."""

    def image(self, name: str) -> Mapping[str, bytes]:
        """Return the build context of ``appliance/images/<name>``: path below it → content.

        ``folder+part`` is the folder's with the part's stages at the end of its Dockerfile.
        """

    def templates(self) -> Mapping[str, str]:
        """Return all templates: path below ``templates/`` → text."""

    def catalogue(self, language: str) -> str:
        """Return the gettext catalogue of a language (``de``); empty where there is none."""


@dataclass(frozen=True, slots=True)
class World:
    """Everything outside, in one value."""

    files: Files
    containers: Containers
    authority: Authority
    clock: Clock
    entropy: Entropy
    lock: Lock
    sockets: Sockets
    web_servers: WebServers
    probe: Probe
    benches: Benches
    background: Background
    appliance: Appliance
    surroundings: Surroundings
    resolver: Resolver
    dns_providers: DnsProviders
    web_pages: WebPages
    web_files: WebFiles
    services: Services
    notifier: Notifier
    firewall: Firewall
    line: LineProbe
    router: Router
    acme: CertificateAuthorities
    responder: Responder
    tls_responder: TlsResponder
    user: str
    """Who asked: the name behind sudo, else the login name."""
