"""Accounts in the format of XEP-0227, for another server: what is in the file, and what has no place in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath

from xmpp_wizard.core.errors import EffectError, NeedsPersonError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.own_files import own_folder
from xmpp_wizard.engine.people.accounts import People
from xmpp_wizard.engine.setup import current
from xmpp_wizard.engine.storage.data_tool import last_line
from xmpp_wizard.engine.storage_look import CONFIG, PROGRAM, USER, prosody_of, told

_FOLDER = "/var/lib/prosody"
_RANDOM_BYTES = 12


@dataclass(frozen=True, slots=True)
class Exported:
    """How many accounts are in the file, and how much of each store of this server is not."""

    accounts: int
    left: Mapping[str, int]


def usual_place(world: World, layout: Layout) -> str:
    """Return where the file goes unless somebody says so; its folder is there then."""
    return str(own_folder(world, layout) / f"{current(world, layout)[0].domains[0]}-accounts.xml")


def check_place(world: World, path: str) -> None:
    """Return if a file can be written at ``path``.

    Raises:
        NeedsPersonError: there is one already, or no folder for it.
    """
    if world.files.stat(path) is not None or world.files.link_target(path) is not None:
        raise NeedsPersonError(
            say("{path} is there already, and is not written over", path=path), say("Name another file.")
        )
    folder = str(PurePosixPath(path).parent)
    found = world.files.stat(folder)
    if found is None or not found.is_folder:
        raise NeedsPersonError(say("there is no folder {folder}", folder=folder), say("Make it, or name another file."))


def export(world: World, layout: Layout, path: str, address: str, report: Callable[[Text], None]) -> Exported:
    """Write all accounts, or the one of ``address``, to ``path``, which root alone may read.

    ``address`` may be a name on the main domain, as everywhere.

    Raises:
        NotSetUpError: there is no server.
        NeedsPersonError: the place is taken, or nobody has that address.
        EffectError: the accounts cannot be read, or the file cannot be written; then there is none.
    """
    check_place(world, path)
    container = prosody_of(current(world, layout)[0])
    address = address and People(world, layout).address(address)
    name = f"export-{world.entropy.token(_RANDOM_BYTES)}.xml"
    inside, outside = f"{_FOLDER}/{name}", str(layout.data("prosody") / name)
    command = [PROGRAM, "xep0227", CONFIG, inside, *([address] if address else ())]
    try:
        result = world.containers.run_aside(
            container, layout.container("prosody-export"), command, lambda line: _heard(line, report), user=USER
        )
        done = next((line for line in told(result) if line.get("event") == "done"), None)
        if result.status != 0 or done is None:
            raise EffectError(say("the accounts cannot be read: {reason}", reason=last_line(result)))
        found = _exported(done)
        if address and not found.accounts:
            raise NeedsPersonError(
                say("there is nobody called {address}", address=address), say("All of them: xmpp-wizard user list")
            )
        world.files.copy(outside, path, 0o600, (0, 0))
    finally:
        world.files.remove(outside)
    return found


def _heard(line: str, report: Callable[[Text], None]) -> None:
    with suppress(ValueError):
        match json.loads(line):
            case {"event": "exported", "accounts": count}:
                report(say("{count} accounts written", count=count))


def _exported(done: Mapping[str, object]) -> Exported:
    accounts, left = done.get("accounts"), done.get("left")
    counts = left if isinstance(left, dict) else {}
    return Exported(
        accounts if isinstance(accounts, int) else 0, {str(key): int(counts[key]) for key in sorted(counts)}
    )
