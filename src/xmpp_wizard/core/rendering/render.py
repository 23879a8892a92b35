"""The wanted server is written down: as files, folders, hashes and containers on a host.

Templates hold all foreign syntax and no decision; an unknown name in one is an error (StrictUndefined).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache
from hashlib import sha256
from pathlib import PurePosixPath
from types import MappingProxyType

from jinja2 import Environment, StrictUndefined, Template

from xmpp_wizard.core.kit.checks import trial
from xmpp_wizard.core.kit.feature import ConfigFile, ContainerSpec, Place, Port
from xmpp_wizard.core.kit.web import network_of
from xmpp_wizard.core.layout import CERTIFICATES_GROUP, Layout
from xmpp_wizard.core.lua import LuaValue, to_lua
from xmpp_wizard.core.network.front import PROGRAMS, Front
from xmpp_wizard.core.network.openings import Opening, doors
from xmpp_wizard.core.target import Bind, CertificateSource, Container, Copy, File, Folder, KeptSecret, Target
from xmpp_wizard.core.wanted.desired import Desired

RELOADABLE = frozenset({"log"})
"""Options of Prosody that HUP reads again; all others want a restart (tried on 13.0.1)."""

FIRST_GROUPS = frozenset({"prosody"})
"""What the configuration begins with; then come the groups by name, each with what one or several wanted."""

PROSODY_TEMPLATE = "prosody/prosody.cfg.lua.j2"


def image_tag(image: str, context: Mapping[str, bytes]) -> str:
    """Return the tag of an image built from ``context``: other files, another tag."""
    digest = sha256()
    for path, content in sorted(context.items()):
        digest.update(f"{path}\0{len(content)}\0".encode())
        digest.update(content)
    return f"xmpp-wizard/{image.partition('+')[0]}:{digest.hexdigest()[:12]}"


def prosody_config(desired: Desired, templates: Mapping[str, str], *, without: frozenset[str] = frozenset()) -> str:
    """Return ``prosody.cfg.lua``; ``without`` leaves out global options, to compare what is left."""
    groups: dict[str, dict[str, LuaValue]] = {}
    for name, item in desired.settings.items():
        if name not in without:
            groups.setdefault(item.source, {})[name] = item.value
    ordered = sorted(groups.items(), key=lambda group: (group[0] not in FIRST_GROUPS, group[0]))
    return _compiled(templates[PROSODY_TEMPLATE]).render(groups=ordered, hosts=desired.hosts)


@cache
def _compiled(template: str) -> Template:
    environment = Environment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 no HTML: every value goes through one of these filters
    )
    environment.filters["lua"] = to_lua
    environment.filters["line"] = _line
    return environment.from_string(template)


def config_file(file: ConfigFile, templates: Mapping[str, str]) -> str:
    """Return the text of a configuration file that is not Lua.

    Raises:
        ValueError: a value has a line break or another invisible sign in it, and could end its line.
    """
    return _compiled(templates[file.template]).render(file.values)


def _line(value: str | int) -> str:
    text = str(value)
    if not text.isprintable():
        message = f"{text!r} cannot stand on one line"
        raise ValueError(message)
    return text


def render(desired: Desired, templates: Mapping[str, str], images: Mapping[str, str], layout: Layout) -> Target:
    """Return the target for a host with this layout; ``images`` gives the tag of each image."""
    config = prosody_config(desired, templates)
    fixed = prosody_config(desired, templates, without=RELOADABLE)
    owners = {spec.name: (0, spec.user_id) for spec in desired.containers}
    files = tuple(
        File(
            str(layout.settings / file.container / file.name),
            config_file(file, templates),
            0o640,
            owners[file.container],
        )
        for file in desired.files
    )
    copies = tuple(
        Copy(
            replace(reference, source=str(layout.fetched / reference.sha256)) if reference.url else reference,
            str((layout.secrets("prosody") if reference.is_secret else layout.prosody_config) / reference.name),
            owners["prosody"],
        )
        for reference in desired.references
    )
    texts = {file.container: ("", "") for file in desired.files}
    for wanted, file in zip(desired.files, files, strict=True):
        texts[wanted.container] = ("", texts[wanted.container][1] + file.text)
    texts["prosody"] = (config, fixed)
    own = () if desired.front is None else front_files(desired.front, templates, layout)
    outside = _openings(desired, desired.outside_ports)
    return Target(
        domains=desired.domains,
        folders=_folders(desired, layout),
        files=(File(str(layout.prosody_config / "prosody.cfg.lua"), config, 0o640, owners["prosody"]), *files, *own),
        copies=copies,
        secrets=_secrets(desired, layout, owners),
        certificates=desired.certificates,
        certificate_source=_source(desired, layout),
        containers=tuple(
            replace(
                _container(spec, desired, layout, images[spec.image], texts.get(spec.name, ("", ""))),
                trials=tuple(trial(check, templates) for check in desired.checks) if spec.name == "prosody" else (),
            )
            for spec in desired.containers
        ),
        openings=_openings(desired, desired.ports),
        outside=outside,
        pinned=desired.pinned,
        contact=desired.contact,
        secret_files=desired.secret_files,
        front=desired.front,
        follows_address=desired.follows_address,
        keeping=desired.keeping,
        doors=doors(outside) if desired.opens_firewall and str(layout.root) == "/" else (),
        forwards=doors(outside) if "IPv4" in desired.opens_router and str(layout.root) == "/" else (),
        pinholes=doors(outside) if "IPv6" in desired.opens_router and str(layout.root) == "/" else (),
    )


def _source(desired: Desired, layout: Layout) -> CertificateSource:
    """Return where certificates come from; a web server in front answers for us where our file tells it to."""
    source = desired.certificate_source
    if source.acme is None or source.acme.webroot or desired.front is None or desired.front.kind not in PROGRAMS:
        return source
    return replace(source, acme=replace(source.acme, webroot=str(layout.challenges)))


def front_files(front: Front, templates: Mapping[str, str], layout: Layout) -> tuple[File, ...]:
    """Return the one file that the web server in front reads for us; none for one that a person tells."""
    program = PROGRAMS.get(front.kind)
    if program is None:
        return ()
    text = front_text(front, templates[program.template], layout)
    return (File(layout.front_file(program), text, 0o644, (0, 0), reader=front.kind),)


def front_text(front: Front, template: str, layout: Layout, folders: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return the lines for a web server, after its ``template``; ``folders`` of its container are path → ours."""
    addresses = tuple(f"[{address}]" if ":" in address else address for address in front.addresses)
    return _compiled(template).render(
        sites=front.sites,
        addresses=addresses,
        port=front.port,
        upstream=front.upstream,
        certificates=str(layout.certificates / "live"),
        certified=front.certified,
        challenges=str(layout.challenges),
        modules=str(layout.root / "usr/lib/apache2/modules"),
        folders=folders,
        network=", ".join(network_of(front.upstream.rpartition(":")[0].strip("[]"))),
        apply=layout.command("apply"),
    )


