"""What every command has in common: help, version, usage errors, global options, root, and cheap imports."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

import pytest
from tests.cli.conftest import SOURCES, Cli, as_nobody, process, script

from xmpp_wizard.__main__ import VERSION, main
from xmpp_wizard.cli.commands import COMMANDS, OTHER_NAMES

PROJECT = Path(__file__).parents[2] / "pyproject.toml"


def test_the_version_is_the_project_s() -> None:
    assert tomllib.loads(PROJECT.read_text())["project"]["version"] == VERSION
    assert process("--version").stdout == f"xmpp-wizard {VERSION}\n"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["--root", "/x", "--instance", "y", "--version"], f"xmpp-wizard {VERSION}\n"),
        (["--root=/x", "--instance=y", "--version"], f"xmpp-wizard {VERSION}\n"),
        (["--json", "--version"], f'{{"version": "{VERSION}"}}\n'),
        (["--version", "--json"], f'{{"version": "{VERSION}"}}\n'),
    ],
)
def test_the_version_is_told_beside_other_options(cli: Cli, words: list[str], shown: str) -> None:
    assert cli.run(*words) == 0
    assert cli.out == shown


def test_what_looks_like_the_version_option_may_be_a_value(cli: Cli) -> None:
    assert cli.run("--root", "--version", "status") == 5
    assert cli.out == ""


def test_the_version_imports_nothing() -> None:
    code = (
        "import sys; before = set(sys.modules); from xmpp_wizard.__main__ import main; main(['--version']);"
        "print(sorted(set(sys.modules) - before), file=sys.stderr)"
    )
    assert script(code).stderr.strip() == "['xmpp_wizard', 'xmpp_wizard.__main__']"


def test_the_program_looks_through_its_memory_neither_often_nor_at_its_end() -> None:
    code = (
        "import gc, sys; from xmpp_wizard.__main__ import program; sys.argv[1:] = ['--help'];"
        "print(program(), gc.get_threshold()[0] > 5000, gc.get_freeze_count() > 0, file=sys.stderr)"
    )
    assert script(code).stderr.strip() == "0 True True"


def test_a_plan_imports_neither_clients_nor_screens(tmp_path: Path) -> None:
    answers = tmp_path / "answers.toml"
    answers.write_text('domain = "a.example"\n')
    plan = ["plan", "--root", str(tmp_path), "--answers", str(answers)]
    code = (
        f"import sys; from xmpp_wizard.__main__ import main; print(main({plan!r}, is_root=True));"
        "from tests.fakes import Fakes; from xmpp_wizard.effects.appliance import ShippedAppliance;"
        "fakes = Fakes(); fakes.appliance.texts = dict(ShippedAppliance().templates());"
        f"fakes.files.put({plan[-1]!r}, 'domain = \"a.example\"');"
        f"print(main({plan!r}, world=fakes.world, is_root=True));"
        "print(sorted({'textual', 'slixmpp', 'aiohttp'} & set(sys.modules)))"
    )
    root = str(Path(__file__).parents[2])
    environment = {"DOCKER_HOST": f"unix://{tmp_path}/none", "PYTHONPATH": f"{SOURCES}:{root}"}
    shown = script(code, environment=environment).stdout.splitlines()
    assert (shown[0], shown[-2], shown[-1]) == ("3", "2", "[]")


def test_the_overview_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert [name for name in COMMANDS if f"\n  {name} " not in shown] == []
    assert "examples" in shown
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help_with_examples(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main([name, "--help"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"usage: xmpp-wizard {name}")
    assert f"xmpp-wizard {name}" in shown.partition("xamples")[2]
    main(["help", name])
    assert capsys.readouterr().out == shown


def test_help_is_given_for_what_a_command_can_do_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", "user", "add"]) == 0
    assert capsys.readouterr().out.startswith("usage: xmpp-wizard user add ")
    assert main(["help", "prosodyctl", "about"]) == 0
    assert capsys.readouterr().out.startswith("usage: xmpp-wizard prosodyctl ")


def test_without_a_command_it_says_what_to_run() -> None:
    result = process()
    assert (result.returncode, result.stdout) == (64, "")
    assert len(result.stderr.splitlines()) == 5
    assert "xmpp-wizard apply --answers" in result.stderr


def test_without_a_command_on_a_terminal_without_a_screen_that_is_no_error(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    cli.type("")
    assert cli.run() == 0
    assert "sudo xmpp-wizard setup --plain" in cli.err


def test_the_wizard_is_for_root(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "linux")
    cli.type("")
    assert cli.run("--instance", "second", is_root=False) == 5
    assert "Run: sudo xmpp-wizard --instance second" in cli.err


@pytest.mark.parametrize(
    ("words", "what", "hint"),
    [
        (["aply"], "there is no command aply", "Did you mean: apply"),
        (["zzz"], "there is no command zzz", "xmpp-wizard --help"),
        (["--jsn", "plan"], "there is no option --jsn", "Did you mean: --json"),
        (["plan", "--dif"], "there is no --dif in: xmpp-wizard plan", "Did you mean: --diff"),
        (["apply", "--yse"], "there is no --yse in: xmpp-wizard apply", "Did you mean: --yes"),
        (["apply", "--ye"], "there is no --ye", "Did you mean: --yes"),
        (["user", "ad", "alice"], "there is no ad in: xmpp-wizard user", "Did you mean: add"),
        (["export", "helm"], "there is no helm in: xmpp-wizard export", "One of: compose"),
        (["user"], "one of these must follow: add, passwd, invite,", "xmpp-wizard user --help"),
        (["answers"], "one of these must follow: template, schema, check, explain", "xmpp-wizard answers --help"),
        (["export"], "one of these must follow: compose, grafana, prometheus,", "xmpp-wizard export --help"),
        (["render"], "DIR is missing", "xmpp-wizard render --help"),
        (["user", "add"], "ADDRESS is missing", "xmpp-wizard user add --help"),
        (["cert", "import"], "FILE is missing", "xmpp-wizard cert import --help"),
        (["logs", "-n", "-1"], "-n/--lines: '-1' is no whole number above 0", "xmpp-wizard logs --help"),
        (["undo", "--to", "x"], "--to: 'x' is no whole number above 0", "xmpp-wizard undo --help"),
        (["undo", "--to"], "--to needs a value", "xmpp-wizard undo --help"),
        (["undo", "--yes=no"], "--yes takes no value", "xmpp-wizard undo --help"),
        (
            ["apply", "--keep-edits", "--overwrite-edits"],
            "--keep-edits and --overwrite-edits contradict each other",
            "xmpp-wizard apply --help",
        ),
        (["status", "--root"], "--root needs a value", "--help"),
        (["status", "--root", ""], "--root needs a value", "--help"),
        (["--instance=", "uninstall", "--delete-data", "--yes"], "--instance needs a value", "--help"),
        (["apply", "--answers", "", "--yes"], "one of the arguments is empty", "xmpp-wizard apply --help"),
        (["export", "xep0227", "all.xml", "--only="], "one of the arguments is empty", "xmpp-wizard export --help"),
        (["user", "invite", "--mail", ""], "one of the arguments is empty", "xmpp-wizard user --help"),
        (["install"], "there is no command install", "Did you mean: setup"),
        (["remove"], "there is no command remove", "Did you mean: uninstall"),
        (["certificates"], "there is no command certificates", "Did you mean: cert"),
        (["adduser"], "there is no command adduser", "Did you mean: user add"),
        (["status", "--instance", "../x"], "'../x' cannot be the name of an instance", "second"),
        (["help", "stats"], "there is no command stats", "Did you mean: status"),
        (["help", "user", "ad"], "there is no ad in: xmpp-wizard user", "Did you mean: add"),
        (["status", "much"], "there is no much in: xmpp-wizard status", ""),
    ],
)
def test_usage_errors(cli: Cli, words: list[str], what: str, hint: str) -> None:
    assert cli.run(*words) == 64
    assert what in cli.err
    assert hint in cli.err
    assert cli.out == ""


def test_certificates_of_no_server_are_not_asked_for_answers_that_cannot_be_given(cli: Cli) -> None:
    assert cli.run("cert", "import", "chain.pem", "key.pem") == 5
    assert "xmpp-wizard apply --answers FILE" in cli.err
    assert cli.run("cert", "import", "--answers", "x", "chain.pem") == 64


@pytest.mark.parametrize("words", [["status", "--root", "/elsewhere"], ["--root=/elsewhere", "status"]])
def test_global_options_go_before_and_after_the_command(cli: Cli, words: list[str]) -> None:
    assert cli.json(*words)["error"]["code"] == "not-set-up"
    cli.fakes.files.put("/elsewhere/etc/xmpp-wizard/answers.toml", "domain = 3\n")
    plan = [("plan" if word == "status" else word) for word in words]
    assert cli.json(*plan)["error"]["code"] == "answers"


def test_an_instance_has_its_own_files(cli: Cli) -> None:
    cli.fakes.files.put("/etc/xmpp-wizard-second/answers.toml", 'domain = "a.example"\n')
    assert cli.run("plan", "--instance", "second") == 2
    assert "/etc/xmpp-wizard-second/prosody/prosody.cfg.lua" in cli.out


def test_errors_as_json(cli: Cli) -> None:
    found = cli.json("status")
    assert set(found) == {"error"}
    assert set(found["error"]) == {"code", "message", "hint"}
    assert found["error"]["code"] == "not-set-up"
    assert "there is no server set up here yet" in cli.err


def test_no_command_at_all_is_an_error_as_json_too(cli: Cli) -> None:
    assert cli.json() == {
        "error": {"code": "usage", "message": "there is no command", "hint": "All commands: xmpp-wizard --help"}
    }


def test_those_who_are_not_root_get_the_command_that_works(cli: Cli) -> None:
    assert cli.run("apply", "--answers", "my answers.toml", is_root=False) == 5
    assert "this needs root" in cli.err
    assert "sudo xmpp-wizard apply --answers 'my answers.toml'" in cli.err
    assert cli.json("status", is_root=False)["error"]["code"] == "not-root"


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"answers", "render", "export", "user", "cert", "dns"}))
def test_the_operating_system_says_who_is_root(name: str) -> None:
    result = process(name, **as_nobody())
    assert (result.returncode, result.stdout) == (5, "")
    assert f"sudo xmpp-wizard {name}" in result.stderr


def test_a_bug_is_told_as_one_and_kept_in_a_file(cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def broken() -> object:
        password = "eulav-terces-yrev"[::-1]
        raise RuntimeError(len(password))

    status = main(["status", "--json"], world=broken, is_root=True)  # type: ignore[arg-type]
    out, err = cli.capsys.readouterr()
    assert status == 70
    assert json.loads(out)["error"]["code"] == "bug"
    assert "Traceback" not in err
    [log] = tmp_path.iterdir()
    assert str(log) in err
    assert "RuntimeError: 17" in log.read_text()
    assert "very-secret-value" not in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


def test_ctrl_c_is_one_line(cli: Cli) -> None:
    def interrupted() -> object:
        raise KeyboardInterrupt

    assert main(["status"], world=interrupted, is_root=True) == 130  # type: ignore[arg-type]
    assert cli.capsys.readouterr().err.strip() == "xmpp-wizard: stopped by Ctrl-C"


PASSWD = "user passwd u --password-stdin"


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("--version >/dev/full", 3),
        ("--help >/dev/full", 3),
        ("--help >/dev/full 2>&1", 3),
        ("--help 2>/dev/full", 0),
        ("aply --json >/dev/full", 3),
        ("aply 2>/dev/full", 3),
        ("--version >&-", 0),
        ("--help >&-", 0),
        ("aply >&-", 64),
        ("aply 2>&-", 64),
        (f"--root /nowhere {PASSWD} <&-", 5),
        (f"--root /nowhere {PASSWD} <&- >&- 2>&-", 5),
    ],
)
def test_closed_and_full_streams_are_no_bug(command: str, status: int, tmp_path: Path) -> None:
    environment = {"TMPDIR": str(tmp_path), "DOCKER_HOST": f"unix://{tmp_path}/none"}
    line = f"exec {sys.executable} -m xmpp_wizard {command}"
    result = process(before=["sh", "-c", line, "sh"], environment=environment)
    assert (result.returncode, list(tmp_path.iterdir())) == (status, [])
    assert "Traceback" not in result.stderr
    assert "Exception ignored" not in result.stderr
    if ">/dev/full" in command and "2>" not in command:
        assert "no room is left" in result.stderr


def test_a_password_from_a_closed_input_is_an_empty_one(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.set_up()
    monkeypatch.setattr(sys, "stdin", None)
    assert cli.run(*PASSWD.split()) == 5
    assert "the password is too short" in cli.err
    sys.stdin.close()


def test_a_reader_who_leaves_early_is_no_error() -> None:
    code = (
        "import subprocess, sys\n"
        "a = subprocess.Popen([sys.executable, '-u', '-m', 'xmpp_wizard', '--help'], stdout=subprocess.PIPE,"
        " stderr=subprocess.PIPE)\n"
        "a.stdout.close()\n"
        "print(a.stderr.read().decode(), a.wait())\n"
    )
    assert script(code).stdout.split() == ["141"]


@pytest.mark.parametrize("sign", ["\x1b[2J", "\n", "\t", "\x7f", "\u202e", "\u2028", "\u200b"])
def test_a_root_with_signs_that_nobody_sees_is_refused(cli: Cli, sign: str) -> None:
    assert cli.run("--root", f"/srv/a{sign}b", "status") == 64
    assert sign not in cli.err.rstrip("\n").replace("\n", " ")
    assert cli.run("--root", "/srv/wohnung müller", "status") == 5


@pytest.mark.parametrize("meant", OTHER_NAMES.values())
def test_what_is_meant_by_another_name_can_be_typed(cli: Cli, meant: str) -> None:
    cli.set_up()
    words = meant.split() if meant.startswith("--") else [*meant.split(), "--help"]
    assert cli.run(*words) == 0
