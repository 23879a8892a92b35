"""What a feature is, and everything it may contribute to a server.

A feature knows its own answers and the site it is switched on for; it never asks about another
feature. :func:`xmpp_wizard.core.wanted.desired.desired` merges what all of them contribute. All that a feature is
made of can be had from here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Literal, TypeAlias, TypeVar

from xmpp_wizard.core.kit.container_spec import ConfigFile, ContainerSpec, Health, Mount, Place, Reference, SecretFile
from xmpp_wizard.core.kit.settings import Add, Change, Component, Merge, Modules, Remove, Set, Settings, SideHost
from xmpp_wizard.core.kit.site import HTTPS_PORT, Site
from xmpp_wizard.core.text import NOTHING, Text

if TYPE_CHECKING:
    from xmpp_wizard.core.kit.bench import Bench
    from xmpp_wizard.core.kit.checks import Check
    from xmpp_wizard.core.model import Model

__all__ = [
    "HTTPS_PORT",
    "PRESETS",
    "Add",
    "Change",
    "Component",
    "ConfigFile",
    "ContainerSpec",
    "Contribution",
    "DnsRecord",
    "Feature",
    "Health",
    "Merge",
    "Modules",
    "Mount",
    "Passwords",
    "Place",
    "Port",
    "Preset",
    "ProofPeople",
    "ProofStep",
    "Reference",
    "Remove",
    "SecretFile",
    "Set",
    "Settings",
    "SideHost",
    "Site",
    "same_for_both",
]

Preset: TypeAlias = Literal["minimal", "family", "company", "public"]
PRESETS: tuple[Preset, ...] = ("minimal", "family", "company", "public")


@dataclass(frozen=True, slots=True)
class DnsRecord:
    """A record that the feature needs: ``content`` as in a zone file; ``{host}`` stands for this machine's name."""

    name: str
    kind: Literal["A/AAAA", "SRV", "CNAME", "CAA", "TLSA", "TXT"]
    content: str
    is_required: bool
    port: int = 0
    """The port that it leads to, if any; without somebody who opens that port there is no record."""


@dataclass(frozen=True, slots=True)
class Port:
    """A port that a container listens on, on all addresses of ``network.listen``."""

    number: int
    purpose: Text
    protocol: Literal["tcp", "udp"] = "tcp"
    container: str = "prosody"
    tls: Literal["none", "starttls-client", "starttls-server", "direct"] = "none"
    """How a client gets to TLS there; says where served certificates are looked at."""
    is_public: bool = True
    """Whether people or servers outside connect to it (a router must forward it)."""
    address: str = ""
    """The only address that it listens on, if it is not to be all of them."""
    last: int = 0
    """The end of a range that begins with ``number``, taken as needed: one that another program has is no obstacle."""
    certificate: str = ""
    """The one certificate (A-labels) that it serves to everybody; empty where a client's wish (SNI) decides."""

    @property
    def ports(self) -> str:
        """The port or the range, as people read it."""
        return f"{self.number}-{self.last}" if self.last else str(self.number)


@dataclass(frozen=True, slots=True)
class ProofStep:
    """One thing that a user does, done by real clients through the real ports after every change.

    ``run`` returns a few words on what it saw and raises
    :class:`~xmpp_wizard.core.errors.ProofFailedError` with the reason and the next thing to do.
    """

    name: str
    title: Text
    # two functions made for the same answers are never equal; the name says which step it is
    run: Callable[[Bench], Awaitable[Text]] = field(compare=False)


Passwords: TypeAlias = Callable[[bytes, str, float], tuple[str, str]]
"""From what is in the file, the domain and the time (seconds since 1970): the passwords of the two."""


def same_for_both(content: bytes, _domain: str, _now: float) -> tuple[str, str]:
    """Return the first line for each of the two."""
    password = content.decode(errors="replace").partition("\n")[0]
    return password, password


