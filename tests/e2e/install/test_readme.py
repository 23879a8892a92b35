"""The README's first lines, run as they stand: fetch a release, check it, unpack it, install."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.install.bare_host import ROOT
from tests.e2e.install.release import first_lines, served

pytestmark = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="needs a clone, not an unpacked archive")

ADDRESS = "127.0.33.7"


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """Serve a folder with a release; give the folder and its web address."""
    folder = tmp_path / "web"
    with served(folder, ADDRESS) as port:
        yield folder, f"http://{ADDRESS}:{port}"


def run(where: Path, address: str) -> subprocess.CompletedProcess[str]:
    """Run the README's lines as somebody pastes them, and only look what the last one would do."""
    lines, count = re.subn(r"^sudo (\./install\.sh .*)$", r"\1 --dry-run", first_lines(), flags=re.MULTILINE)
    assert count == 1
    where.mkdir()
    return subprocess.run(
        ["sh", "-e", "-c", lines],
        cwd=where,
        env={"PATH": "/usr/bin:/bin", "FROM": address, "HOME": str(where)},
        check=False,
        capture_output=True,
        text=True,
    )


def test_a_release_is_fetched_checked_unpacked_and_ready(web: tuple[Path, str], tmp_path: Path) -> None:
    ended = run(tmp_path / "home", web[1])
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ".tar.gz: OK\n" in ended.stdout
    assert "nothing is changed now" in ended.stdout
    assert "xmpp-wizard apply --answers examples/try-it.toml" in ended.stdout


def test_a_changed_archive_is_not_unpacked(web: tuple[Path, str], tmp_path: Path) -> None:
    (archive,) = web[0].glob("*.tar.gz")
    archive.write_bytes(archive.read_bytes()[:-1] + b"x")
    ended = run(tmp_path / "home", web[1])
    assert ended.returncode != 0
    assert "FAILED" in ended.stdout
    assert sorted(path.name for path in (tmp_path / "home").iterdir()) == [archive.name, f"{archive.name}.sha256"]


def test_a_missing_release_stops_everything(web: tuple[Path, str], tmp_path: Path) -> None:
    ended = run(tmp_path / "home", f"{web[1]}/elsewhere")
    assert ended.returncode != 0
    assert "404" in ended.stderr
    assert not list((tmp_path / "home").iterdir())
