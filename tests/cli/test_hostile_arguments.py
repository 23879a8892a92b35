"""Whatever is typed behind whichever command: words and a status that is documented, never a bug report."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import Cli
from tests.cli.hostile import HOSTILE
from tests.tui.server import set_up

from xmpp_wizard.__main__ import main

COMMANDS = [
    "user add",
    "user passwd",
    "user invite",
    "user invite --days",
    "user invite --role",
    "user guests",
    "user delete --yes",
    "user list",
    "user newcomers admit",
    "user quarantine release",
    "storage",
    "storage discard --yes",
    "undo --to",
    "plan --answers",
    "plan --set",
    "apply --yes --no-proof --answers",
    "apply --yes --no-proof --set",
    "setup --plain --answers",
    "render",
    "export",
    "export xep0227",
    "export xep0227 /root/x.xml --only",
    "dns",
    "dns push --yes",
    "dns export --zone",
    "dns export --file",
    "cert import --yes",
    "cert import --yes /root/chain.pem",
    "cert account",
    "cert renew",
    "router relay",
    "web-server",
    "logs",
    "logs --lines",
    "prove",
    "answers template",
    "answers check",
    "answers check --set",
    "answers explain",
    "answers explain domain --answers",
    "answers explain domain --set",
    "--root",
    "--instance",
    "",
]
DOCUMENTED = {0, 2, 3, 4, 5, 6, 64}


@pytest.fixture
def house(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Give a server with people on it, and nobody who answers questions."""
    monkeypatch.chdir(tmp_path)
    set_up(cli.fakes)
    cli.type("", is_terminal=False)
    return cli


def words_for(command: str, value: str) -> list[str]:
    words = [*command.split(), value]
    # these two stand before a command
    return [*words, "status"] if command in ("--root", "--instance") else words


@pytest.mark.parametrize("command", COMMANDS)
def test_no_argument_is_a_bug(house: Cli, command: str) -> None:
    for name, value in HOSTILE.items():
        for words in (words_for(command, value), [*words_for(command, value), "--json"]):
            status = house.run(*words)
            said = house.out + house.err
            assert status in DOCUMENTED, (name, command, status, ascii(said[-600:]))
            assert "Traceback" not in said
            assert "\x1b[2J" not in said, "what was typed must not steer the terminal"


FILES = [
    "plan --answers",
    "apply --yes --answers",
    "answers check",
    "answers explain domain --answers",
    "render",
    "--instance",
]


@pytest.mark.parametrize("command", FILES)
def test_no_path_is_a_bug_on_a_real_disk(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in HOSTILE.items():
        if value in ("", " ", "--") and command == "--instance":
            continue
        status = main(["--root", str(tmp_path), *words_for(command, value)], is_root=True)
        said = "".join(capsys.readouterr())
        assert status in DOCUMENTED, (name, command, status, ascii(said[-600:]))
        assert "Traceback" not in said