def _secrets(desired: Desired, layout: Layout, owners: Mapping[str, tuple[int, int]]) -> tuple[KeptSecret, ...]:
    """Return each secret, first in its own container's folder, then as the same in those that share it."""
    kept = []
    for secret in desired.secrets:
        first = str(layout.secrets(secret.container) / secret.name)
        kept.append(KeptSecret(secret, first, owners[secret.container]))
        kept += [
            KeptSecret(
                secret, str(layout.secrets(other) / secret.name), owners[other], same_as=first, shared_with=other
            )
            for other in secret.shared_with
        ]
    return tuple(kept)


def mount_source(place: Place, container: str, layout: Layout) -> PurePosixPath:
    """Return the host folder behind a container's mount."""
    match place:
        case "config":
            return layout.settings / container
        case "data":
            return layout.data(container)
        case "secrets":
            return layout.secrets(container)
        case "certificates":
            return layout.certificates
        case "sockets":
            return layout.sockets(container)


def _container(spec: ContainerSpec, desired: Desired, layout: Layout, tag: str, texts: tuple[str, str]) -> Container:
    binds = tuple(
        Bind(str(mount_source(mount.place, mount.of or spec.name, layout)), mount.target, mount.is_writable)
        for mount in spec.mounts
    )
    is_prosody = spec.name == "prosody"
    return Container(
        spec=spec,
        project=layout.project,
        tag=tag,
        config_hash=_hash(asdict(spec), [bind.source for bind in binds], tag),
        restart_hash=_hash(texts[1], [reference.name for reference in desired.references] if is_prosody else []),
        reload_hash=_hash(texts[0]),
        health=desired.health if is_prosody else spec.health,
        uses_certificates=any(mount.place == "certificates" for mount in spec.mounts),
        binds=binds,
    )


def _folders(desired: Desired, layout: Layout) -> tuple[Folder, ...]:
    """Return folders, parents first. The program's own are closed; a container's own group may look into its."""
    root = (0, 0)
    folders = [
        Folder(str(layout.settings), 0o755, root),
        Folder(str(layout.settings / "secrets"), 0o700, root),
        Folder(str(layout.state), 0o700, root),
        Folder(str(layout.state / "data"), 0o700, root),
    ]
    if any(mount.place == "sockets" for spec in desired.containers for mount in spec.mounts):
        folders.append(Folder(str(layout.state / "sockets"), 0o700, root))
    if any(reference.url for reference in desired.references):
        folders.append(Folder(str(layout.fetched), 0o755, root))
    for spec in desired.containers:
        group = (0, spec.user_id)
        for mount in spec.mounts:
            if mount.place == "certificates":
                folders += [
                    Folder(str(path), 0o750, (0, CERTIFICATES_GROUP))
                    for path in (layout.certificates, layout.certificates / "generations")
                ]
            elif mount.place == "sockets":
                folders.append(_socket_folder(mount.of or spec.name, desired, layout))
            else:
                owner = (spec.user_id, spec.user_id) if mount.is_writable else group
                folders.append(Folder(str(mount_source(mount.place, spec.name, layout)), 0o750, owner))
    if desired.front is not None and desired.front.kind in PROGRAMS:
        folders.append(Folder(str(layout.challenges), 0o755, root))
    if any(spec.name == "prosody" for spec in desired.containers):
        folders.append(Folder(str(layout.admin_config), 0o750, (0, _prosody_group(desired))))
    return tuple(dict.fromkeys(folders))


def _socket_folder(container: str, desired: Desired, layout: Layout) -> Folder:
    """Return the folder in which ``container`` listens; only Prosody may come in."""
    owner = next(spec.user_id for spec in desired.containers if spec.name == container)
    return Folder(str(layout.sockets(container)), 0o750, (owner, _prosody_group(desired)))


def _prosody_group(desired: Desired) -> int:
    return next(spec.user_id for spec in desired.containers if spec.name == "prosody")


def _openings(desired: Desired, ports: Sequence[Port]) -> tuple[Opening, ...]:
    return tuple(
        Opening(
            address,
            port.number,
            port.protocol,
            port.container,
            port.tls,
            port.is_public,
            str(port.purpose),
            port.last,
            port.certificate,
        )
        for port in sorted(ports, key=lambda port: (port.number, port.protocol))
        for address in ((port.address,) if port.address else desired.addresses or ("",))
    )


def _hash(*parts: object) -> str:
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
