"""The commands that look, and those that pass things through: status, generations, logs, ca, cert, prosodyctl."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.cli.conftest import Cli

from xmpp_wizard.core.containers import CommandResult

NAME = "xmpp-wizard-prosody"


@pytest.mark.parametrize(
    "command",
    [
        "status",
        "generations",
        "logs",
        "ca",
        "cert status",
        "cert renew",
        "prosodyctl about",
        "console",
        "prove",
        "user list",
        "undo",
        "uninstall",
        "export compose",
        "render /x",
    ],
)
def test_without_a_server_each_says_so(cli: Cli, command: str) -> None:
    assert cli.run(*command.split()) == 5
    assert cli.out == ""
    assert len(cli.err.splitlines()) >= 1
    assert "bug" not in cli.err


def test_status_of_a_server_that_is_well(cli: Cli) -> None:
    cli.set_up()
    assert cli.run("status") == 0
    assert cli.out.startswith("a.example: well\n")
    assert f"ok    Container {NAME}" in cli.out
    assert "820 days left" in cli.out or "819 days left" in cli.out
    assert max(map(len, cli.out.splitlines())) <= 80


def test_status_tells_who_is_here_while_the_server_counts(cli: Cli) -> None:
    cli.set_up()
    now = int(cli.fakes.clock.timestamp())
    content = f'{{"at":{now},"people":3,"devices":5,"servers":2,"half_hours":[]}}'
    cli.fakes.files.put("/var/lib/xmpp-wizard/data/prosody/head_count.json", content)
    cli.run("status")
    assert "People    3 here now, 5 devices; linked to 2 other servers" in cli.out
    cli.fakes.clock.sleep(3600)
    cli.run("status")
    assert "here now" not in cli.out


def test_status_of_a_server_in_trouble(cli: Cli) -> None:
    cli.set_up()
    cli.fakes.containers.containers[NAME].is_running = False
    assert cli.run("status") == 3
    assert f"!               {NAME} is stopped" in cli.out
    assert f"FAIL  Container {NAME}" in cli.out


def test_status_lists_a_certificate_that_is_missing(cli: Cli) -> None:
    cli.set_up()
    cli.fakes.files.remove("/var/lib/xmpp-wizard/certificates/live")
    assert cli.run("status") == 3
    assert "FAIL  Cert      a.example  missing" in cli.out
    assert cli.json("status")["missing_certificates"] == ["a.example", "turn.a.example"]


def test_status_as_json_has_what_scripts_need(cli: Cli) -> None:
    cli.set_up()
    found = cli.json("status")
    assert {"domain", "addresses", "ports", "certificates", "containers", "generation", "healthy"} <= set(found)
    assert (found["domain"], found["healthy"], found["problems"], found["generation"]) == ("a.example", True, [], 1)
    assert found["last_apply"]["state"] == "good"
    assert found["containers"][0]["state"] == "running"
    assert found["certificates"][0]["not_after"].startswith("2028-")
    cli.fakes.containers.containers.clear()
    found = cli.json("status")
    assert (found["healthy"], found["containers"][0]["state"]) == (False, "missing")
    assert all(isinstance(problem, str) for problem in found["problems"])


def test_generations_mark_the_present_one(cli: Cli) -> None:
    cli.set_up()
    cli.run("apply", "--yes", "--no-proof", "--set", "security.level=strict")
    assert cli.run("generations") == 0
    first, second = (line for line in cli.out.splitlines() if line[:1] in "* " and line[4:5].isdigit())
    assert first.startswith("    1  2026-01-01 ")
    assert second.startswith("*   2  2026-01-01 ")
    assert cli.out.splitlines()[-1].strip() == 'security.level="strict"'
    found = cli.json("generations")
    assert (found["present"], [item["number"] for item in found["generations"]]) == (2, [1, 2])


def test_generations_whose_answers_are_lost_are_listed_without_them(cli: Cli) -> None:
    cli.set_up()
    cli.run("apply", "--yes", "--no-proof", "--set", "security.level=strict")
    cli.fakes.files.remove("/var/lib/xmpp-wizard/generations/1/answers.toml")
    cli.fakes.files.put("/var/lib/xmpp-wizard/generations/2/answers.toml", "no [toml")
    assert cli.run("generations") == 0
    assert "*   2  2026-01-01 " in cli.out


def test_logs(cli: Cli) -> None:
    cli.set_up()
    cli.fakes.containers.log_lines[NAME] = [f"line {number}" for number in range(200)]
    assert cli.run("logs", "-n", "2") == 0
    assert cli.out == "line 198\nline 199\n"
    assert cli.json("logs", "-n", "1") == {"container": "prosody", "line": "line 199"}
    assert cli.run("logs", "turn") == 0
    assert cli.run("logs", NAME, "-n", "1") == 0, "the name that status and the engine show"
    assert cli.out == "line 199\n"
    assert cli.run("logs", "nobody") == 5
    assert "There is: prosody, turn" in cli.err


@pytest.mark.parametrize("command", ["prosodyctl about", "console", "user list", "user newcomers", "user quarantine"])
@pytest.mark.parametrize("trouble", ["stopped", "missing"])
def test_a_server_that_does_not_run_is_told_alike_everywhere(cli: Cli, command: str, trouble: str) -> None:
    cli.set_up()
    if trouble == "missing":
        cli.fakes.containers.containers.clear()
    else:
        cli.fakes.containers.containers[NAME].is_running = False
    assert cli.run(*command.split()) == 3
    assert cli.err.splitlines()[-2:] == [
        "xmpp-wizard: the server is not running",
        "  Start it: xmpp-wizard apply",
    ]


def test_a_proof_of_a_server_that_does_not_run_says_so(cli: Cli) -> None:
    cli.set_up()
    cli.fakes.containers.containers[NAME].is_running = False
    assert cli.run("prove") == 3
    assert "the server is not running" in cli.out
    assert "Do: Start it: xmpp-wizard apply" in cli.out


def test_the_log_of_a_container_that_is_gone(cli: Cli) -> None:
    cli.set_up('domain = "a.example"\n[features]\npreset = "family"\n')
    cli.fakes.containers.containers.clear()
    assert cli.run("logs") == 3
    assert "the server is not running" in cli.err
    assert cli.run("logs", "turn") == 3
    assert cli.err == "xmpp-wizard: turn is not running\n  Start it: xmpp-wizard apply\n"


def test_what_is_stopped_is_not_called_healthy(cli: Cli) -> None:
    cli.set_up()
    cli.fakes.containers.containers[NAME].is_running = False
    cli.fakes.containers.health[NAME] = "healthy"
    cli.run("status")
    (line,) = (line for line in cli.out.splitlines() if f"Container {NAME} " in line)
    assert "stopped, xmpp-wizard/prosody:" in line


def test_the_root_certificate(cli: Cli) -> None:
    cli.set_up()
    pem = cli.fakes.files.nodes["/etc/xmpp-wizard/secrets/authority/root.crt"].content.decode()
    assert cli.run("ca") == 0
    assert cli.out == pem
    assert cli.json("ca") == {"pem": pem}
    assert "PRIVATE KEY" not in cli.out
    assert cli.run("ca", "--der") == 0
    assert "BEGIN" not in cli.out
    assert cli.out.startswith("{")  # what the fake has for a certificate's inside


@pytest.mark.parametrize("content", [b"", b"rubbish", b"\x7fELF\xfc\x00"])
@pytest.mark.parametrize("options", [(), ("--der",), ("--json",)])
def test_a_damaged_root_certificate_is_named_and_not_handed_out(
    cli: Cli, content: bytes, options: tuple[str, ...]
) -> None:
    cli.set_up()
    path = "/etc/xmpp-wizard/secrets/authority/root.crt"
    cli.fakes.files.put(path, content, 0o644)
    assert cli.run("ca", *options) == 5
    assert (f"{path}: this is no certificate" if content else "no certificate authority") in cli.err
    assert "pem" not in cli.out
    assert bool(cli.out) == (options == ("--json",))


@pytest.mark.parametrize("command", ["generations", "cert status", "user list", "undo --yes", "status"])
def test_a_damaged_copy_of_the_answers_stops_nothing(cli: Cli, command: str) -> None:
    cli.set_up()
    assert cli.run("apply", "--set", "features.group_chat.history_days=40", "--yes", "--no-proof") == 0
    for number in (1, 2):
        cli.fakes.files.put(f"/var/lib/xmpp-wizard/generations/{number}/answers.toml", b"\x7fELF\xfc\x00", 0o600)
    assert cli.run(*command.split()) in (0, 3), cli.err
    assert "bug" not in cli.err


def test_certificates(cli: Cli) -> None:
    cli.set_up()
    assert cli.run("cert", "status") == 0
    assert cli.out.startswith("a.example: ")
    assert "(this machine)" in cli.out
    assert cli.run("cert", "renew", "--yes") == 0
    assert "Nothing to do" in cli.err
    before = cli.json("cert", "status")["certificates"][0]["serial"]
    assert cli.run("cert", "renew", "--force", "--yes", "--no-proof") == 0
    assert cli.json("cert", "status")["certificates"][0]["serial"] != before


def test_scripts_get_all_that_people_get(cli: Cli) -> None:
    cli.set_up()
    found = cli.json("cert", "status")
    item, _ = found["certificates"]
    assert cli.run("cert", "status") == 0
    for said in (item["name"], f"{item['days_left']} days left", item["renewal_at"][:10], item["serial"]):
        assert said in cli.out
    assert (found["source"], item["is_local"], found["troubles"], found["files"]) == ("local", True, [], [])
    assert found["limits"] is None


def test_files_that_are_gone_are_told(cli: Cli) -> None:
    fakes = cli.fakes
    root = fakes.authority.new_authority("somebody", fakes.clock.now())
    files = fakes.authority.issue(root, ["a.example", "*.a.example"], fakes.clock.now())
    fakes.files.put("/ssl/chain.pem", files.chain)
    fakes.files.put("/ssl/key.pem", files.key)
    cli.set_up()
    assert cli.run("cert", "import", "/ssl/chain.pem", "/ssl/key.pem", "--yes", "--no-proof") == 0
    assert cli.json("cert", "status")["files"] == []
    fakes.files.remove("/ssl/key.pem")
    (trouble,) = cli.json("cert", "status")["files"]
    assert trouble["text"] == "/ssl/key.pem (certificates.files) cannot be read"
    assert cli.run("cert", "status") == 0
    assert trouble["text"] in " ".join(cli.out.split())
    assert trouble["hint"] in " ".join(cli.out.split())


def test_a_store_that_is_not_there_is_no_file_and_is_told_once(cli: Cli) -> None:
    cli.set_up()
    assert cli.run("cert", "import", "/nowhere/live", "--yes", "--no-proof") == 5
    said = " ".join(cli.err.split())
    assert "/nowhere/live (certificates.store) cannot be read" in said
    assert "It must be certbot's live folder" in said
    assert "must be a file" not in said
    assert "none of your certificate files" not in said


def test_a_store_without_certificates_is_told_as_such(cli: Cli) -> None:
    cli.set_up()
    cli.fakes.files.make_folder("/empty", 0o755, (0, 0))
    assert cli.run("cert", "import", "/empty", "--yes", "--no-proof") == 5
    said = " ".join(cli.err.split())
    assert "there is no certificate with its key in /empty It must be certbot's live folder" in said
    assert "none of your certificate files" not in said


def test_certificates_are_renewed_when_they_are_due(cli: Cli) -> None:
    cli.set_up()
    before = cli.json("cert", "status")["certificates"][0]["not_after"]
    cli.fakes.clock.at += timedelta(days=810)
    assert cli.run("cert", "renew", "--yes", "--no-proof") == 0
    assert cli.json("cert", "status")["certificates"][0]["not_after"] > before


def test_prosodyctl_gets_every_word_and_gives_its_status(cli: Cli) -> None:
    cli.set_up()
    seen = []

    def on_run(_name: str, command: object, user: str, _stdin: bytes) -> CommandResult:
        seen.append((command, user))
        return CommandResult(7, "", "")

    cli.fakes.containers.on_run = on_run
    assert cli.run("prosodyctl", "check", "--json", "--", "--root", "x") == 7
    assert seen == [(["prosodyctl", "check", "--json", "--", "--root", "x"], "5222:5222")]
    assert cli.run("console") == 7
    assert seen[-1] == (["prosodyctl", "shell"], "5222:5222")
    assert cli.run("--instance", "other", "prosodyctl", "about") == 5
