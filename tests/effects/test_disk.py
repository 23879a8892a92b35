"""What only a real disk can show: full, read-only, foreign, cut off."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from xmpp_wizard.core.errors import DiskError
from xmpp_wizard.effects.disk import DiskFiles

ME = (os.geteuid(), os.getegid())


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let writes beyond ``size`` bytes fail, as on a full disk."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_write_that_fails_half_way_keeps_the_old_file_and_leaves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"old")
    with largest_file(1000), pytest.raises(DiskError, match="File too large"):
        DiskFiles().write(str(file), b"x" * 5000, 0o644, ME)
    assert file.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_told_with_what_to_do() -> None:
    with pytest.raises(DiskError, match="No space left on device") as caught:
        DiskFiles().append("/dev/full", "line")
    assert "df -h" in str(caught.value.hint)


def test_a_read_only_disk_is_told() -> None:
    if not os.access("/proc/version", os.R_OK):
        pytest.skip("needs /proc")
    with pytest.raises(DiskError) as caught:
        DiskFiles().make_folder("/proc/none", 0o755, ME)
    assert "/proc/none" in str(caught.value)


def test_the_leftover_of_a_cut_off_write_is_not_listed_and_is_replaced(tmp_path: Path) -> None:
    (tmp_path / ".a.xmpp-wizard-new").write_bytes(b"half")
    files = DiskFiles()
    assert files.names(str(tmp_path)) == []
    files.write(f"{tmp_path}/a", b"whole", 0o644, ME)
    files.link(f"{tmp_path}/b", "a")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_a_link_planted_at_the_temporary_name_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"kept")
    (tmp_path / ".a.xmpp-wizard-new").symlink_to(victim)
    DiskFiles().write(f"{tmp_path}/a", b"new", 0o644, ME)
    assert victim.read_bytes() == b"kept"
    assert (tmp_path / "a").read_bytes() == b"new"


def test_our_own_link_to_another_disk_is_followed(tmp_path: Path) -> None:
    (tmp_path / "big-disk").mkdir()
    (tmp_path / "state").symlink_to("big-disk")
    DiskFiles().make_folder(f"{tmp_path}/state", 0o700, ME)
    assert (tmp_path / "big-disk").stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to make a file somebody else's")
def test_somebody_elses_link_to_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "victim").mkdir(mode=0o755)
    (tmp_path / "planted").symlink_to("victim")
    os.lchown(tmp_path / "planted", 5222, 5222)
    with pytest.raises(DiskError, match="cannot make the folder"):
        DiskFiles().make_folder(f"{tmp_path}/planted", 0o700, ME)
    assert (tmp_path / "victim").stat().st_mode & 0o777 == 0o755


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to make a file somebody else's")
def test_nothing_is_changed_behind_somebody_elses_link(tmp_path: Path) -> None:
    """A web server may turn its folder into a link to where only root may write."""
    kept, webroot = tmp_path / "sudoers.d", tmp_path / "html"
    for folder in (kept, webroot):
        folder.mkdir()
    (kept / "rules").write_text("kept")
    (webroot / "challenges").symlink_to(kept)
    os.lchown(webroot / "challenges", 33, 33)
    files, planted = DiskFiles(), f"{webroot}/challenges"
    attempts: list[Callable[[], object]] = [
        lambda: files.write(f"{planted}/token", b"proof", 0o644, ME),
        lambda: files.append(f"{planted}/rules", "line"),
        lambda: files.make_folder(f"{planted}/token/deep", 0o755, ME),
        lambda: files.link(f"{planted}/token", "elsewhere"),
        lambda: files.remove(f"{planted}/rules"),
    ]
    for attempt in attempts:
        with pytest.raises(DiskError, match="symbolic links") as caught:
            attempt()
        assert str(caught.value.hint) == f"Somebody put a link there. Look at it (ls -l {planted}) and remove it."
    assert [(path.name, path.read_text()) for path in kept.iterdir()] == [("rules", "kept")]


def test_links_of_our_own_are_followed_all_the_way(tmp_path: Path) -> None:
    (tmp_path / "disk/deep").mkdir(parents=True)
    (tmp_path / "moved").symlink_to(tmp_path / "disk")
    (tmp_path / "again").symlink_to("disk/../moved/deep")
    DiskFiles().write(f"{tmp_path}/again/a", b"a", 0o644, ME)
    assert (tmp_path / "disk/deep/a").read_bytes() == b"a"
    (tmp_path / "round").symlink_to("round")
    with pytest.raises(DiskError, match="symbolic links"):
        DiskFiles().write(f"{tmp_path}/round/a", b"a", 0o644, ME)
    handles = len(list(Path("/proc/self/fd").iterdir()))
    DiskFiles().write(f"{tmp_path}/again/a", b"b", 0o644, ME)
    assert len(list(Path("/proc/self/fd").iterdir())) == handles


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give files away")
def test_owners_are_set_before_anybody_can_see_the_file(tmp_path: Path) -> None:
    DiskFiles().write(f"{tmp_path}/secret", b"s", 0o640, (0, 5222))
    found = DiskFiles().stat(f"{tmp_path}/secret")
    assert found is not None
    assert (found.mode, found.owner) == (0o640, (0, 5222))


def test_a_link_that_leads_nowhere_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("none")
    assert DiskFiles().read(f"{tmp_path}/a") is None
    assert DiskFiles().stat(f"{tmp_path}/a") is None


def test_what_may_never_end_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for path in (str(tmp_path / "pipe"), str(tmp_path / "link"), "/dev/zero"):
        with pytest.raises(DiskError, match="no plain file") as caught:
            DiskFiles().read(path, 10)
        assert "Save what it gives to a file" in str(caught.value.hint)
        with pytest.raises(DiskError, match="no plain file"):
            DiskFiles().stat(path)


def test_a_file_of_the_kernel_is_a_file() -> None:
    assert DiskFiles().read("/proc/self/comm", 3) == Path("/proc/self/comm").read_bytes()[:3]
