"""Whatever :class:`Files` is behind the engine behaves like this."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from tests.fakes import FakeFiles

from xmpp_wizard.core.errors import DiskError
from xmpp_wizard.core.ports import Files
from xmpp_wizard.effects.disk import DiskFiles

ME = (os.geteuid(), os.getegid())


@pytest.fixture(params=[FakeFiles, DiskFiles])
def files(request: pytest.FixtureRequest) -> Files:
    made: Callable[[], Files] = request.param
    return made()


@pytest.fixture
def folder(files: Files, tmp_path: Path) -> str:
    files.make_folder(f"{tmp_path}/etc", 0o750, ME)
    return f"{tmp_path}/etc"


def test_what_was_written_is_read(files: Files, folder: str) -> None:
    files.write(f"{folder}/a", b"one", 0o640, ME)
    files.write(f"{folder}/a", b"two\n", 0o600, ME)
    assert files.read(f"{folder}/a") == b"two\n"
    found = files.stat(f"{folder}/a")
    assert found is not None
    assert (found.sha256, found.mode, found.owner, found.is_folder) == (
        sha256(b"two\n").hexdigest(),
        0o600,
        ME,
        False,
    )


def test_nothing_is_nothing(files: Files, folder: str) -> None:
    assert files.read(f"{folder}/none") is None
    assert files.stat(f"{folder}/none") is None
    assert files.link_target(f"{folder}/none") is None
    assert files.names(f"{folder}/none") == []
    files.remove(f"{folder}/none")


def test_a_missing_folder_is_an_error_not_made(files: Files, folder: str) -> None:
    with pytest.raises(DiskError, match="cannot write"):
        files.write(f"{folder}/none/a", b"", 0o644, ME)
    with pytest.raises(DiskError):
        files.append(f"{folder}/none/a", "line")
    assert files.names(folder) == []


def test_only_the_beginning_is_read_if_no_more_is_wanted(files: Files, folder: str) -> None:
    files.write(f"{folder}/a", b"0123456789", 0o644, ME)
    assert files.read(f"{folder}/a", 4) == b"0123"
    assert files.read(f"{folder}/a", 10) == files.read(f"{folder}/a", 11) == b"0123456789"
    assert files.read(f"{folder}/none", 4) is None


def test_folders_get_mode_owner_and_parents(files: Files, folder: str) -> None:
    files.make_folder(f"{folder}/b/c", 0o700, ME)
    files.make_folder(f"{folder}/b/c", 0o750, ME)
    deep, parent = files.stat(f"{folder}/b/c"), files.stat(f"{folder}/b")
    assert deep is not None
    assert parent is not None
    assert (deep.mode, deep.is_folder, deep.sha256) == (0o750, True, "")
    assert parent.mode == 0o755


def test_a_folder_in_place_of_a_file_is_refused(files: Files, folder: str) -> None:
    files.make_folder(f"{folder}/a", 0o755, ME)
    attempts: list[Callable[[], object]] = [
        lambda: files.write(f"{folder}/a", b"", 0o644, ME),
        lambda: files.link(f"{folder}/a", "elsewhere"),
        lambda: files.read(f"{folder}/a"),
    ]
    for attempt in attempts:
        with pytest.raises(DiskError):
            attempt()
    assert files.names(folder) == ["a"]


def test_a_file_in_place_of_a_folder_is_refused(files: Files, folder: str) -> None:
    files.write(f"{folder}/a", b"kept", 0o644, ME)
    with pytest.raises(DiskError, match="cannot make the folder"):
        files.make_folder(f"{folder}/a", 0o755, ME)
    assert files.read(f"{folder}/a") == b"kept"


def test_names_are_sorted(files: Files, folder: str) -> None:
    for name in ("b", "a", "10", "9"):
        files.write(f"{folder}/{name}", b"", 0o644, ME)
    files.make_folder(f"{folder}/c/inner", 0o755, ME)
    assert files.names(folder) == ["10", "9", "a", "b", "c"]


def test_lines_are_added(files: Files, folder: str) -> None:
    files.append(f"{folder}/journal", "one")
    files.append(f"{folder}/journal", "zwei ü")
    found = files.stat(f"{folder}/journal")
    assert files.read(f"{folder}/journal") == "one\nzwei ü\n".encode()
    assert found is not None
    assert found.mode == 0o600


def test_a_link_is_swapped_and_followed(files: Files, folder: str) -> None:
    for generation in ("1", "2"):
        files.make_folder(f"{folder}/generations/{generation}", 0o755, ME)
        files.write(f"{folder}/generations/{generation}/a", generation.encode(), 0o644, ME)
        files.link(f"{folder}/live", f"generations/{generation}")
    assert files.link_target(f"{folder}/live") == "generations/2"
    assert files.link_target(f"{folder}/generations") is None
    assert files.read(f"{folder}/live/a") == b"2"
    assert files.names(f"{folder}/live") == ["a"]
    assert files.names(folder) == ["generations", "live"]


def test_removing_a_link_leaves_what_it_leads_to(files: Files, folder: str) -> None:
    files.make_folder(f"{folder}/real", 0o755, ME)
    files.write(f"{folder}/real/a", b"kept", 0o644, ME)
    files.link(f"{folder}/live", "real")
    files.remove(f"{folder}/live")
    assert files.names(folder) == ["real"]
    files.remove(f"{folder}/real")
    assert files.names(folder) == []


def test_a_planted_link_is_replaced_never_followed(files: Files, folder: str) -> None:
    files.write(f"{folder}/victim", b"kept", 0o644, ME)
    files.link(f"{folder}/ours", "victim")
    with pytest.raises(DiskError):
        files.append(f"{folder}/ours", "line")
    files.write(f"{folder}/ours", b"new", 0o644, ME)
    assert files.read(f"{folder}/victim") == b"kept"
    assert files.read(f"{folder}/ours") == b"new"
    assert files.link_target(f"{folder}/ours") is None


def test_there_is_room_also_where_nothing_is_yet(files: Files, folder: str) -> None:
    assert files.free_bytes(f"{folder}/none/at/all") > 0


def test_what_a_folder_holds_is_added_up(files: Files, folder: str) -> None:
    assert files.used_bytes(f"{folder}/none") == 0
    assert files.used_bytes(folder) == 0
    files.make_folder(f"{folder}/below", 0o755, ME)
    files.write(f"{folder}/below/a", b"x" * 100_000, 0o644, ME)
    files.write(f"{folder}/b", b"y" * 50_000, 0o644, ME)
    files.link(f"{folder}/link", "below/a")
    assert 150_000 <= files.used_bytes(folder) < 200_000


def test_a_copy_takes_no_place_and_follows_no_link(files: Files, folder: str) -> None:
    content = b"x" * 3_000_000
    files.write(f"{folder}/a", content, 0o644, ME)
    files.copy(f"{folder}/a", f"{folder}/b", 0o600, ME)
    found = files.stat(f"{folder}/b")
    assert found is not None
    assert (files.read(f"{folder}/b"), found.mode, found.owner) == (content, 0o600, ME)
    files.link(f"{folder}/link", "a")
    for source, path in (("a", "b"), ("a", "link"), ("link", "c"), ("none", "c"), ("a", "no/folder")):
        with pytest.raises(DiskError):
            files.copy(f"{folder}/{source}", f"{folder}/{path}", 0o600, ME)
    assert files.read(f"{folder}/b") == content
    assert files.names(folder) == ["a", "b", "link"]