@dataclass(frozen=True, slots=True)
class ProofPeople:
    """Two accounts for proofs on a server that cannot make any; they must be nobody's, for their data is erased."""

    names: tuple[str, str]
    password_file: str
    """A file of the host with the password of both; empty: the admin has not given any."""
    key: str
    """The answer that names the file."""
    secret: str = ""
    """The secret of Prosody's from which passwords are made, where no file is needed."""
    passwords: Passwords = field(default=same_for_both, compare=False)


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one feature adds for one virtual host; the fields are merged over all features and hosts."""

    modules: Modules = field(default_factory=Modules)
    """On every virtual host."""
    modules_everywhere: Modules = field(default_factory=Modules)
    """On every virtual host and every component."""
    settings: Settings = field(default_factory=dict)
    """Before the first host: for all of the server."""
    host_settings: Settings = field(default_factory=dict)
    """Below the virtual host that the feature was asked about."""
    components: tuple[Component, ...] = ()
    hosts: tuple[SideHost, ...] = ()
    needs_rooms: bool = False
    """Whether it is of no use where nobody brings a service with rooms; :func:`desired` refuses and says who does."""
    relies_on: tuple[str, ...] = ()
    """Names of services that must be on this server; :func:`desired` refuses and says which is not."""
    brings_strangers: bool = False
    """Whether it lets people without an account come to the services of ``relies_on``, or to all if there are none."""
    certificate_names: tuple[str, ...] = ()
    """Names beside the domain and those of components and hosts."""
    records: tuple[DnsRecord, ...] = ()
    ports: tuple[Port, ...] = ()
    own_certificates: tuple[str, ...] = ()
    """Names that get a certificate each, for what cannot choose one by the name that a client wishes."""
    closed_ports: tuple[int, ...] = ()
    """Ports of other features that are not opened, such as those of other servers when there are none."""
    secrets: tuple[SecretFile, ...] = ()
    references: tuple[Reference, ...] = ()
    files: tuple[ConfigFile, ...] = ()
    containers: tuple[ContainerSpec, ...] = ()
    image_parts: tuple[str, ...] = ()
    """Folders of ``appliance/images`` that are built on top of Prosody's, for what not every server has."""
    proofs: tuple[ProofStep, ...] = ()
    dropped_proofs: tuple[str, ...] = ()
    """Steps that others bring and that this one makes untrue, such as that strangers cannot register."""
    checks: tuple[Check, ...] = ()
    """What is tried before the server is interrupted."""
    chat_page: str = ""
    """Where people of the host chat in the browser (``https://…``), for those who are told how to begin."""
    guest_page: str = ""
    """Where guests chat in the browser, on a server where somebody brings a ``chat_page``."""
    chat_proofs: tuple[ProofStep, ...] = ()
    """Steps for such a server."""
    makes_accounts: bool = False
    """Whether people get their accounts by it."""
    accounts_elsewhere: Text = NOTHING
    """How accounts begin, where that is outside this server, so that nothing here can make one."""
    proof_people: ProofPeople | None = None
    """Who proves, where the server cannot make throw-away accounts."""
    needs_servers: bool = False
    """Whether it is only about other servers, and of no use where there are none."""
    shuts_servers_out: bool = False
    """Whether it leaves no way to other servers."""
    needs: tuple[str, ...] = ()
    """Features without which this one cannot work; :func:`desired` refuses and names both."""


S = TypeVar("S", bound="Model")


@dataclass(frozen=True, slots=True)
class Feature(Generic[S]):
    """One thing that people get, with its questions. Its name is its key below ``[features]``."""

    name: str
    title: Text
    summary: Text
    """What the person gets, in one plain sentence."""
    settings: type[S]
    contribute: Callable[[S, Site], Contribution]
    presets: frozenset[Preset] = frozenset(PRESETS)
    """Where it is on unless the answers say otherwise. A feature without an ``enabled`` answer is always on."""
    xeps: tuple[str, ...] = ()
    """The standards behind it, such as ``XEP-0045`` or ``RFC 7395``."""
