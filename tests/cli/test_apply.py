"""apply and undo: the plan, the questions, attaching, leaving, and what is said at the end."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.cli.conftest import ANSWERS, Cli
from tests.engine.people.prosodyctl import Prosodyctl

from xmpp_wizard.core.errors import EngineError, HealthError
from xmpp_wizard.core.network.listeners import Listener
from xmpp_wizard.core.text import say

CONFIG = "/etc/xmpp-wizard/prosody/prosody.cfg.lua"
YES = ("--yes", "--no-proof")


def _is_running(cli: Cli) -> bool:
    item = cli.fakes.containers.containers.get("xmpp-wizard-prosody")
    return item is not None and item.is_running


def test_a_fresh_apply_ends_in_how_to_log_in(cli: Cli) -> None:
    cli.fakes.files.put(ANSWERS, 'domain = "a.example"\n')
    assert cli.run("apply", "--answers", ANSWERS, *YES) == 0
    assert _is_running(cli)
    assert "Plan for a.example (generation 1):" in cli.err
    assert "done   0:00  Start prosody" in cli.err
    assert "a.example is set up (generation 1)" in cli.err
    assert "name@a.example" in cli.out
    assert "Make yourself an account:\n    sudo xmpp-wizard user add NAME\n" in cli.out
    assert "sudo xmpp-wizard ca > root.crt" in cli.out
    assert "\x1b" not in cli.out + cli.err


def _welcomed(cli: Cli, answers: str) -> str:
    cli.fakes.files.put(ANSWERS, answers)
    prosodyctl = Prosodyctl()
    prosodyctl.passwords = {"carol@a.example": "x", "dora@b.example": "x"}
    cli.fakes.containers.on_run = prosodyctl
    assert cli.run("apply", "--answers", ANSWERS, *YES) == 0
    return cli.out


ADMINS = """
domain = "a.example"
extra_domains = ["b.example"]
admins = ["boss", "carol", "dora@b.example", "bücher@b.example"]
"""


def test_admins_without_an_account_are_invited_at_the_end(cli: Cli) -> None:
    shown = _welcomed(cli, ADMINS)
    assert "boss@a.example is an admin:\n    sudo xmpp-wizard user invite boss\n" in shown
    assert "    sudo xmpp-wizard user invite 'bücher@b.example'\n" in shown
    assert "    sudo xmpp-wizard user add NAME\n" in shown
    assert not [name for name in ("carol", "dora", "alice", "bob") if name in shown]


def test_without_invitations_admins_are_added(cli: Cli) -> None:
    shown = _welcomed(cli, f"{ADMINS}[features]\ninvitations = {{ enabled = false }}\n")
    assert "    sudo xmpp-wizard user add boss\n" in shown
    assert "user invite" not in shown


def test_all_admins_are_named_where_the_server_does_not_say_who_is_there(cli: Cli) -> None:
    cli.fakes.files.put(ANSWERS, ADMINS)
    assert cli.run("apply", "--answers", ANSWERS, *YES) == 0
    assert "    sudo xmpp-wizard user invite carol\n" in cli.out


def test_the_second_apply_has_nothing_to_do(cli: Cli) -> None:
    cli.set_up()
    before = dict(cli.fakes.files.nodes)
    assert cli.run("apply") == 0
    assert "Nothing to do" in cli.err
    assert cli.out == ""
    assert cli.fakes.files.nodes == before


def test_nobody_to_ask_and_no_yes_changes_nothing(cli: Cli) -> None:
    cli.fakes.files.put(ANSWERS, 'domain = "a.example"\n')
    assert cli.run("apply", "--answers", ANSWERS) == 5
    assert "add: --yes" in cli.err
    assert cli.fakes.containers.containers == {}
    assert not cli.fakes.files.names("/var/lib/xmpp-wizard")


@pytest.mark.parametrize(("typed", "status"), [("y\n", 0), ("yes\n", 0), ("\n", 5), ("", 5), ("n\n", 5)])
def test_on_a_terminal_it_asks(cli: Cli, typed: str, status: int) -> None:
    cli.fakes.files.put(ANSWERS, 'domain = "a.example"\n')
    cli.type(typed)
    assert cli.run("apply", "--answers", ANSWERS, "--no-proof") == status
    assert "Go on? [y/N]" in cli.err
    assert _is_running(cli) is (status == 0)


def test_json_is_the_plan_and_then_the_events(cli: Cli) -> None:
    cli.fakes.files.put(ANSWERS, 'domain = "a.example"\n')
    lines = cli.json("apply", "--answers", ANSWERS, *YES)
    kinds = [line["kind"] for line in lines]
    assert (kinds[0], kinds[1], kinds[-1]) == ("plan", "apply-started", "apply-ended")
    assert {"step-started", "step-ended"} <= set(kinds)
    assert lines[-1]["exit_status"] == 0
    done = [line["id"] for line in lines if line["kind"] == "step-ended"]
    assert "container:prosody" in done
    assert set(done) <= {step["id"] for step in lines[0]["steps"]}


def test_set_wins_over_the_file(cli: Cli) -> None:
    cli.set_up()
    assert cli.run("apply", *YES, "--set", "security.log_level=debug") == 0
    assert '"debug"' in cli.fakes.files.nodes[CONFIG].content.decode()
    assert cli.run("plan") == 0


def test_answers_that_are_not_there_or_wrong(cli: Cli) -> None:
    assert cli.run("apply", "--answers", "/nowhere.toml") == 4
    assert "xmpp-wizard answers template > /nowhere.toml" in cli.err
    assert cli.run("apply") == 5
    assert "--answers answers.toml" in cli.err
    cli.fakes.files.put(ANSWERS, 'domain = "a b"\nfeatuers = 3\n')
    assert cli.run("apply", "--answers", ANSWERS, "--yes") == 4
    assert f"{ANSWERS}:1" in cli.err
    assert f"{ANSWERS}:2" in cli.err


def test_a_busy_port_names_its_owner(cli: Cli) -> None:
    cli.fakes.files.put(ANSWERS, 'domain = "a.example"\n')
    cli.fakes.sockets.listening = (Listener("", 5222, "tcp", "ejabberd", 1044),)
    assert cli.run("apply", "--answers", ANSWERS, "--yes") == 5
    assert "port 5222 (apps) is taken by ejabberd (pid 1044)" in cli.err.replace("\n  ", " ")
    assert cli.run("plan", "--answers", ANSWERS) == 5
    assert cli.fakes.containers.containers == {}


def test_a_failing_step_is_told_with_what_to_do(cli: Cli) -> None:
    cli.fakes.files.put(ANSWERS, 'domain = "a.example"\n')
    cli.fakes.containers.fail_at["create"] = EngineError(say("no space left"), say("Make room."))
    assert cli.run("apply", "--answers", ANSWERS, *YES) == 3
    assert "FAIL   0:00  Start prosody: no space left" in cli.err
    assert "Make room." in cli.err
    assert cli.out == ""


def test_a_change_that_fails_is_rolled_back_and_says_so(cli: Cli) -> None:
    cli.set_up()
    before = cli.fakes.files.nodes[CONFIG]
    cli.fakes.containers.fail_at["restart"] = HealthError(say("it does not start"))
    status = cli.run("apply", *YES, "--set", "security.level=strict")
    cli.fakes.containers.fail_at = {}
    assert status in {3, 6}
    assert "Going back to generation 1" in cli.err
    assert cli.fakes.files.nodes[CONFIG] == before


def test_hand_edits_stop_a_run_that_cannot_ask(cli: Cli) -> None:
    cli.set_up()
    cli.fakes.files.put(CONFIG, "-- mine\n", 0o640, (0, 5222))
    assert cli.run("apply", "--yes") == 5
    assert "--keep-edits" in cli.err
    assert cli.fakes.files.nodes[CONFIG].content == b"-- mine\n"


@pytest.mark.parametrize(("typed", "is_kept"), [("k\ny\n", True), ("o\ny\n", False)])
def test_hand_edits_are_shown_and_asked_about(cli: Cli, typed: str, *, is_kept: bool) -> None:
    cli.set_up()
    ours = cli.fakes.files.nodes[CONFIG].content
    cli.fakes.files.put(CONFIG, "-- mine\n", 0o640, (0, 5222))
    cli.type(typed)
    cli.run("apply", "--no-proof", "--set", "security.log_level=debug")
    assert "  --- mine" in cli.err
    now = cli.fakes.files.nodes[CONFIG].content
    assert (now == b"-- mine\n") is is_kept
    assert now != ours


def test_hand_edits_without_a_decision_stay(cli: Cli) -> None:
    cli.set_up()
    cli.fakes.files.put(CONFIG, "-- mine\n", 0o640, (0, 5222))
    cli.type("\n")
    assert cli.run("apply", "--no-proof") == 5
    assert cli.fakes.files.nodes[CONFIG].content == b"-- mine\n"


def test_answers_that_came_through_a_pipe_are_kept(cli: Cli) -> None:
    cli.type('domain = "a.example"  # ours\n', is_terminal=False)
    assert cli.run("apply", "--answers", "-", *YES) == 0
    assert cli.fakes.files.nodes["/etc/xmpp-wizard/answers.toml"].content == b'domain = "a.example"  # ours\n'
    assert cli.run("plan") == 0


TWO = 'domain = "a.example"\nextra_domains = ["b.example"]\n'


def test_what_shuts_people_out_needs_more_than_yes(cli: Cli) -> None:
    cli.set_up(TWO)
    assert cli.run("apply", "--yes", "--set", "extra_domains=[]") == 5
    assert "SHUTS OUT" in cli.err
    assert "--allow-destroy" in cli.err
    assert "b.example" in cli.fakes.files.nodes[CONFIG].content.decode()
    assert cli.run("apply", *YES, "--allow-destroy", "--set", "extra_domains=[]") == 0
    assert "b.example" not in cli.fakes.files.nodes[CONFIG].content.decode()


@pytest.mark.parametrize(("typed", "status"), [("a.example\ny\n", 0), ("yes\ny\n", 5)])
def test_what_deletes_wants_the_name_typed(cli: Cli, typed: str, status: int) -> None:
    cli.set_up(TWO)
    cli.type(typed)
    assert cli.run("apply", "--no-proof", "--set", "extra_domains=[]") == status


def test_undo_goes_back_and_is_a_generation_of_its_own(cli: Cli) -> None:
    cli.set_up()
    before = cli.fakes.files.nodes[CONFIG].content
    cli.run("apply", *YES, "--set", "security.level=strict")
    assert cli.run("undo", *YES) == 0
    assert cli.fakes.files.nodes[CONFIG].content == before
    assert [item["number"] for item in cli.json("generations")["generations"]] == [1, 2, 3]
    assert cli.run("undo", "--to", "2", *YES) == 0
    assert cli.fakes.files.nodes[CONFIG].content != before


def test_undo_of_nothing_and_to_nowhere(cli: Cli) -> None:
    assert cli.run("undo", "--yes") == 5
    cli.set_up()
    assert cli.run("undo", "--yes") == 5
    assert "there is no earlier generation" in cli.err
    assert cli.run("undo", "--to", "7", "--yes") == 5
    assert "there is no generation 7" in cli.err


def test_what_was_not_shown_is_not_done(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.set_up()
    cli.type("y\n")
    start = cli.fakes.background.start

    def start_later(work: Callable[[], int]) -> int:
        cli.fakes.containers.containers.clear()
        cli.fakes.sockets.listening = ()
        return start(work)

    monkeypatch.setattr(cli.fakes.background, "start", start_later)
    before = cli.fakes.files.nodes[CONFIG]
    assert cli.run("apply", "--no-proof", "--set", "security.log_level=debug") == 5
    assert "this machine changed after the plan was shown" in cli.err
    assert cli.fakes.files.nodes[CONFIG] == before


def test_a_lost_answer_file_is_told_with_where_its_text_is(cli: Cli) -> None:
    cli.set_up()
    cli.fakes.files.remove("/etc/xmpp-wizard/answers.toml")
    assert cli.run("apply") == 5
    saved = "/var/lib/xmpp-wizard/generations/1/answers.toml"
    assert f"sudo cp {saved} /etc/xmpp-wizard/answers.toml" in " ".join(cli.err.split())


def test_after_a_change_only_what_lacks_is_said(cli: Cli) -> None:
    cli.fakes.probe.fail_at["stream"] = HealthError(say("silence"))
    cli.fakes.files.put(ANSWERS, 'domain = "a.example"\nadmins = ["carol"]\n')
    assert cli.run("apply", "--answers", ANSWERS, *YES) != 0
    assert cli.out == ""
    del cli.fakes.probe.fail_at["stream"]
    assert cli.run("apply", "--answers", ANSWERS, *YES) == 0
    assert "Addresses are name@a.example" in cli.out, "the first one that goes well"
    assert cli.run("apply", *YES, "--set", "security.level=strict") == 0
    assert "carol@a.example has no account yet" in cli.out
    assert "Addresses are" not in cli.out
