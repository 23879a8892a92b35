"""The wanted server is written down: as files, folders, hashes and containers on a host."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from hashlib import sha256
from typing import TypeAlias

from xmpp_wizard.core.kit.checks import trial
from xmpp_wizard.core.kit.feature import ContainerSpec, Port
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.lua import LuaValue
from xmpp_wizard.core.network.openings import Opening, doors
from xmpp_wizard.core.rendering.folders import folders, mount_source
from xmpp_wizard.core.rendering.fronts import certificate_source, front_files
from xmpp_wizard.core.rendering.templates import compiled, config_file
from xmpp_wizard.core.target import Bind, Container, Copy, File, KeptSecret, Target
from xmpp_wizard.core.wanted.desired import Desired

Owners: TypeAlias = Mapping[str, tuple[int, int]]
"""User and group of what each container reads, by its name."""
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
    return compiled(templates[PROSODY_TEMPLATE]).render(groups=ordered, hosts=desired.hosts)


def render(desired: Desired, templates: Mapping[str, str], images: Mapping[str, str], layout: Layout) -> Target:
    """Return the target for a host with this layout; ``images`` gives the tag of each image."""
    owners = {spec.name: (0, spec.user_id) for spec in desired.containers}
    own = () if desired.front is None else front_files(desired.front, templates, layout)
    outside = _openings(desired, desired.outside_ports)
    ways_in = doors(outside) if str(layout.root) == "/" else ()
    return Target(
        domains=desired.domains,
        folders=folders(desired, layout),
        files=(*_files(desired, templates, layout, owners), *own),
        copies=_copies(desired, layout, owners["prosody"]),
        secrets=_secrets(desired, layout, owners),
        certificates=desired.certificates,
        certificate_source=certificate_source(desired, layout),
        containers=tuple(
            _container(spec, desired, templates, layout, images[spec.image]) for spec in desired.containers
        ),
        openings=_openings(desired, desired.ports),
        outside=outside,
        pinned=desired.pinned,
        contact=desired.contact,
        secret_files=desired.secret_files,
        front=desired.front,
        follows_address=desired.follows_address,
        keeping=desired.keeping,
        doors=ways_in if desired.opens_firewall else (),
        forwards=ways_in if "IPv4" in desired.opens_router else (),
        pinholes=ways_in if "IPv6" in desired.opens_router else (),
    )


def _files(desired: Desired, templates: Mapping[str, str], layout: Layout, owners: Owners) -> tuple[File, ...]:
    """Return the configuration of each container, Prosody's first."""
    config = File(
        str(layout.prosody_config / "prosody.cfg.lua"), prosody_config(desired, templates), 0o640, owners["prosody"]
    )
    others = (
        File(
            str(layout.settings / file.container / file.name),
            config_file(file, templates),
            0o640,
            owners[file.container],
        )
        for file in desired.files
    )
    return (config, *others)


def _copies(desired: Desired, layout: Layout, owner: tuple[int, int]) -> tuple[Copy, ...]:
    """Return what is copied beside Prosody's configuration and secrets; what was fetched lies in a folder of ours."""
    return tuple(
        Copy(
            replace(reference, source=str(layout.fetched / reference.sha256)) if reference.url else reference,
            str((layout.secrets("prosody") if reference.is_secret else layout.prosody_config) / reference.name),
            owner,
        )
        for reference in desired.references
    )


def _secrets(desired: Desired, layout: Layout, owners: Owners) -> tuple[KeptSecret, ...]:
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


def _container(
    spec: ContainerSpec, desired: Desired, templates: Mapping[str, str], layout: Layout, tag: str
) -> Container:
    binds = tuple(
        Bind(str(mount_source(mount.place, mount.of or spec.name, layout)), mount.target, mount.is_writable)
        for mount in spec.mounts
    )
    is_prosody = spec.name == "prosody"
    reloaded, restarted = _texts(spec.name, desired, templates)
    return Container(
        spec=spec,
        project=layout.project,
        tag=tag,
        config_hash=_hash(asdict(spec), [bind.source for bind in binds], tag),
        restart_hash=_hash(restarted, [reference.name for reference in desired.references] if is_prosody else []),
        reload_hash=_hash(reloaded),
        health=desired.health if is_prosody else spec.health,
        uses_certificates=any(mount.place == "certificates" for mount in spec.mounts),
        binds=binds,
        trials=tuple(trial(check, templates) for check in desired.checks) if is_prosody else (),
    )


def _texts(container: str, desired: Desired, templates: Mapping[str, str]) -> tuple[str, str]:
    """Return the configuration that a container takes by HUP, too, and the one that it has to be restarted for."""
    if container == "prosody":
        return prosody_config(desired, templates), prosody_config(desired, templates, without=RELOADABLE)
    return "", "".join(config_file(file, templates) for file in desired.files if file.container == container)


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
