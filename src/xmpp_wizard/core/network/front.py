"""The web server in front of ours, where another program on this machine has the web's ports.

It takes HTTPS from outside and passes it on to Prosody's plain HTTP on a loopback address. Prosody believes its
``X-Forwarded-For`` and ``X-Forwarded-Proto`` only because it is named in ``trusted_proxies`` (mod_http).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal, Protocol, TypeAlias

from xmpp_wizard.core.network.listeners import Listener, Neighbour

WebServerAnswer: TypeAlias = Literal["own", "nginx", "apache", "caddy", "other"]
OTHER = "other"
WEB_PORTS = (80, 443)


@dataclass(frozen=True, slots=True)
class FrontProgram:
    """A web server that reads a file of its own for us; paths are relative to the root of the host."""

    title: str
    processes: tuple[str, ...]
    """Names under which it runs."""
    config: str
    """What it reads first; tells whether it is installed."""
    folder: str
    """Where a file with the ending ``ending`` is read by itself, or once a line in ``config`` names it."""
    ending: str
    template: str
    needs_line: str = ""
    """A line that ``config`` must have, so that our file is read."""
    writes: tuple[str, ...] = ()
    """Folders that it writes into when it only checks its configuration."""
    has_own_certificates: bool = False
    """It gets certificates for the names by itself, and reads none of ours."""


PROGRAMS: Mapping[str, FrontProgram] = {
    "nginx": FrontProgram(
        "nginx",
        ("nginx",),
        "etc/nginx/nginx.conf",
        "etc/nginx/conf.d",
        ".conf",
        "proxies/nginx.conf.j2",
        # its PID file, and the logs of all websites
        writes=("run", "var/log"),
    ),
    "apache": FrontProgram(
        "Apache",
        ("apache2", "httpd"),
        "etc/apache2/apache2.conf",
        "etc/apache2/sites-enabled",
        ".conf",
        "proxies/apache.conf.j2",
    ),
    "caddy": FrontProgram(
        "Caddy",
        ("caddy",),
        "etc/caddy/Caddyfile",
        "etc/caddy",
        ".caddy",
        "proxies/caddy.caddy.j2",
        # a pattern: the name of a file that is no longer there would keep Caddy from starting
        needs_line="import xmpp-wizard*.caddy",
        has_own_certificates=True,
    ),
}
"""By its name in ``network.web_server``; paths and names are those of Debian's packages."""


@dataclass(frozen=True, slots=True)
class ByHand:
    """A web server that a person tells what to pass on."""

    title: str
    template: str


BY_HAND: Mapping[str, ByHand] = {
    "haproxy": ByHand("HAProxy", "proxies/haproxy.cfg.j2"),
    "traefik": ByHand("Traefik", "proxies/traefik.yaml.j2"),
    "nginx-proxy-manager": ByHand("Nginx Proxy Manager", "proxies/nginx-proxy-manager.txt.j2"),
}
"""By the name of the process or of the image."""
_IMAGES = {"httpd": "apache", "npmplus": "nginx-proxy-manager"}
"""Images that are called otherwise than what is in them."""


@dataclass(frozen=True, slots=True)
class FrontSite:
    """One certificate and the names that are served with it (A-labels)."""

    certificate: str
    """Folder of the certificate below the live ones."""
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Front:
    """What the web server in front has to do; ``kind`` is a key of :data:`PROGRAMS` or ``other``."""

    kind: str
    addresses: tuple[str, ...]
    """On which it is reached; none means all."""
    port: int
    """Of HTTPS there."""
    upstream: str
    """Prosody's plain HTTP as ``address:port``."""
    sites: tuple[FrontSite, ...]
    certified: tuple[str, ...] = ()
    """Names for which an authority may come to port 80 to see whether they are ours."""

    @property
    def names(self) -> tuple[str, ...]:
        """All names that it passes on."""
        return tuple(name for site in self.sites for name in site.names)


@dataclass(frozen=True, slots=True)
class ObservedFront:
    """The web server in front as it is; empty ``config`` means that it is not installed."""

    config: str
    names: Mapping[str, str]
    """Names that it serves from files other than ours → the file."""


def recognised(process: str) -> str:
    """Return the kind of web server that a process is, or an empty text."""
    return next((kind for kind, program in PROGRAMS.items() if process in program.processes), "")


def recognised_image(image: str) -> str:
    """Return the kind of web server that is in an image, or an empty text; registry, owner and version do not count."""
    name = image.partition("@")[0].rpartition("/")[2].partition(":")[0]
    kind = _IMAGES.get(name, name)
    return kind if kind in PROGRAMS or kind in BY_HAND else ""


def title_of(kind: str) -> str:
    """Return what people call a kind of web server."""
    return PROGRAMS[kind].title if kind in PROGRAMS else BY_HAND[kind].title


def at(neighbours: Iterable[Neighbour], listener: Listener) -> Neighbour | None:
    """Return the container behind a listener: the one that it runs in, or the one whose port the engine passes on."""
    place = (listener.address, listener.port)
    return next((one for one in neighbours if one.id == listener.container_id or place in one.ports), None)


def kind_of(listener: Listener, container: Neighbour | None) -> str:
    """Return the kind of web server behind a listener, be it in ``container`` or not; an empty text for others."""
    if container is not None:
        return recognised_image(container.image)
    if listener.container_id:
        return ""
    return recognised(listener.program) or (listener.program if listener.program in BY_HAND else "")


def is_read(program: FrontProgram, config: str, name: str) -> bool:
    """Say whether the program's configuration reads the file ``name`` of ours."""
    if not program.needs_line:
        return True
    keyword = program.needs_line.partition(" ")[0]
    patterns = [word for line in config.splitlines() if (words := line.split())[:1] == [keyword] for word in words[1:]]
    return any(fnmatchcase(path, word) for word in patterns for path in (name, f"/{program.folder}/{name}"))


def hidden_names(front: Front, observed: ObservedFront) -> Mapping[str, str]:
    """Return those of our names that the web server already serves from a file of somebody else."""
    return {name: observed.names[name] for name in front.names if name in observed.names}


def sites_of(certificates: Iterable[tuple[str, tuple[str, ...]]], web_names: frozenset[str]) -> tuple[FrontSite, ...]:
    """Return the sites: for each certificate (folder, names) those of its names that have pages."""
    found = ((folder, tuple(name for name in names if name in web_names)) for folder, names in certificates)
    return tuple(FrontSite(folder, names) for folder, names in found if names)


class WebServers(Protocol):
    """Other people's web servers on this machine, each known by a :class:`FrontProgram`."""

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
