"""render and export: files for those who want to see or to leave; no root, no engine, nothing touched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.cli.conftest import Cli, as_nobody, process


@pytest.fixture
def answers() -> Iterator[Path]:
    """Return an answer file in a folder that everybody may write to; pytest's own are closed."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        path = Path(folder) / "answers.toml"
        path.write_text('domain = "family.example"\n')
        yield path


def test_nobody_can_render(answers: Path) -> None:
    out = answers.parent / "out"
    environment = {"DOCKER_HOST": "unix:///nowhere"}
    result = process("render", str(out), "--answers", str(answers), environment=environment, **as_nobody())
    assert result.returncode == 0, result.stderr
    written = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
    assert written == [
        "etc/xmpp-wizard/answers.toml",
        "etc/xmpp-wizard/prosody/prosody.cfg.lua",
        "etc/xmpp-wizard/turn/turnserver.conf",
    ]
    assert sorted(result.stdout.split()) == [str(out / name) for name in written]
    assert 'VirtualHost "family.example"' in (out / written[1]).read_text()
    again = process("render", str(out), "--answers", str(answers), **as_nobody())
    assert again.returncode == 5
    assert "is not empty" in " ".join(again.stderr.split())


def test_it_says_how_much_is_where_and_nothing_in_the_path_steers_the_terminal(answers: Path) -> None:
    out = answers.parent / "out\x1b[2J\x1b]0;owned\x07"
    result = process("render", str(out), "--answers", str(answers))
    assert result.returncode == 0, result.stderr
    assert result.stderr.startswith("done  3 files are below ")
    assert "\x1b" not in result.stdout + result.stderr
    assert len(result.stdout.splitlines()) == 3
    named = json.loads(process("render", str(out), "--answers", str(answers), "--json").stdout)
    assert named["error"]["code"] == "needs-person"


def test_nobody_can_export(answers: Path) -> None:
    result = process("export", "compose", "--answers", str(answers), "--instance", "second", **as_nobody())
    assert result.returncode == 0, result.stderr
    assert 'name: "xmpp-wizard-second"' in result.stdout
    assert 'source: "/etc/xmpp-wizard-second/prosody"' in result.stdout


def test_a_folder_that_cannot_be_written(answers: Path) -> None:
    result = process("render", "/proc/out", "--answers", str(answers), **as_nobody())
    assert result.returncode == 3
    assert "cannot write below /proc/out" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_file_in_the_place_of_the_folder(answers: Path) -> None:
    assert process("render", str(answers), "--answers", str(answers)).returncode == 5
    assert answers.read_text() == 'domain = "family.example"\n'


def test_wrong_answers_write_nothing(answers: Path) -> None:
    answers.write_text('domain = "https://family.example"\n')
    result = process("render", str(answers.parent / "out"), "--answers", str(answers), "--json")
    assert result.returncode == 4
    assert '"code": "answers"' in result.stdout
    assert not (answers.parent / "out").exists()


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"domain = ", b"\xff\xfe", b'domain = "a.example"\nx = 1\n'])
def test_bad_files_are_answers_errors(answers: Path, content: bytes) -> None:
    answers.write_bytes(content)
    result = process("render", str(answers.parent / "out"), "--answers", str(answers))
    assert result.returncode == 4
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("command", [("render", "out"), ("answers", "check")])
def test_a_file_without_an_end_is_refused(command: tuple[str, str]) -> None:
    named = ["--answers", "/dev/zero"] if command[0] == "render" else ["/dev/zero"]
    # with room for the program, not for what it must not read
    result = process(*command, *named, before=["prlimit", f"--as={2 * 1024**3}"])
    assert result.returncode == 3
    assert "cannot read /dev/zero: it is no plain file" in result.stderr


def test_the_server_s_own_answers_and_facts_are_used(cli: Cli, tmp_path: Path) -> None:
    cli.set_up('domain = "a.example"\n[security]\nlevel = "compatible"\n')
    assert cli.run("render", str(tmp_path / "out"), "--set", "security.level=recommended") == 0
    text = (tmp_path / "out/etc/xmpp-wizard/prosody/prosody.cfg.lua").read_text()
    assert 'password_hash = "SHA-1"' in text
    assert cli.run("export", "compose") == 0
    text = cli.out
    assert cli.json("export", "compose") == {"compose": text}
    assert cli.out.count("container_name:") == 2
    assert cli.run("render", str(tmp_path / "other"), is_root=False) == 5


def test_names_that_the_terminal_cannot_show_are_no_error(answers: Path) -> None:
    answers.write_text('domain = "bücher.example"\n')
    environment = {"PYTHONIOENCODING": "ascii"}
    result = process("export", "compose", "--answers", str(answers), environment=environment)
    assert (result.returncode, result.stderr) == (0, "")
    assert "b\\xfccher.example" in result.stdout
