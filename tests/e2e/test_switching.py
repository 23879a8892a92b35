"""Features switched on and off on a running server: it does all that was promised, and nothing of them stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.combinations import ALL_OFF, SWITCHES, Group, alone, contribution, everything, storage_answers
from tests.e2e.server.machine import Server, told
from tests.e2e.server.ports import listeners
from tests.e2e.server.proving import proven, red
from tests.typical import example_answers, staged

from xmpp_wizard.core.storage.backends import all_backends
from xmpp_wizard.core.target import Target, from_json
from xmpp_wizard.core.wanted.security import LEVELS

pytestmark = pytest.mark.e2e

HISTORY = ("generations", "journal", "certificates/generations", "data", "loaded.json", "proven.json")
"""What a server keeps of its past: undo leads back there, and people's data are theirs.

For the same reason a secret stays until no undo needs it any more (tests/engine/applying/test_pruning.py); here counts
which ones the server is told to have.
"""
NOT_THERE = {"feeds", "gateways", "first_rooms", "guests", "guest_page", "spam_lists"}
"""Proof steps that look at a site, program or room of the examples, which nobody has set up here."""
OF_ITS_OWN = [backend for backend in all_backends() if storage_answers(backend) == {"backend": backend}]
"""Storage that is set up with the server, and not somewhere else before."""


@dataclass(frozen=True, slots=True)
class Picture:
    """All of a server that features can add to."""

    files: Mapping[str, tuple[int, int, int, bytes]]
    """Path below the root: mode, owner, group and content."""
    containers: frozenset[str]
    listeners: frozenset[tuple[str, int]]
    records: tuple[str, ...]
    secrets: tuple[str, ...]
    """Those that the server is told to have."""
    certificates: frozenset[str]


def picture(server: Server) -> Picture:
    """Look at a server."""
    history = (*(server.state / part for part in HISTORY), server.settings / "secrets", server.root / "examples")
    paths = [path for path in server.root.rglob("*") if path.is_file() and path != server.file]
    known = [path for path in paths if not any(path.is_relative_to(part) for part in history)]
    wanted = target(server)
    return Picture(
        files={str(path.relative_to(server.root)): _facts(path) for path in known},
        containers=frozenset(name for item in server.containers() for name in item["Names"]),
        listeners=frozenset(listeners(server)),
        records=tuple(map(str, server.json("dns", "show")["records"])),
        secrets=tuple(secret.path for secret in wanted.secrets),
        certificates=frozenset(path.name for path in (server.state / "certificates" / "live").iterdir()),
    )


def _facts(path: Path) -> tuple[int, int, int, bytes]:
    facts = path.stat()
    return facts.st_mode, facts.st_uid, facts.st_gid, path.read_bytes()


def target(server: Server) -> Target:
    """Return what the last generation wanted."""
    last = max((server.state / "generations").iterdir(), key=lambda folder: int(folder.name))
    return from_json((last / "target.json").read_bytes())


def openings(server: Server) -> set[tuple[str, int]]:
    """Return where Prosody is to listen."""
    found = target(server).openings
    return {(o.address, o.port) for o in found if (o.container, o.protocol) == ("prosody", "tcp")}


def apply(server: Server, features: Mapping[str, Group], more: Mapping[str, Any] | None = None) -> None:
    """Apply the answers, with the files that they name."""
    folder = server.root / "examples"
    folder.mkdir(exist_ok=True)
    chosen = {name: staged(group, folder, server.domain) for name, group in features.items()}
    done = server.try_apply({"features": {"preset": "minimal", **chosen}, **(more or {})})
    assert done.returncode == 0, told(done)


def assert_well(server: Server) -> None:
    """See that the server is healthy, as it was told to be, and listens nowhere else."""
    assert server.status()["healthy"]
    assert server.nothing_to_do()
    assert listeners(server) == openings(server)


def wrong(server: Server) -> dict[str, Any]:
    """Return what the steps say that came out red though all is there that they look at."""
    found = proven(server)
    return {name: found[name]["text"] for name in red(found) - NOT_THERE}


def is_on_its_own(name: str) -> bool:
    """Say whether a feature works without another program that is asked before anything is changed."""
    feature = next(feature for feature in SWITCHES if feature.name == name)
    return not contribution(feature, example_answers(feature)).checks


@pytest.fixture(scope="module")
def bare(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Picture]]:
    """Give a server on which nothing is on that can be off, and how it looks."""
    assert image
    with Server(tmp_path_factory.mktemp("bare")) as server:
        apply(server, ALL_OFF)
        yield server, picture(server)


def test_all_switched_on_and_off_again_leaves_nothing(bare: tuple[Server, Picture]) -> None:
    server, before = bare
    apply(server, everything()["all"])
    assert_well(server)
    after = picture(server)
    assert all(
        len(getattr(after, part)) > len(getattr(before, part)) for part in ("files", "containers", "records", "secrets")
    )
    apply(server, ALL_OFF)
    assert_well(server)
    assert picture(server) == before


@pytest.mark.long
@pytest.mark.parametrize("name", [feature.name for feature in SWITCHES if is_on_its_own(feature.name)])
def test_alone_it_is_proven_and_switched_off_it_leaves_nothing(bare: tuple[Server, Picture], name: str) -> None:
    server, before = bare
    apply(server, alone(next(feature for feature in SWITCHES if feature.name == name)))
    assert_well(server)
    assert wrong(server) == {}
    apply(server, ALL_OFF)
    assert picture(server) == before


@pytest.mark.long
@pytest.mark.parametrize("backend", OF_ITS_OWN)
def test_all_together_is_proven_with_each_storage_and_level(make_server: Callable[[], Server], backend: str) -> None:
    server = make_server()
    for level in LEVELS:
        apply(server, everything()["all"], {"storage.backend": backend, "security.level": level})
        assert_well(server)
        assert wrong(server) == {}, level
