"""A server of two containers: each is started, looked at, reloaded, stopped and removed for itself."""

from __future__ import annotations

from tests.engine.conftest import end, run, wish
from tests.fakes import Fakes

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.engine.certificates.served import make_served
from xmpp_wizard.engine.memory import generations
from xmpp_wizard.engine.status import status
from xmpp_wizard.engine.uninstall import uninstall

CALLS = wish(features={"calls": {"enabled": True}})
TURN = "xmpp-wizard-turn"


def set_up(fakes: Fakes, layout: Layout) -> None:
    """Set it up, well."""
    assert end(run(fakes, layout, CALLS)).exit_status == 0
    fakes.listen(generations.load_target(fakes.world(), layout, 1))


def test_both_start_and_each_is_looked_at_in_its_own_language(fakes: Fakes, layout: Layout) -> None:
    set_up(fakes, layout)
    assert sorted(fakes.containers.containers) == ["xmpp-wizard-prosody", TURN]
    assert "stun 127.0.0.1:3478" in fakes.probe.calls
    assert status(fakes.world(), layout).healthy


def test_one_that_does_not_serve_is_taken_back_and_the_other_runs_on(fakes: Fakes, layout: Layout) -> None:
    assert end(run(fakes, layout, wish())).exit_status == 0
    fakes.probe.closed_ports = (3478,)
    assert end(run(fakes, layout, CALLS)).exit_status == 6
    assert [(name, item.is_running) for name, item in fakes.containers.containers.items()] == [
        ("xmpp-wizard-prosody", True)
    ]


def test_one_that_stopped_is_named(fakes: Fakes, layout: Layout) -> None:
    set_up(fakes, layout)
    fakes.containers.containers[TURN].is_running = False
    found = status(fakes.world(), layout)
    assert not found.healthy
    assert any(TURN in str(problem) for problem in found.problems)


def test_one_that_hangs_is_told_with_its_own_log(fakes: Fakes, layout: Layout) -> None:
    set_up(fakes, layout)
    fakes.containers.health[TURN] = "unhealthy"
    fakes.probe.closed_ports = (3478,)
    said = [str(problem) for problem in status(fakes.world(), layout).problems]
    assert f"{TURN} runs, but does not answer; see xmpp-wizard logs turn" in said


def test_one_that_serves_an_old_certificate_is_reloaded(fakes: Fakes, layout: Layout) -> None:
    set_up(fakes, layout)
    fakes.probe.stale[5349] = 1
    (wrong,) = make_served(fakes.world(), layout, generations.load_target(fakes.world(), layout, 1))
    assert "port 5349 (calls, TLS) serves another certificate for turn.a.example" in str(wrong)
    assert fakes.containers.containers[TURN].reloads == 1


def test_switched_off_it_goes_and_nothing_else_is_touched(fakes: Fakes, layout: Layout) -> None:
    set_up(fakes, layout)
    assert end(run(fakes, layout, wish())).exit_status == 0
    assert list(fakes.containers.containers) == ["xmpp-wizard-prosody"]
    uninstall(fakes.world(), layout, delete_data=True, report=lambda _text: None)
    assert not fakes.containers.containers
