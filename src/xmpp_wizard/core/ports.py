"""What the engine needs from the world outside, one protocol for each outside thing.

The real ones are in ``effects/``, fakes in ``tests/fakes.py``; a contract test holds both to the same behaviour.
All paths are absolute host paths. All of them raise :class:`~xmpp_wizard.core.errors.EffectError` or one of
its kinds, never an error of the library behind them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol
from xml.etree.ElementTree import Element

if TYPE_CHECKING:
    from xmpp_wizard.core.observed import Listener, ObservedCertificate, ObservedContainer, ObservedFile
    from xmpp_wizard.core.secret import Secret
    from xmpp_wizard.core.surroundings import Surroundings
    from xmpp_wizard.core.target import Container
    from xmpp_wizard.core.text import Text

Report = Callable[[str], None]
"""Takes one line of what is going on."""


class Files(Protocol):
    """The host's files. Every write is whole or not at all: temporary name, fsync, rename, fsync of the folder."""

    def read(self, path: str) -> bytes | None:
        """Return the content, or None where there is no such file."""

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


class Containers(Protocol):
    """The container engine (Docker Engine API ≥ 1.41, or Podman's socket)."""

    def version(self) -> str:
        """Return the engine's version.

        Raises:
            EngineError: it does not answer, or does not let us in; the hint says how to start it.
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
        """Create the container under ``name``, not started; an unfinished one of that name is replaced."""

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

    def sleep(self, seconds: float) -> None:
        """Wait."""


class Entropy(Protocol):
    """Randomness fit for secrets."""

    def token(self, random_bytes: int) -> str:
        """Return a URL-safe text made of that many random bytes."""


class Lock(Protocol):
    """One run at a time may change a server."""

    def hold(self, path: str) -> AbstractContextManager[None]:
        """Hold the lock until the block ends; it dies with the process.

        Raises:
            LockedError: another process holds it; the text says which and since when.
        """

    def holder(self, path: str) -> int | None:
        """Return the pid of the process that holds it, or None."""


class Sockets(Protocol):
    """The host's sockets."""

    def listeners(self) -> Sequence[Listener]:
        """Return what listens on this host, with the program's name and its container if it is in one."""

    def addresses(self) -> Sequence[str]:
        """Return this host's addresses but loopback ones, IPv4 first."""


class Probe(Protocol):
    """The health gate: what a client sees in its first half second."""

    def stream(self, address: str, port: int, domain: str, tls: str, timeout_seconds: float) -> ServedStream:
        """Open an XMPP stream to ``domain`` at ``address``, go to TLS and read the stream features.

        ``tls`` is one of :class:`~xmpp_wizard.core.feature.Port`'s ways.

        Raises:
            HealthError: refused, silent, no TLS, no features.
        """


@dataclass(frozen=True, slots=True)
class ServedStream:
    """What was served: the certificate's serial number and names, and the log-in mechanisms after TLS."""

    serial: int
    names: tuple[str, ...]
    mechanisms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """A throw-away account of a proof."""

    jid: str
    password: Secret


class Session(Protocol):
    """One logged-in client of a proof. Every wait has a deadline and ends in ProofFailedError."""

    jid: str
    """The full address."""
    mechanism: str
    """The SASL mechanism that was used."""
    tls_version: str

    async def send(self, stanza: Element) -> None:
        """Send one stanza (``{jabber:client}message`` …); its id is set if it has none."""

    async def request(self, kind: Literal["get", "set"], payload: Element, to: str = "") -> Element:
        """Send an IQ and return the payload element of the result (the whole iq where it is empty).

        Raises:
            RefusedError: an error came back; with the server's words.
            ProofFailedError: nothing came in time.
        """

    async def wait_for(self, matches: Callable[[Element], bool], what: Text, seconds: float = 10) -> Element:
        """Return the first stanza received since log-in that ``matches``; ``what`` names it if none comes."""

    def received(self) -> Sequence[Element]:
        """Return all stanzas received so far, oldest first."""


class Bench(Protocol):
    """The proof's workbench: two accounts and real clients through the real ports."""

    domain: str
    alice: Account
    bob: Account
    invitation: str
    """The page of an invitation made for this proof; empty where there are no such pages."""

    def log_in(
        self,
        account: Account,
        via: Literal["starttls", "direct-tls", "https-port", "websocket"] = "starttls",
        *,
        mechanism: str = "",
        max_tls: Literal["", "1.2"] = "",
    ) -> AbstractAsyncContextManager[Session]:
        """Log in as ``account``, be available, and log out at the end of the block.

        Raises:
            RefusedError: the server said no; with its words.
            ProofFailedError: no connection, or not the right certificate.
        """

    async def http(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> HttpAnswer:
        """Ask this server over HTTPS, whatever DNS says about the name in ``url``."""

    async def ask_as_stranger(self, stanza: Element, *, encrypted: bool = True) -> StrangerAnswer:
        """Send ``stanza`` on the port for STARTTLS without having logged in, after TLS or without it.

        Raises:
            ProofFailedError: no connection, or no stream came.
        """

    def ports(self) -> Mapping[str, int]:
        """Return the port of each way of :meth:`log_in` that is open."""


@dataclass(frozen=True, slots=True)
class StrangerAnswer:
    """What somebody sees who has not logged in: the stream's features, and the answer to what was sent.

    ``answer`` is None where the server closed the connection without a word.
    """

    features: Element
    answer: Element | None


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """The answer of a web server."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Benches(Protocol):
    """Makes workbenches."""

    def open(
        self,
        domain: str,
        accounts: tuple[Account, Account],
        addresses: Mapping[str, tuple[str, int]],
        roots: bytes,
        invitation: str = "",
    ) -> AbstractAsyncContextManager[Bench]:
        """Return a bench for ``domain``; ``addresses`` gives (address, port) for each way in that is open.

        ``roots`` are PEM certificates trusted beside the host's own, ``invitation`` is what the bench has by that name.
        """


class Background(Protocol):
    """Work that outlives the terminal."""

    def start(self, work: Callable[[], int]) -> int:
        """Run ``work`` in a process and session of its own, detached from the terminal; return its pid."""

    def is_alive(self, pid: int) -> bool:
        """Say whether the process is still there."""


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
    probe: Probe
    benches: Benches
    background: Background
    appliance: Appliance
    surroundings: Surroundings
    user: str
    """Who asked: the name behind sudo, else the login name."""
