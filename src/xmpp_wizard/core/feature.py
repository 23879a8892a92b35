"""What a feature is, and everything it may contribute to a server.

A feature knows its own answers and the site it is switched on for; it never asks about another
feature. :func:`xmpp_wizard.core.desired.desired` merges what all of them contribute.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Literal, TypeAlias, TypeVar

from xmpp_wizard.core.names import ascii_name

if TYPE_CHECKING:
    from xmpp_wizard.core.bench import Bench
    from xmpp_wizard.core.checks import Check
    from xmpp_wizard.core.lua import LuaValue
    from xmpp_wizard.core.model import Model
    from xmpp_wizard.core.text import Text

Preset: TypeAlias = Literal["minimal", "family", "company", "public"]
HTTPS_PORT = 443
PRESETS: tuple[Preset, ...] = ("minimal", "family", "company", "public")


@dataclass(frozen=True, slots=True)
class Set:
    """The setting has this value; another feature that sets another one is a conflict."""

    value: LuaValue


@dataclass(frozen=True, slots=True)
class Add:
    """These items are in the list that the setting is."""

    items: tuple[LuaValue, ...]


@dataclass(frozen=True, slots=True)
class Remove:
    """These items are not in the list, whoever adds them."""

    items: tuple[LuaValue, ...]


@dataclass(frozen=True, slots=True)
class Merge:
    """These keys are in the table that the setting is; the same key with another value is a conflict."""

    entries: Mapping[str, LuaValue]


Change: TypeAlias = Set | Add | Remove | Merge
Settings: TypeAlias = Mapping[str, Change]


@dataclass(frozen=True, slots=True)
class Modules:
    """Prosody modules by name: Prosody's own, and community ones, which each need a ``plugin_paths`` entry.

    List every community module that another one loads with ``module:depends``, too.
    """

    core: tuple[str, ...] = ()
    community: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    """The admin's, copied by a :class:`Reference` each as ``mod_NAME.lua``."""
    by_option: tuple[str, ...] = ()
    """Community ones that an option loads, such as ``authentication``, and not the list of modules."""
    remove: tuple[str, ...] = ()
    """Not loaded, whoever adds them; also in ``modules_disabled``, for what Prosody loads by itself."""


@dataclass(frozen=True, slots=True)
class Component:
    """A service on a host name of its own (XEP-0114 without the network, or with it if ``module`` is empty)."""

    host: str
    module: str
    title: str
    modules: Modules = Modules()
    settings: Settings = field(default_factory=dict)
    federates: bool = True
    """Whether other servers talk to it; uploads and proxies have no such traffic."""
    is_certified: bool = True
    """Whether its name must be in a certificate."""


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
class SecretFile:
    """A secret made once and kept: ``/secrets/<name>`` inside ``container``."""

    name: str
    container: str = "prosody"
    random_bytes: int = 32
    shared_with: tuple[str, ...] = ()
    """Other containers that must know the same secret, each in a file of its own."""


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A configuration file of a container other than Prosody, ``<name>`` in its folder of settings.

    ``template`` is a path below ``templates/``; it gets ``values`` and writes each with the filter ``line``.
    """

    container: str
    name: str
    template: str
    values: Mapping[str, str | int | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Reference:
    """A file of the admin's, named in the answers, that a container reads as ``/etc/prosody/<name>``."""

    source: str
    name: str
    key: str
    """The answer that names it, for error messages."""
    holds_certificates: bool = False
    """Whether it must be PEM certificates; anything else is refused before it is copied."""
    is_secret: bool = False
    """Whether it lies with the secrets, as ``/secrets/<name>``."""
    key_for: Literal["", "HS256", "RS256", "ES256"] = ""
    """How tokens are signed that it must be the key for; anything else is refused before it is copied."""


Place: TypeAlias = Literal["config", "data", "secrets", "certificates", "sockets"]
"""What of the host a container sees; which folders these are, the layout knows."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder of the host in a container."""

    place: Place
    target: str
    is_writable: bool = False
    of: str = ""
    """The container whose folder it is; empty: its own."""


