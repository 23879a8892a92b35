"""The release archive: the same bytes each time, and all that a host needs in one folder."""

import subprocess
from pathlib import Path

import pytest
from tests.e2e.install.bare_host import ROOT

pytestmark = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="needs a clone, not an unpacked archive")


def make_release(folder: Path, umask: str = "022") -> Path:
    """Make a release of what is committed and return the archive."""
    command = f"umask {umask} && scripts/make-release HEAD {folder}"
    made = subprocess.run(["sh", "-c", command], cwd=ROOT, check=True, capture_output=True, text=True)
    return Path(made.stdout.strip())


def test_the_same_bytes_twice(tmp_path: Path) -> None:
    first = make_release(tmp_path / "one")
    second = make_release(tmp_path / "two", umask="077")
    assert first.name == second.name
    assert first.read_bytes() == second.read_bytes()


def test_the_checksum_is_checked_as_the_readme_says(tmp_path: Path) -> None:
    archive = make_release(tmp_path)
    checksum = archive.with_name(archive.name + ".sha256")
    subprocess.run(["sha256sum", "-c", checksum.name], cwd=tmp_path, check=True)
    archive.write_bytes(archive.read_bytes() + b"x")
    assert subprocess.run(["sha256sum", "-c", checksum.name], cwd=tmp_path, check=False).returncode != 0


def test_one_folder_with_everything(tmp_path: Path) -> None:
    archive = make_release(tmp_path / "dist")
    subprocess.run(["tar", "-xzf", archive], cwd=tmp_path, check=True)
    folder = tmp_path / archive.name.removesuffix(".tar.gz")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dist", folder.name]
    tracked = subprocess.run(["git", "ls-tree", "-r", "--name-only", "HEAD"], cwd=ROOT, check=True, capture_output=True)
    for path in tracked.stdout.decode().split():
        assert (folder / path).is_symlink() or (folder / path).is_file()
    subprocess.run(["./install.sh", "--help"], cwd=folder, check=True)
