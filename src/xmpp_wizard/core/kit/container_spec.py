"""What runs beside Prosody or is handed to it: containers, their files, secrets and folders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias


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
    url: str = ""
    """Where it is fetched from, if not from this machine; ``source`` is then empty here, and where it is kept later."""
    sha256: str = ""
    """Of a fetched one; anything else is refused."""


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
    """A container as the engine is to run it; sizes in MiB.

    ``image`` is a folder of ``appliance/images``, or several as ``folder+part``: the parts are built on top of it.
    """

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
