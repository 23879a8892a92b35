"""The server as it is to be on the host: files, secrets, certificates, containers; no feature is left in it.

A generation keeps its target, so that going back never depends on today's templates or features.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from pydantic import TypeAdapter

from xmpp_wizard.core.acme.source import AcmeSource
from xmpp_wizard.core.certificates.certificate import CertificateRequest
from xmpp_wizard.core.dns.keeping import Keeping
from xmpp_wizard.core.kit.checks import Trial
from xmpp_wizard.core.kit.feature import ContainerSpec, Health, Reference, SecretFile
from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.front import Front
from xmpp_wizard.core.network.openings import Opening
from xmpp_wizard.core.notify import Contact
from xmpp_wizard.core.secret_files import NamedSecret


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder with exactly this mode and owner (uid, gid)."""

    path: str
    mode: int
    owner: tuple[int, int]


@dataclass(frozen=True, slots=True)
class File:
    """A file that this program writes."""

    path: str
    text: str
    mode: int
    owner: tuple[int, int]
    reader: str = ""
    """The web server in front that reads it, and must find it right before it stays."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A file of the admin's that is copied to where a container can read it."""

    reference: Reference
    path: str
    owner: tuple[int, int]
    mode: int = 0o640


@dataclass(frozen=True, slots=True)
class KeptSecret:
    """A secret that is made once, of so many random bytes, and never again."""

    secret: SecretFile
    path: str
    owner: tuple[int, int]
    mode: int = 0o640
    same_as: str = ""
    """The file whose content it has, where several containers share one secret."""
    shared_with: str = ""
    """The container that it is for, if that is not the one that the secret is made for."""


@dataclass(frozen=True, slots=True)
class CertificateSource:
    """Where certificates come from: our local authority, an ACME authority, or the admin's (chain, key) paths."""

    kind: str
    files: tuple[tuple[str, str], ...] = ()
    acme: AcmeSource | None = None
    store: str = ""
    """Where another program keeps certificates of the admin's; empty: nowhere."""


@dataclass(frozen=True, slots=True)
class Bind:
    """A folder of the host (``source``) as a container sees it (``target``)."""

    source: str
    target: str
    is_writable: bool = False


@dataclass(frozen=True, slots=True)
class Container:
    """A container with the hashes that decide what a change costs."""

    spec: ContainerSpec
    project: str
    tag: str
    """The image to run; a hash of its build context."""
    config_hash: str
    """Of all that the engine is told; another one means a new container."""
    restart_hash: str
    """Of what is only read at its start."""
    reload_hash: str
    """Of what is read again after HUP."""
    health: Health | None = None
    uses_certificates: bool = False
    binds: tuple[Bind, ...] = ()
    """The mounts of ``spec`` with their folders on this host."""
    trials: tuple[Trial, ...] = ()
    """What is tried in it before it is interrupted, and after its first start."""


@dataclass(frozen=True, slots=True)
class Timer:
    """What the host's scheduler runs by the clock; ``files`` are those of the target that tell it so."""

    name: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """One server, ready to be compared with a host."""

    domains: tuple[str, ...]
    """Virtual hosts, the main one first."""
    folders: tuple[Folder, ...]
    files: tuple[File, ...]
    copies: tuple[Copy, ...]
    secrets: tuple[KeptSecret, ...]
    certificates: tuple[CertificateRequest, ...]
    certificate_source: CertificateSource
    containers: tuple[Container, ...]
    openings: tuple[Opening, ...]
    pinned: Mapping[str, str]
    outside: tuple[Opening, ...] = ()
    """What others come to from outside, also where another program on this machine has the port."""
    secret_files: tuple[NamedSecret, ...] = ()
    """The admin's files with secrets, of whatever is switched on."""
    front: Front | None = None
    timer: Timer | None = None
    """None where nothing runs programs by the clock, and in generations of a program that knew no timer."""
    contact: Contact = field(default_factory=Contact)
    """Whom to tell when a person must act."""
    follows_address: bool = False
    """Whether DNS is corrected when the line gets another address."""
    keeping: Keeping | None = None
    """The records that are entered by themselves; None where a person does it."""
    doors: tuple[Door, ...] = ()
    """What this program may open in the host's firewall."""
    forwards: tuple[Door, ...] = ()
    """What this program may tell the router to lead to this machine."""
    pinholes: tuple[Door, ...] = ()
    """What it may tell the router's IPv6 firewall to let in to this machine."""


@cache
def _adapter() -> TypeAdapter[Target]:
    """Return the adapter; it takes a while to make, and most runs need none."""
    return TypeAdapter(Target)


def to_json(target: Target) -> str:
    """Return the target as JSON text."""
    return _adapter().dump_json(target, indent=1).decode()


def from_json(text: str | bytes) -> Target:
    """Return the target that :func:`to_json` wrote.

    Raises:
        pydantic.ValidationError: the text is not a target of this version.
    """
    return _adapter().validate_json(text)
