"""What can be done to the host: small frozen actions, carried out by :mod:`xmpp_wizard.engine.applying.carry_out`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from xmpp_wizard.core.acme.source import AcmeSource
from xmpp_wizard.core.certificates.certificate import CertificateRequest
from xmpp_wizard.core.kit.checks import Trial
from xmpp_wizard.core.kit.feature import Health, Reference
from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.router import Family
from xmpp_wizard.core.observed import Loaded
from xmpp_wizard.core.planning.move_data import MoveData
from xmpp_wizard.core.target import CertificateSource, Container, Copy, File, Folder, KeptSecret


@dataclass(frozen=True, slots=True)
class BuildImage:
    """Build ``tag`` from ``appliance/images/<image>``, which may be several (``folder+part``)."""

    image: str
    tag: str


@dataclass(frozen=True, slots=True)
class MakeFolder:
    """Make a folder, or correct its mode and owner."""

    folder: Folder


@dataclass(frozen=True, slots=True)
class MakeSecret:
    """Make a secret that is not there yet."""

    secret: KeptSecret


@dataclass(frozen=True, slots=True)
class WriteFile:
    """Write one of our files."""

    file: File


@dataclass(frozen=True, slots=True)
class FetchFile:
    """Fetch a file from the web, of which the checksum is known, and keep it."""

    reference: Reference


@dataclass(frozen=True, slots=True)
class CopyFile:
    """Copy one of the admin's files to where a container reads it."""

    copy: Copy


@dataclass(frozen=True, slots=True)
class CorrectAccess:
    """Give a file of ours the mode and owner with which its container can read it and others cannot."""

    path: str
    mode: int
    owner: tuple[int, int]


@dataclass(frozen=True, slots=True)
class RemoveFile:
    """Remove a file that we wrote and that no longer belongs to the server."""

    path: str


@dataclass(frozen=True, slots=True)
class MakeAuthority:
    """Make the local certificate authority."""

    title: str


@dataclass(frozen=True, slots=True)
class ObtainCertificates:
    """Ask a public authority for these certificates; what cannot be had now is remembered and stops nothing."""

    requests: tuple[CertificateRequest, ...]
    source: AcmeSource
    is_forced: bool = False


@dataclass(frozen=True, slots=True)
class PublishCertificates:
    """Put a certificate for each request into a new generation and make it the live one.

    ``reissue`` names the requests that need a new certificate, the others are taken over as they are. Of a public
    authority is taken what it has given; local ones stand in for the names that it has not.
    """

    generation: int
    requests: tuple[CertificateRequest, ...]
    reissue: tuple[str, ...]
    source: CertificateSource


@dataclass(frozen=True, slots=True)
class CreateContainer:
    """Create a container and start it."""

    container: Container
    loaded: Loaded


@dataclass(frozen=True, slots=True)
class ReplaceContainer:
    """Create the new container, stop the old one, start the new one, remove the old one."""

    container: Container
    loaded: Loaded


@dataclass(frozen=True, slots=True)
class StartContainer:
    """Start a container that is there but does not run."""

    container: Container
    loaded: Loaded


@dataclass(frozen=True, slots=True)
class RestartContainer:
    """Stop and start a container, because it reads a changed file only then."""

    container: Container
    loaded: Loaded


@dataclass(frozen=True, slots=True)
class ReloadContainer:
    """Make a container read its files again; no session drops."""

    container: Container
    loaded: Loaded


@dataclass(frozen=True, slots=True)
class RemoveContainer:
    """Remove a container that no longer belongs to the server, or that a cut-off run left behind."""

    name: str


@dataclass(frozen=True, slots=True)
class RetireHost:
    """No longer serve a virtual host: its people cannot log in any more, their data stays on the disk."""

    domain: str


@dataclass(frozen=True, slots=True)
class CheckHealth:
    """Wait until an XMPP stream with TLS is served."""

    container: str
    health: Health
    certificate: str
    """Folder of the certificate that must be served there."""


@dataclass(frozen=True, slots=True)
class CheckConfig:
    """Let the running server read the new configuration without using it, so that a broken one stops nothing."""

    container: str
    """Full name."""
    command: tuple[str, ...]
    user: str


@dataclass(frozen=True, slots=True)
class TryOut:
    """Try in a running container what the new configuration relies on; a problem stops the change."""

    container: str
    """Full name."""
    trial: Trial
    user: str


@dataclass(frozen=True, slots=True)
class ReloadFront:
    """Make the web server in front read its files again, once it has found them right."""

    kind: str
    loaded: Loaded
    frees: tuple[tuple[str, int], ...] = ()
    """Addresses (empty: all) and ports that our own server takes next."""


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Let the host's scheduler read the files of the timer and begin with it, now and after each reboot."""

    name: str


@dataclass(frozen=True, slots=True)
class StopTimer:
    """Let the host's scheduler forget the timer."""

    name: str


@dataclass(frozen=True, slots=True)
class OpenDoors:
    """Let the world in through exactly these ports of the host's firewall."""

    doors: tuple[Door, ...]


@dataclass(frozen=True, slots=True)
class CloseDoors:
    """Take back what this program opened."""

    doors: tuple[Door, ...]


@dataclass(frozen=True, slots=True)
class EnterRecords:
    """Enter the records of the answers that are applied; what cannot be done now is remembered and stops nothing."""

    mark: str
    """Of a :class:`~xmpp_wizard.core.dns.keeping.Keeping`."""


@dataclass(frozen=True, slots=True)
class MapPorts:
    """Let the router lead these ports to this machine; what it refuses is remembered and stops nothing."""

    doors: tuple[Door, ...]
    family: Family = "IPv4"


@dataclass(frozen=True, slots=True)
class UnmapPorts:
    """Take back what this program has ordered from the router."""

    doors: tuple[Door, ...]
    family: Family = "IPv4"


@dataclass(frozen=True, slots=True)
class FinishGeneration:
    """Record what a cut-off run had already done."""


Action: TypeAlias = (
    BuildImage
    | MakeFolder
    | MakeSecret
    | WriteFile
    | CopyFile
    | FetchFile
    | CorrectAccess
    | RemoveFile
    | MakeAuthority
    | ObtainCertificates
    | PublishCertificates
    | CreateContainer
    | ReplaceContainer
    | MoveData
    | StartContainer
    | RestartContainer
    | ReloadContainer
    | RemoveContainer
    | RetireHost
    | CheckConfig
    | TryOut
    | CheckHealth
    | ReloadFront
    | StartTimer
    | StopTimer
    | OpenDoors
    | CloseDoors
    | EnterRecords
    | MapPorts
    | UnmapPorts
    | FinishGeneration
)
