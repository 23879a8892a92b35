"""The work outlives its window: closed, left by Ctrl-C, watched from another one, asked for twice."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from tests.e2e.server.cut_off import held, is_waiting
from tests.e2e.server.faults import wait_until
from tests.e2e.server.machine import Server, program_environment, told
from tests.e2e.server.terminal import Terminal

pytestmark = pytest.mark.e2e


def has_ended_well(server: Server) -> bool:
    """Say whether the last apply ended, and well."""
    events = server.journal()
    return bool(events) and events[-1]["kind"] == "apply-ended" and events[-1]["exit_status"] == 0


def applying(server: Server, *words: str) -> list[str]:
    """Return the command line of an apply of the server's answers."""
    return server.command("apply", "--answers", str(server.answers()), "--yes", "--no-proof", *words)


def start(command: list[str]) -> subprocess.Popen[str]:
    """Start a front end without a terminal."""
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True, env=program_environment()
    )


def watching(command: list[str], said: Path) -> subprocess.Popen[str]:
    """Start a front end that says into a file what it says, and return once it follows the work that goes on."""
    with said.open("w") as file:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, text=True, env=program_environment()
        )
    wait_until(lambda: "An apply is going on" in said.read_text(), "it follows the work")
    return process


def end(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    """Wait for a front end's end."""
    out, err = process.communicate(timeout=90)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def test_a_closed_window_stops_nothing(server: Server) -> None:
    with held(server), Terminal(applying(server)) as window:
        wait_until(lambda: is_waiting(server), "the work waits")
        window.close()
        window.process.wait(60)
        assert is_waiting(server)
        assert list(server.workers())
    wait_until(lambda: has_ended_well(server), "the work ends well", 30)
    done = server.cli("apply", "--attach")
    assert done.returncode == 0, told(done)
    assert "this is how the last one went" in done.stderr
    assert server.status()["healthy"]
    assert server.nothing_to_do()


def test_a_killed_front_end_stops_nothing(server: Server) -> None:
    with held(server):
        front = start(applying(server))
        wait_until(lambda: is_waiting(server), "the work waits")
        front.kill()
        end(front)
    wait_until(lambda: has_ended_well(server), "the work ends well", 30)


def test_work_that_goes_on_is_watched_from_a_second_window(server: Server, tmp_path: Path) -> None:
    with held(server), Terminal(applying(server)) as window:
        wait_until(lambda: is_waiting(server), "the work waits")
        said = tmp_path / "said"
        second = watching(server.command("apply", "--attach"), said)
        third = server.cli("--json", "status")
        # nothing is set up yet, or it is being set up: both are an answer, none is a hang
        assert third.returncode in (3, 5), told(third)
        with subprocess.Popen(["sleep", "1"]):
            pass
        assert second.poll() is None, "it does not wait for the end"
        window.close()
    assert second.wait(90) == 0, said.read_text()
    assert "Look whether prosody serves" in said.read_text()


def test_ctrl_c_leaves_the_window_and_stops_nothing(server: Server) -> None:
    with held(server), Terminal(applying(server)) as window:
        wait_until(lambda: is_waiting(server), "the work waits")
        window.type("\x03")
        window.expect("Stop the work after the step it is at?")
        window.type("n\n")
        assert window.end() == 130
        window.expect("The work goes on in the background")
        assert is_waiting(server)
    wait_until(lambda: has_ended_well(server), "the work ends well", 30)


def test_ctrl_c_can_stop_the_work_after_its_step(server: Server) -> None:
    server.apply()
    command = server.command("apply", "--yes", "--no-proof", "--set", "features.file_sharing.max_file_mb=5")
    with held(server), Terminal(command) as window:
        wait_until(lambda: is_waiting(server), "the work waits")
        window.type("\x03")
        window.expect("Stop the work after the step it is at?")
        window.type("y\n")
        wait_until(lambda: list((server.state / "journal").glob("*.stop")), "the wish is written down")
        assert is_waiting(server), "a step is never cut off in its middle"
    # it was the last step: nothing is left that could be stopped
    wait_until(lambda: has_ended_well(server), "the work ends", 60)
    assert server.cli("plan").returncode == 0
    assert server.status()["healthy"]


def test_a_second_apply_watches_the_first_and_is_not_carried_out(server: Server, tmp_path: Path) -> None:
    with held(server):
        first = start(applying(server))
        wait_until(lambda: is_waiting(server), "the work waits")
        said = tmp_path / "said"
        second = watching(applying(server, "--set", "features.file_sharing.max_file_mb=5"), said)
        other = server.cli("uninstall", "--yes")
        assert other.returncode == 5, told(other)
        assert "another run works on this server" in other.stderr
    assert end(first).returncode == 0
    assert second.wait(90) == 5, said.read_text()
    assert "yours was not started" in said.read_text()
    assert [item["number"] for item in server.json("generations")["generations"]] == [1]


def test_two_applies_at_the_same_moment_make_one_server(server: Server) -> None:
    both = [start(applying(server)) for _ in range(2)]
    ends = [end(process) for process in both]
    assert any(done.returncode == 0 for done in ends), [told(done) for done in ends]
    assert all(done.returncode in (0, 5) for done in ends), [told(done) for done in ends]
    assert [item["state"] for item in server.json("generations")["generations"]] == ["good"]
    assert server.status()["healthy"]
    assert server.nothing_to_do()


def test_nothing_is_done_before_a_person_says_yes(server: Server) -> None:
    asking = server.command("apply", "--answers", str(server.answers()), "--no-proof")
    for answer, status in (("\x03", 130), ("n\n", 5), ("\n", 5), ("\x04", 5)):
        with Terminal(asking) as window:
            window.expect("Go on? [y/N]")
            window.type(answer)
            assert window.end() == status, window.text
        assert server.snapshot() == {}
        assert server.containers() == []
    with Terminal(asking) as window:
        window.expect("Go on? [y/N]")
        window.type("y\n")
        assert window.end() == 0, window.text
        assert "is set up (generation 1)" in " ".join(window.text.split())
    assert server.status()["healthy"]


def test_where_nobody_can_be_asked_nothing_is_done(server: Server) -> None:
    done = server.cli("apply", "--answers", str(server.answers()), stdin="y\n")
    assert done.returncode == 5, told(done)
    assert "--yes" in done.stderr
    assert server.snapshot() == {}
