"""The host as it is, read in one go before anything is decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypeAlias

from xmpp_wizard.core.certificates.certificate import ObservedCertificate
from xmpp_wizard.core.network.firewall import ObservedFirewall
from xmpp_wizard.core.network.front import ObservedFront
from xmpp_wizard.core.network.listeners import Listener
from xmpp_wizard.core.network.router import ObservedRouter
from xmpp_wizard.core.storage.moving import ObservedStorage
from xmpp_wizard.core.text import Text

if TYPE_CHECKING:
    from xmpp_wizard.core.acme.state import CertificateState


@dataclass(frozen=True, slots=True)
class ObservedFile:
    """What is at a path; ``sha256`` is empty for a folder."""

    sha256: str
    mode: int
    owner: tuple[int, int]
    is_folder: bool = False


@dataclass(frozen=True, slots=True)
class ObservedContainer:
    """A container of ours as the engine has it."""

    name: str
    id: str
    tag: str
    config_hash: str
    is_running: bool
    started_at: str
    exit_status: int
    health: str
    """``healthy``, ``unhealthy``, ``starting`` or empty."""


TimerState: TypeAlias = Literal["waiting", "off", "masked", "failed", "missing", "no daemon"]


@dataclass(frozen=True, slots=True)
class ObservedTimer:
    """What the host's scheduler knows of the timer."""

    name: str
    scheduler: Literal["systemd", "cron", ""]
    state: TimerState
    """Cron has only ``waiting``, ``missing`` and ``no daemon``: the file is there, but nobody reads it."""
    next_at: datetime | None = None
    """UTC, where the scheduler tells."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a running container has read: hashes of :class:`~xmpp_wizard.core.target.Container`."""

    restart_hash: str
    reload_hash: str
    certificates: int
    """The generation of certificates."""


@dataclass(frozen=True, slots=True)
class Observed:
    """One look at the host, as far as one target needs it."""

    now: datetime
    generation: int = 0
    """The last one made; 0 before the first."""
    is_unfinished: bool = False
    """Whether an apply was cut off and its last generation is not whole."""
    is_unrecorded: bool = False
    """Whether containers are there of which no generation tells: their records were lost or damaged."""
    domains: tuple[str, ...] = ()
    """Virtual hosts of the last generation."""
    files: Mapping[str, ObservedFile] = field(default_factory=dict)
    """Whatever is there of the paths of the target and of the last generation."""
    written: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Hashes that this program wrote, or was about to write, for each path."""
    kept: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Hand edits that a person chose to keep: hash on disk, hash of what we would have written."""
    references: Mapping[str, str] = field(default_factory=dict)
    """Hash of each of the admin's files that the answers name; missing where it cannot be read."""
    secret_notes: tuple[Text, ...] = ()
    """What is wrong with the admin's files of secrets, a sentence each."""
    certificate_generation: int = 0
    """Where ``live`` leads; 0 before the first certificate."""
    certificates: Mapping[str, ObservedCertificate] = field(default_factory=dict)
    """Live ones by folder name."""
    obtained: Mapping[str, ObservedCertificate] = field(default_factory=dict)
    """What a public authority gave, by name of the wish; it may have fewer names than were wished for."""
    asked: Mapping[str, CertificateState] = field(default_factory=dict)
    """What is remembered of asking for each wish."""
    unready: frozenset[str] = frozenset()
    """Names whose certificate in ``obtained`` waits until its key is pinned in DNS for long enough."""
    offered: tuple[ObservedCertificate, ...] = ()
    """Those in the admin's certificate files, in the order of the answers."""
    entered: str = ""
    """The mark of the records that were entered last, all of them; empty: none."""
    entering: str = ""
    """The mark of those that were begun with last."""
    authority: str = ""
    """Subject of the local authority's certificate; empty before there is one."""
    authority_ends: datetime | None = None
    """When its certificate ends, UTC."""
    admin_config: Mapping[str, str] = field(default_factory=dict)
    """Hash of each of the admin's own configuration files."""
    images: frozenset[str] = frozenset()
    containers: Mapping[str, ObservedContainer] = field(default_factory=dict)
    """All of this project, by full name."""
    loaded: Mapping[str, Loaded] = field(default_factory=dict)
    listeners: tuple[Listener, ...] = ()
    addresses: tuple[str, ...] = ()
    free_bytes: int = 0
    front: ObservedFront | None = None
    """The web server in front, where the target has one."""
    timer: ObservedTimer | None = None
    """None for a server below a folder of its own, which has none."""
    firewall: ObservedFirewall | None = None
    """None for a server below a folder of its own, for which nothing is opened."""
    router: ObservedRouter | None = None
    """None where nothing is to be ordered and nothing was."""
    pinholes: ObservedRouter | None = None
    """The same of its IPv6 firewall."""
    storage: ObservedStorage | None = None
    """Where everybody's data are; None where nobody looked."""
    goes_back: bool = False
    """Whether the target is an earlier one, which takes data as they were then."""
