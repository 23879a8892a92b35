"""``xmpp-wizard answers`` as it is called: data on stdout, words on stderr, a status for scripts."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Cli

from xmpp_wizard.__main__ import main
from xmpp_wizard.core.answers.fields import questions

DAYS = "features.group_chat.history_days"


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    path = tmp_path / "answers.toml"
    path.write_text('domain = "a.example"\n[features.group_chat]\nhistory_days = 3\n')
    return path


def test_the_template_can_be_checked_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["answers", "template", "Home.lan"]) == 0
    path = tmp_path / "answers.toml"
    path.write_text(capsys.readouterr().out)
    assert 'domain = "home.lan"' in path.read_text()
    assert main(["answers", "check", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: fine; it describes the server home.lan\n"


def test_a_template_for_no_domain_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["answers", "template", "gmail.com"]) == 4
    assert "mail provider" in capsys.readouterr().err


def test_the_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["answers", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["required"] == ["domain"]


def test_all_that_is_wrong_is_said_and_nothing_is_on_stdout(
    answers: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XMPP_WIZARD__TITLE", "x" * 61)
    answers.write_text('domain = "a b"\nadmns = []\n')
    assert main(["answers", "check", str(answers), "--set", "security.level=lax"]) == 4
    captured = capsys.readouterr()
    assert captured.out == ""
    for words in (f"{answers}:1:", f"{answers}:2:", "did you mean admins?", "XMPP_WIZARD__TITLE:", "--set"):
        assert words in captured.err


def test_what_is_wrong_as_json(answers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers.write_text('domain = "a.example"\nadmns = []\n')
    assert main(["answers", "check", str(answers), "--json"]) == 4
    found = json.loads(capsys.readouterr().out)
    assert found["valid"] is False
    assert found["problems"][0]["where"] == f"{answers}:2"
    assert found["problems"][0]["key"] == "admns"


def test_what_is_right_as_json(answers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["answers", "check", str(answers), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"file": str(answers), "valid": True, "problems": []}


def test_a_contradiction_between_features_is_found(answers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    option = "features.group_chat.host=a.example"
    assert main(["answers", "check", str(answers), "--json", "--set", option]) == 4
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert "a.example" in problem["text"]


def test_stdin_is_a_file_too(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'domain = "x"')))
    assert main(["answers", "check", "-"]) == 4
    assert "stdin:1: domain:" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "words"), [("none.toml", "there is no file"), (".", "directory")])
def test_what_cannot_be_read_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, words: str) -> None:
    assert main(["answers", "check", str(tmp_path / name)]) in {3, 4}
    assert words in capsys.readouterr().err


def test_a_key_is_explained_with_its_value_and_where_it_is_from(
    answers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["answers", "explain", DAYS, "--answers", str(answers)]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{DAYS}: ")
    assert f"3, from {answers}:3" in out
    assert main(["answers", "explain", DAYS, "--answers", str(answers), "--set", f"{DAYS}=4", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["value"], found["from"]) == (4, f"--set {DAYS}")
    assert found["variable"] == "XMPP_WIZARD__FEATURES__GROUP_CHAT__HISTORY_DAYS"


def test_an_unknown_key_has_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["answers", "explain", "domian"]) == 4
    assert "did you mean domain?" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["chek"], ["check", "a", "b"], ["explain", "a", "b"]])
def test_a_wrong_command_line_is_a_usage_error(words: list[str]) -> None:
    assert main(["answers", *words]) == 64


def test_every_action_has_help_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    for action in ("template", "schema", "check", "explain"):
        assert main(["answers", action, "--help"]) == 0
        assert f"xmpp-wizard answers {action}" in capsys.readouterr().out.partition("examples:")[2]


def test_all_keys_are_listed(cli: Cli) -> None:
    assert cli.run("answers", "explain") == 0
    assert "features.group_chat.history_days  " in cli.out
    assert len(cli.out.splitlines()) == sum(1 for question in questions().values() if not question.group)
    assert cli.run("answers", "explain", "--json") == 0
    assert json.loads(cli.out)["domain"] == "Domain"
