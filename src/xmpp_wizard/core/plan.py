"""What has to be done to make the host what it is to be: small frozen actions, each with its cause.

:func:`make_plan` (in :mod:`xmpp_wizard.core.planning`) makes one, :mod:`xmpp_wizard.engine.apply` carries it out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from xmpp_wizard.core.acme.source import AcmeSource
from xmpp_wizard.core.feature import Health
from xmpp_wizard.core.firewall import Door
from xmpp_wizard.core.observed import Loaded
from xmpp_wizard.core.target import CertificateRequest, CertificateSource, Container, Copy, File, Folder, KeptSecret
from xmpp_wizard.core.text import Text


@dataclass(frozen=True, slots=True)
class BuildImage:
    """Build ``tag`` from ``appliance/images/<image>``."""

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
class FinishGeneration:
    """Record what a cut-off run had already done."""


Action: TypeAlias = (
    BuildImage
    | MakeFolder
    | MakeSecret
    | WriteFile
    | CopyFile
    | CorrectAccess
    | RemoveFile
    | MakeAuthority
    | ObtainCertificates
    | PublishCertificates
    | CreateContainer
    | ReplaceContainer
    | StartContainer
    | RestartContainer
    | ReloadContainer
    | RemoveContainer
    | RetireHost
    | CheckConfig
    | CheckHealth
    | ReloadFront
    | StartTimer
    | StopTimer
    | OpenDoors
    | CloseDoors
    | FinishGeneration
)


@dataclass(frozen=True, slots=True)
class Step:
    """One action, the steps that must be done before it, and why it is needed."""

    id: str
    action: Action
    needs: tuple[str, ...]
    title: Text
    cause: Text
    interrupts: bool = False
    """Whether people are cut off for a moment."""
    destroys: bool = False
    """Whether something of people's is lost or no longer reachable."""

    def __str__(self) -> str:
        """Return ``[needs] id: Action, cause``, as tests compare it."""
        marks = (" INTERRUPTS" if self.interrupts else "") + (" DESTROYS" if self.destroys else "")
        return f"[{', '.join(self.needs)}] {self.id}: {type(self.action).__name__}, {self.cause}{marks}"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that makes the plan impossible until a person acts."""

    text: Text
    hint: Text
    port: int = 0
    """The port that is taken, where it is that."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One of our files that somebody else changed."""

    path: str
    on_disk: str
    """Hash of what is there."""
    wanted: str
    """Hash of what we would write; empty where we would remove it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in an order in which they can be done."""

    generation: int
    steps: tuple[Step, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()
    edits: tuple[Edit, ...] = ()

    def __bool__(self) -> bool:
        """Say whether there is anything to do."""
        return bool(self.steps)

    def __str__(self) -> str:
        """Return one line for each step."""
        return "\n".join(map(str, self.steps))

    @property
    def destroys(self) -> tuple[Step, ...]:
        """Steps that need an explicit yes."""
        return tuple(step for step in self.steps if step.destroys)
