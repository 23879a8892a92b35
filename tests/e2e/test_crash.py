"""Cut off by kill -9 at every step: whatever is there then, the next run finishes, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.e2e.server.cut_off import killed
from tests.e2e.server.machine import Server, told

pytestmark = pytest.mark.e2e


def check_whole(server: Server, kept: dict[str, bytes], where: str) -> None:
    """See that the server is well, that nothing is left to do, and that ``kept`` is as it was."""
    status = server.status()
    assert status["healthy"], f"{where}: {status['problems']}"
    assert server.nothing_to_do(), f"{where}: {server.cli('plan').stdout}"
    now = server.secrets()
    assert {name: now.get(name) for name in kept} == kept, f"{where}: a secret is another one"
    assert [item["Names"] for item in server.containers()] == [[f"/{server.project}-prosody"]], where


def test_a_fresh_apply_killed_at_any_step_is_finished_by_the_next(make_server: Callable[[], Server]) -> None:
    step = 0
    was_killed = True
    while was_killed:
        step += 1
        server = make_server()
        was_killed = killed(server, server.answers(), step)
        kept = server.secrets()
        done = server.try_apply()
        assert done.returncode == 0, f"step {step}: {told(done)}"
        check_whole(server, kept, f"step {step}")
        server.remove()
    assert step > 10, "so few steps cannot be a whole server"


def kill_at_each(server: Server, changes_for: Callable[[int], dict[str, object]], fault: str = "kill") -> int:
    """Change a server, killed one moment later each time and then finished; return how many moments there are."""
    server.apply()
    server.add_user()
    kept = server.secrets()
    moment = 0
    was_killed = True
    while was_killed:
        moment += 1
        changes = {"network.client_port": 6000 + moment, **changes_for(moment)}
        was_killed = killed(server, server.answers(changes), moment, fault)
        server.apply(changes)
        check_whole(server, kept, f"{fault} {moment}")
        with server.log_in(port=6000 + moment) as ann:
            ann.ping()
    return moment


def test_a_change_killed_at_any_step_is_finished_by_the_next(server: Server) -> None:
    # files, certificates and the container are all other ones afterwards
    steps = kill_at_each(
        server,
        lambda step: {
            "features.file_sharing.max_file_mb": 10 + step,
            "features.group_chat.host": f"rooms{step}.{server.domain}",
        },
    )
    assert steps > 5, "so few steps cannot be this change"


def test_putting_a_new_container_in_an_old_ones_place_can_be_killed_at_any_moment(server: Server) -> None:
    calls = kill_at_each(server, lambda _: {}, "kill-call")
    assert calls > 5, "so few calls cannot replace a container"


def test_a_cut_off_apply_is_told_and_the_old_server_goes_on(server: Server) -> None:
    server.apply()
    server.add_user()
    assert killed(server, server.answers({"features.file_sharing.max_file_mb": 3}), 2)
    with server.log_in() as ann:
        ann.ping()
    done = server.cli("status")
    assert done.returncode == 3, told(done)
    assert "the last apply was cut off" in done.stdout
    done = server.cli("apply", "--attach")
    assert done.returncode == 3, told(done)
    assert "cut off before its end" in done.stderr


def test_a_cut_off_apply_can_also_be_taken_back(server: Server) -> None:
    server.apply()
    before = (server.settings / "prosody/prosody.cfg.lua").read_text()
    assert killed(server, server.answers({"features.file_sharing.max_file_mb": 3}), 3)
    assert (server.settings / "prosody/prosody.cfg.lua").read_text() != before
    server.apply()
    assert (server.settings / "prosody/prosody.cfg.lua").read_text() == before
    check_whole(server, {}, "taken back")
