"""A server's life by the command line: set up, left alone, changed, reloaded, taken back."""

from __future__ import annotations

import time

import pytest
from tests.e2e.server.faults import unreachable
from tests.e2e.server.machine import PASSWORD, PORTS, Server, told
from tests.e2e.server.xmpp import RefusedLogInError

pytestmark = pytest.mark.e2e

SIZE = "features.file_sharing.max_file_mb"


def starts(server: Server, since: float) -> int:
    """Return how often the engine started the Prosody container since then."""
    filters = {"container": f"{server.project}-prosody", "event": "start"}
    with server.engine() as engine:
        events = engine.api.events(since=int(since), until=int(time.time()) + 1, filters=filters, decode=True)
        # the engine is asked for whole seconds, and tells with them what was a moment before
        return sum(event["timeNano"] >= since * 1e9 for event in events)


def test_fresh_apply_proves_itself_and_people_can_log_in(server: Server) -> None:
    done = server.cli("apply", "--answers", str(server.answers({"admins": ["ann"]})), "--yes")
    assert done.returncode == 0, told(done)
    assert "and proven" in done.stderr
    events = server.journal()
    proofs = [event for event in events if event["kind"] == "proof-ended"]
    assert len(proofs) >= 8
    assert all(event["is_green"] for event in proofs)
    assert server.cli("user", "list").stdout.strip() == "", "the proof leaves no account behind"
    server.add_user("ann")
    with server.log_in("ann") as ann:
        ann.ping()
    with pytest.raises(RefusedLogInError, match="not-authorized"):
        server.log_in("ann", "another pass phrase")
    assert server.status()["healthy"]


def test_applying_the_same_again_does_nothing(running: Server) -> None:
    before, began = running.snapshot(), running.started_at()
    assert running.cli("plan", "--answers", str(running.answers())).returncode == 0
    done = running.try_apply()
    assert done.returncode == 0, told(done)
    assert running.snapshot() == before
    assert running.started_at() == began


def test_without_answers_those_of_the_server_count(running: Server) -> None:
    before = running.snapshot()
    done = running.cli("apply", "--yes")
    assert done.returncode == 0, told(done)
    assert running.snapshot() == before


def test_a_plan_tells_what_would_happen_and_changes_nothing(running: Server) -> None:
    before = running.snapshot()
    path = str(running.answers({SIZE: 7}))
    done = running.cli("plan", "--answers", path, "--diff")
    assert done.returncode == 2, told(done)
    assert "interrupts people for a moment" in done.stdout
    found = running.json("plan", "--answers", path, expect=2)
    assert [step["id"].partition(":")[0] for step in found["steps"]] == ["file", "file", "check", "container", "health"]
    assert running.snapshot() == before


def test_a_change_restarts_once_and_passwords_stay(running: Server) -> None:
    since = time.time()
    began = running.started_at()
    running.apply({SIZE: 9, "security.level": "strict", "features.preset": "company"})
    assert running.started_at() != began
    assert starts(running, since) == 1
    with running.log_in("ann", PASSWORD) as ann:
        ann.ping()
    assert running.nothing_to_do()
    running.apply()
    with running.log_in("ann", PASSWORD) as ann:
        ann.ping()


def test_another_log_level_cuts_nobody_off(running: Server) -> None:
    running.apply()
    began = running.started_at()
    with running.log_in() as ann:
        done = running.apply({"security.log_level": "debug"})
        assert "interrupts nothing" in done.stderr
        ann.ping()
        assert running.started_at() == began
        with running.log_in("ann"):
            assert "debug" in running.cli("logs", "--lines", "50").stdout
        running.apply()
        ann.ping()
    assert running.started_at() == began


def test_undo_takes_the_last_change_back_and_undo_again_brings_it(server: Server) -> None:
    server.apply()
    server.add_user()
    first = (server.settings / "prosody/prosody.cfg.lua").read_text()
    server.apply({SIZE: 5})
    second = (server.settings / "prosody/prosody.cfg.lua").read_text()
    assert first != second
    for expected in (first, second):
        done = server.cli("undo", "--yes", "--no-proof")
        assert done.returncode == 0, told(done)
        assert (server.settings / "prosody/prosody.cfg.lua").read_text() == expected
        with server.log_in() as ann:
            ann.ping()
    listed = server.json("generations")
    numbers = [item["number"] for item in (listed["generations"] if isinstance(listed, dict) else listed)]
    assert sorted(numbers) == [1, 2, 3, 4]


def test_undo_has_to_have_something_to_go_back_to(server: Server) -> None:
    done = server.cli("undo", "--yes")
    assert done.returncode == 5, told(done)
    assert "no server set up here yet" in done.stderr
    server.apply()
    done = server.cli("undo", "--yes")
    assert done.returncode == 5, told(done)
    assert "no earlier generation" in done.stderr


def test_a_file_changed_by_hand_is_never_overwritten_unasked(server: Server) -> None:
    server.apply()
    config = server.settings / "prosody/prosody.cfg.lua"
    ours = config.read_text()
    config.write_text(ours + "-- mine\n")
    done = server.try_apply({SIZE: 5})
    assert done.returncode == 5, told(done)
    assert str(config) in " ".join(done.stderr.split())
    assert config.read_text() == ours + "-- mine\n"
    server.apply({SIZE: 5}, "--keep-edits")
    assert config.read_text() == ours + "-- mine\n"
    assert server.nothing_to_do()
    server.apply({SIZE: 5}, "--overwrite-edits")
    assert "-- mine" not in config.read_text()
    kept = [name for name, text in server.snapshot().items() if text == (ours + "-- mine\n").encode()]
    assert any("/edits/" in name for name in kept)


def test_a_domain_is_given_up_only_on_purpose(server: Server) -> None:
    second = f"second-{server.domain}"
    server.apply({"extra_domains": [second]})
    server.add_user(f"bea@{second}")
    done = server.try_apply()
    assert done.returncode == 5, told(done)
    assert second in done.stderr
    assert server.status()["domains"] == [server.domain, second]
    server.apply({}, "--allow-destroy")
    assert server.status()["domains"] == [server.domain]
    server.apply({"extra_domains": [second]})
    assert server.json("user", "list", second) == {"users": [f"bea@{second}"]}, "the data stayed on the disk"


def test_a_proof_tells_what_does_not_work_and_leaves_no_account(running: Server) -> None:
    running.apply()
    with unreachable(running.address, PORTS["client_tls"]):
        done = running.cli("prove")
    assert done.returncode == 3, told(done)
    said = done.stdout.splitlines()
    assert [line for line in said if line.startswith("FAIL") and "Direct TLS" in line], told(done)
    assert len([line for line in said if line.startswith("ok")]) > 15
    assert running.json("user", "list") == {"users": [f"ann@{running.domain}"]}
    assert running.cli("prove").returncode == 0