@dataclass(frozen=True, slots=True)
class Health:
    """Where the container is looked at after every change of it: an XMPP stream to ``domain``, or a STUN server.

    What listens on no port answers by the status of a ``command`` inside; ``domain`` is then what it serves.
    """

    address: str
    port: int
    domain: str
    speaks: Literal["xmpp", "stun", "command"] = "xmpp"
    command: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContainerSpec:
    """A container as the engine is to run it; sizes in MiB. ``image`` is a folder of ``appliance/images``."""

    name: str
    image: str
    mounts: tuple[Mount, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    capabilities: tuple[str, ...] = ()
    tmpfs: Mapping[str, str] = field(default_factory=dict)
    memory_mb: int = 512
    pids: int = 200
    stop_seconds: int = 15
    config_check: tuple[str, ...] = ()
    """A command that, inside the running container, exits with 1 if the configuration on disk is broken."""
    user_id: int = 0
    """uid and gid of the process in it; owns ``data/<name>`` and may read ``secrets/<name>``."""
    health: Health | None = None
    """Where it answers; Prosody's follows from the answers."""
    has_network: bool = True
    """Whether it has the machine's network; else it has none at all, and others reach it by a socket in a folder."""


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

    modules: Modules = Modules()
    """On every virtual host."""
    modules_everywhere: Modules = Modules()
    """On every virtual host and every component."""
    settings: Settings = field(default_factory=dict)
    """Before the first host: for all of the server."""
    host_settings: Settings = field(default_factory=dict)
    """Below the virtual host that the feature was asked about."""
    components: tuple[Component, ...] = ()
    certificate_names: tuple[str, ...] = ()
    """Names beside the domain and those of the components."""
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
    proofs: tuple[ProofStep, ...] = ()
    dropped_proofs: tuple[str, ...] = ()
    """Steps that others bring and that this one makes untrue, such as that strangers cannot register."""
    checks: tuple[Check, ...] = ()
    """What is tried before the server is interrupted."""
    makes_accounts: bool = False
    """Whether people get their accounts by it."""
    has_accounts_elsewhere: bool = False
    """Whether accounts are made and kept outside this server, so that nothing here can make one."""
    proof_people: ProofPeople | None = None
    """Who proves, where the server cannot make throw-away accounts."""
    needs: tuple[str, ...] = ()
    """Features without which this one cannot work; :func:`desired` refuses and names both."""


@dataclass(frozen=True, slots=True)
class Site:
    """The virtual host that a feature contributes to, and the host's network, as far as features need them."""

    domain: str
    """The virtual host, as in addresses of its people (U-labels)."""
    title: str
    """The server's own name, for pages and lists."""
    admins: tuple[str, ...]
    """Bare addresses."""
    web_host: str
    """The name under which HTTPS is reached."""
    https_port: int
    client_port: int
    client_tls_port: int
    server_port: int
    server_tls_port: int
    local_http_port: int
    local_address: str
    """A loopback address."""
    has_front: bool = False
    """Whether another web server has the web's port and passes pages on."""
    main_domain: str = ""
    """The first domain of the server."""
    listen: tuple[str, ...] = ()
    """The addresses that the server listens on; empty: all."""
    federates: bool = True
    """Whether its people may talk with other servers, if the server does so at all."""

    @property
    def is_main(self) -> bool:
        """Whether it is the first domain of the server; a name chosen for a service is meant for this one."""
        return self.domain == self.main_domain

    def service_host(self, label: str, chosen: str | None) -> str:
        """Return the name of a service: the ``chosen`` one on the main domain, else ``label.`` below the domain."""
        return chosen if chosen and self.is_main else f"{label}.{self.domain}"

    @property
    def is_elsewhere(self) -> bool:
        """Whether the domain itself leads to another machine, such as one with a website."""
        return self.web_host != self.domain

    @property
    def web_url(self) -> str:
        """``https://…/`` of this host, with the port where it is not the usual one."""
        return self.url(self.web_host)

    def url(self, host: str) -> str:
        """Return ``https://host/`` in A-labels, with the port where it is not the usual one."""
        port = "" if self.https_port == HTTPS_PORT else f":{self.https_port}"
        return f"https://{ascii_name(host)}{port}/"


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
