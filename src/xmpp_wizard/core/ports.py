"""What the engine needs from the world outside, one protocol for each outside thing.

The real ones are in ``effects/``, fakes in ``tests/fakes.py``; a contract test holds both to the same behaviour.
All paths are absolute host paths. All of them raise :class:`~xmpp_wizard.core.errors.EffectError` or one of
its kinds, never an error of the library behind them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from xmpp_wizard.core.bench import Benches

if TYPE_CHECKING:
    from xmpp_wizard.core.acme.model import CertificateAuthorities, Responder
    from xmpp_wizard.core.dns.ports import DnsProviders, Resolver, WebPages
    from xmpp_wizard.core.firewall import Door, ObservedFirewall
    from xmpp_wizard.core.front import FrontProgram
    from xmpp_wizard.core.line import LineProbe
    from xmpp_wizard.core.notify import Letter, MailServer
    from xmpp_wizard.core.observed import (
        Listener,
        ObservedCertificate,
        ObservedContainer,
        ObservedFile,
        ObservedTimer,
    )
    from xmpp_wizard.core.secret import Secret
    from xmpp_wizard.core.surroundings import Surroundings
    from xmpp_wizard.core.target import Container
    from xmpp_wizard.core.timer import Scheduler

Report = Callable[[str], None]
"""Takes one line of what is going on."""


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


class Containers(Protocol):
    """The container engine (Docker Engine API ≥ 1.41, or Podman's socket).

    Each method raises :class:`~xmpp_wizard.core.errors.EngineError` where the engine does not answer or does not
    let us in; the hint says how to start it.
    """

    def can_start_engine(self) -> bool:
        """Say whether the engine is down and could be started from here."""

    def start_engine(self) -> None:
        """Start the engine itself, and wait until it is up.

        Raises:
            EngineError: it cannot be started from here, or does not come up.
        """

    def observe(self, project: str) -> Mapping[str, ObservedContainer]:
        """Return all containers labelled with ``project``, by their full name, stopped ones too."""

    def has_image(self, tag: str) -> bool:
        """Say whether the image is on this host."""

    def provide_base(self, tag: str, report: Report) -> str:
        """Make sure that the base image is here: found, pulled, or bootstrapped from a Debian mirror.

        Returns its digest (image id).
        """

    def build(
        self, image: str, tag: str, context: Mapping[str, bytes], labels: Mapping[str, str], report: Report
    ) -> None:
        """Build ``tag`` from the files of ``context``; a half-built image never gets the tag.

        Raises:
            BuildError: with the last lines of the build.
        """

    def create(self, container: Container, name: str) -> None:
        """Create the container under ``name``, not started; an unfinished one of its project is replaced.

        Raises:
            ObstacleError: a container of another project, or of somebody else, has that name.
        """

    def start(self, name: str) -> None:
        """Start it."""

    def stop(self, name: str, seconds: int) -> None:
        """Stop it, killing after ``seconds``; nothing happens if it does not run."""

    def restart(self, name: str, seconds: int) -> None:
        """Stop and start it."""

    def reload(self, name: str) -> None:
        """Send HUP to its main process."""

    def rename(self, name: str, new_name: str) -> None:
        """Give it another name."""

    def remove(self, name: str) -> None:
        """Remove the container, running or not; nothing happens where there is none."""

    def remove_image(self, tag: str) -> None:
        """Remove the image; nothing happens where there is none or it is used."""

    def run(
        self, name: str, command: Sequence[str], *, user: str = "", stdin: bytes = b"", timeout_seconds: float = 30
    ) -> CommandResult:
        """Run ``command`` inside the running container and wait for its end."""

    def attach(self, name: str, command: Sequence[str], *, user: str = "") -> int:
        """Run ``command`` inside with this process's terminal or pipes; return its exit status."""

    def logs(self, name: str, *, lines: int, follow: bool) -> Iterator[str]:
        """Yield the log lines, oldest first; with ``follow`` go on until the container stops."""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a command inside a container ended."""

    status: int
    output: str
    errors: str


class Authority(Protocol):
    """Keys and certificates (X.509, RFC 5280), made and read."""

    def new_authority(self, title: str, now: datetime) -> tuple[bytes, bytes]:
        """Return (certificate, private key) of a new root, as PEM."""

    def issue(
        self, root: tuple[bytes, bytes], names: Sequence[str], now: datetime, key: bytes = b""
    ) -> CertificateFiles:
        """Return a certificate for ``names`` (A-labels), signed by ``root``; ``key`` is used again if given."""

    def inspect(self, chain: bytes, key: bytes = b"") -> ObservedCertificate:
        """Return the facts of the first certificate of ``chain``.

        Raises:
            EffectError: not a certificate, or ``key`` is encrypted, unreadable or another one's.
        """


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """A certificate chain and its private key, both PEM."""

    chain: bytes
    key: bytes


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


class WebServers(Protocol):
    """Other people's web servers on this machine, each known by a :class:`~xmpp_wizard.core.front.FrontProgram`."""

    def names(self, program: FrontProgram, config: str, own_file: str) -> Mapping[str, str]:
        """Return the names (A-labels) that it serves, each with the file that says so; ``own_file`` is left out.

        Empty where the program cannot tell, for instance because its configuration has a mistake.
        """

    def check(self, program: FrontProgram, config: str) -> None:
        """Let it check its configuration, beginning with the file ``config``.

        Raises:
            EffectError: it finds a mistake, with its words; or it is not installed.
        """

    def reload(self, program: FrontProgram, config: str) -> None:
        """Make it read its configuration again without dropping connections; nothing happens if it does not run.

        Raises:
            EffectError: it refuses.
        """


class Probe(Protocol):
    """The health gate: what a client sees in its first half second."""

    def stream(self, address: str, port: int, domain: str, tls: str, timeout_seconds: float) -> ServedStream:
        """Open an XMPP stream to ``domain`` at ``address``, go to TLS and read the stream features.

        ``tls`` is one of :class:`~xmpp_wizard.core.feature.Port`'s ways.

        Raises:
            HealthError: refused, silent, no TLS, no features.
        """

    def serial(self, address: str, port: int, domain: str, tls: str, timeout_seconds: float) -> int:
        """Return the serial number of the certificate that ``port`` serves to who asks for ``domain``.

        Raises:
            HealthError: refused, silent, no TLS.
        """


@dataclass(frozen=True, slots=True)
class ServedStream:
    """What was served: the certificate's serial number and names, and the log-in mechanisms after TLS."""

    serial: int
    names: tuple[str, ...]
    mechanisms: tuple[str, ...]


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


class Services(Protocol):
    """What runs programs by the clock: systemd where it is process 1, else cron."""

    def scheduler(self) -> Scheduler:
        """Return what this host has and lets us write to; empty where there is neither."""

    def program(self) -> Sequence[str]:
        """Return the words that start this program, the same over updates of it."""

    def timer(self, name: str) -> ObservedTimer:
        """Return how the timer ``name`` is.

        Raises:
            EffectError: the scheduler does not answer.
        """

    def start_timer(self, name: str) -> None:
        """Read the timer's files again and begin with it, now and after each reboot.

        Raises:
            EffectError: the scheduler refuses; its words are in the text.
        """

    def stop_timer(self, name: str) -> None:
        """Forget the timer; nothing happens where it is not known.

        Raises:
            EffectError: the scheduler refuses.
        """


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


class Notifier(Protocol):
    """Ways to a person beside the chat server."""

    def mail(
        self, server: MailServer, password: Secret | None, to: Sequence[str], letter: Letter, timeout_seconds: float
    ) -> None:
        """Send a mail.

        Raises:
            EffectError: it was not taken; the text says by whom and why.
        """

    def post(self, url: str, letter: Letter, timeout_seconds: float) -> None:
        """Post the letter as JSON.

        Raises:
            EffectError: it was not taken.
        """


class Appliance(Protocol):
    """The files that ship with this program."""

    def image(self, name: str) -> Mapping[str, bytes]:
        """Return the build context of ``appliance/images/<name>``: path below it → content."""

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
    services: Services
    notifier: Notifier
    firewall: Firewall
    line: LineProbe
    acme: CertificateAuthorities
    responder: Responder
    user: str
    """Who asked: the name behind sudo, else the login name."""
