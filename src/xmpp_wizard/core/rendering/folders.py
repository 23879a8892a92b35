"""The folders of a server, and which of them its containers see."""

from __future__ import annotations

from pathlib import PurePosixPath

from xmpp_wizard.core.kit.feature import ContainerSpec, Mount, Place
from xmpp_wizard.core.layout import CERTIFICATES_GROUP, Layout
from xmpp_wizard.core.network.front import PROGRAMS
from xmpp_wizard.core.target import Folder
from xmpp_wizard.core.wanted.desired import Desired


def folders(desired: Desired, layout: Layout) -> tuple[Folder, ...]:
    """Return folders, parents first. The program's own are closed; a container's own group may look into its."""
    root = (0, 0)
    found = [
        Folder(str(layout.settings), 0o755, root),
        Folder(str(layout.settings / "secrets"), 0o700, root),
        Folder(str(layout.state), 0o700, root),
        Folder(str(layout.state / "data"), 0o700, root),
    ]
    if any(mount.place == "sockets" for spec in desired.containers for mount in spec.mounts):
        found.append(Folder(str(layout.state / "sockets"), 0o700, root))
    if any(reference.url for reference in desired.references):
        found.append(Folder(str(layout.fetched), 0o755, root))
    for spec in desired.containers:
        for mount in spec.mounts:
            found += _mounted(spec, mount, desired, layout)
    if desired.front is not None and desired.front.kind in PROGRAMS:
        found.append(Folder(str(layout.challenges), 0o755, root))
    if any(spec.name == "prosody" for spec in desired.containers):
        found.append(Folder(str(layout.admin_config), 0o750, (0, _prosody_group(desired))))
    return tuple(dict.fromkeys(found))


def _mounted(spec: ContainerSpec, mount: Mount, desired: Desired, layout: Layout) -> list[Folder]:
    """Return the folders behind a mount."""
    if mount.place == "certificates":
        paths = (layout.certificates, layout.certificates / "generations")
        return [Folder(str(path), 0o750, (0, CERTIFICATES_GROUP)) for path in paths]
    if mount.place == "sockets":
        return [_socket_folder(mount.of or spec.name, desired, layout)]
    owner = spec.user_id if mount.is_writable else 0
    return [Folder(str(mount_source(mount.place, spec.name, layout)), 0o750, (owner, spec.user_id))]


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


def _socket_folder(container: str, desired: Desired, layout: Layout) -> Folder:
    """Return the folder in which ``container`` listens; only Prosody may come in."""
    owner = next(spec.user_id for spec in desired.containers if spec.name == container)
    return Folder(str(layout.sockets(container)), 0o750, (owner, _prosody_group(desired)))


def _prosody_group(desired: Desired) -> int:
    return next(spec.user_id for spec in desired.containers if spec.name == "prosody")
