"""What plan shows: every step with its cause, what it costs, what stands in the way, and the diff."""

from __future__ import annotations

from tests.cli.conftest import ANSWERS, Cli

CONFIG = "/etc/xmpp-wizard/prosody/prosody.cfg.lua"


def test_a_first_plan(cli: Cli) -> None:
    cli.fakes.files.put(ANSWERS, 'domain = "a.example"\n')
    before = dict(cli.fakes.files.nodes)
    assert cli.run("plan", "--answers", ANSWERS) == 2
    lines = cli.out.splitlines()
    assert lines[0] == "Plan for a.example (generation 1):"
    assert lines[1] == "  1. Build the image of prosody"
    assert lines[2].startswith("     because: xmpp-wizard/prosody:")
    assert lines[3] == "  2. Build the image of turn"
    assert lines[5].startswith("  3. Make ")
    assert "builds 2 images (minutes); interrupts nothing; deletes nothing." in lines[-1]
    assert max(map(len, lines)) <= 80
    assert cli.fakes.files.nodes == before


def test_answers_can_come_through_a_pipe(cli: Cli) -> None:
    cli.type('domain = "a.example"\n', is_terminal=False)
    assert cli.run("plan", "--answers", "-") == 2
    assert cli.out.startswith("Plan for a.example")
    cli.type('domain = "a.example"\nno = 1\n', is_terminal=False)
    assert cli.run("plan", "--answers", "-") == 4
    assert "stdin:2: no: there is no such answer" in cli.err


def test_nothing_to_do(cli: Cli) -> None:
    cli.set_up()
    assert cli.run("plan") == 0
    assert cli.out == "Nothing to do: a.example is as the answers say.\n"


def test_a_restart_says_what_it_costs(cli: Cli) -> None:
    cli.set_up()
    assert cli.run("plan", "--set", "security.level=strict") == 2
    assert "interrupts: about half a second" in cli.out
    assert "interrupts people for a moment; deletes nothing." in " ".join(cli.out.split())


def test_a_reload_interrupts_nothing(cli: Cli) -> None:
    cli.set_up()
    assert cli.run("plan", "--set", "security.log_level=debug") == 2
    assert "because: new log settings" in cli.out
    assert "interrupts nothing" in cli.out


def test_what_shuts_people_out_is_marked(cli: Cli) -> None:
    cli.set_up('domain = "a.example"\nextra_domains = ["b.example"]\n')
    assert cli.run("plan", "--set", "extra_domains=[]") == 2
    assert "SHUTS OUT needs your explicit yes" in cli.out
    assert "DELETES" not in cli.out
    assert "shuts people out in 1 step." in " ".join(cli.out.split())
    assert "No longer serve b.example" in cli.out


def test_the_diff_shows_what_changes(cli: Cli) -> None:
    cli.set_up()
    assert cli.run("plan", "--diff", "--set", "security.log_level=debug") == 2
    assert f"--- {CONFIG} (on this machine)" in cli.out
    changed = [line for line in cli.out.splitlines() if line[:1] in "+-" and '"debug"' in line]
    assert any(line.startswith("+") for line in changed)


def test_json(cli: Cli) -> None:
    cli.set_up()
    found = cli.json("plan", "--set", "security.level=strict")
    assert (found["domain"], found["generation"], found["obstacles"], found["edits"]) == ("a.example", 2, [], [])
    restart = next(step for step in found["steps"] if step["id"] == "container:prosody")
    assert (restart["action"], restart["interrupts"], restart["destroys"]) == ("RestartContainer", True, False)
    assert "diff" not in found
    assert any('"strict"' in line for line in cli.json("plan", "--set", "security.level=strict", "--diff")["diff"])


def test_hand_edits_are_named(cli: Cli) -> None:
    cli.set_up()
    cli.fakes.files.put(CONFIG, "-- mine\n", 0o640, (0, 5222))
    assert cli.run("plan") == 2
    assert f"changed by hand: {CONFIG}" in cli.out
    assert cli.json("plan")["edits"] == [{"path": CONFIG}]
