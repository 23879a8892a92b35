"""Files for the person, in root's own folder: saved answers, reports, the emergency sheet."""

from __future__ import annotations

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World

_ROOT = (0, 0)


def write_own_file(world: World, layout: Layout, name: str, text: str) -> str:
    """Write ``text`` to the file ``name`` in root's folder and return its path; nobody else can read it."""
    folder = layout.root / "root"
    if world.files.stat(str(folder)) is None:
        world.files.make_folder(str(folder), 0o700, _ROOT)
    path = str(folder / name)
    world.files.write(path, text.encode(), 0o600, _ROOT)
    return path
