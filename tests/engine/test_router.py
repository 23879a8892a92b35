"""The router over a server's life: told after a yes, again by the timer, and left as it was in the end."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from tests.engine.conftest import end, run, wish
from tests.fakes import Fakes

from xmpp_wizard.core.errors import EngineError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.router import LEASE_SECONDS, Holder, Language
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.memory.router import ordered, router_troubles
from xmpp_wizard.engine.setup import GoBack, Renew, current, prepare
from xmpp_wizard.engine.uninstall import uninstall
from xmpp_wizard.engine.upkeep import upkeep

MINIMAL = {"features": {"preset": "minimal"}}
YES = {"network": {"open_router": True}, **MINIMAL}
NEEDED = {Door(port) for port in (5222, 5223, 5269, 5270)}
NAME, HERE, NEIGHBOUR = "xmpp-wizard", "192.168.1.5", "192.168.1.9"
APPS = Door(5222)
OURS = Holder(HERE, NAME)


@pytest.fixture(params=["UPnP", "PCP"])
def home(request: pytest.FixtureRequest, fakes: Fakes) -> Fakes:
    """Return a machine behind a router that takes orders."""
    return behind_router(fakes, request.param)


def behind_router(fakes: Fakes, language: Language) -> Fakes:
    fakes.sockets.own_addresses = ("172.17.0.1", HERE)
    fakes.router.language = language
    return fakes


def test_without_a_yes_nobody_asks_the_router(home: Fakes, layout: Layout) -> None:
    run(home, layout, wish(**MINIMAL))
    upkeep(home.world(), layout)
    assert home.router.calls == []
    assert home.router.table == {}


def test_exactly_what_is_needed_is_ordered_once(home: Fakes, layout: Layout) -> None:
    run(home, layout, wish(**YES))
    assert home.router.table == dict.fromkeys(NEEDED, OURS)
    assert "nothing to do" in str(end(run(home, layout, wish(**YES))).text)


def test_another_feature_another_port(home: Fakes, layout: Layout) -> None:
    run(home, layout, wish(**YES))
    without_servers = {"preset": "minimal", "federation": {"mode": "off"}}
    run(home, layout, wish(**{**YES, "features": without_servers}))
    assert set(home.router.table) == {APPS, Door(5223)}


def test_going_back_takes_the_orders_back(home: Fakes, layout: Layout) -> None:
    run(home, layout, wish(**MINIMAL))
    run(home, layout, wish(**YES))
    home.router.table[Door(8080)] = Holder(HERE, "a game")
    assert end(run(home, layout, GoBack())).exit_status == 0
    assert home.router.table == {Door(8080): Holder(HERE, "a game")}
    assert ordered(home.world(), layout).doors == ()


def test_an_uninstall_takes_exactly_ours_back(home: Fakes, layout: Layout) -> None:
    home.router.table[APPS] = Holder(NEIGHBOUR, "theirs")
    run(home, layout, wish(**YES))
    home.router.table[Door(8080)] = Holder(HERE, "a game")
    lines: list[str] = []
    uninstall(home.world(), layout, delete_data=False, report=lambda line: lines.append(str(line)))
    assert home.router.table == {APPS: Holder(NEIGHBOUR, "theirs"), Door(8080): Holder(HERE, "a game")}
    assert "the router no longer forwards 5223/tcp, 5269/tcp, 5270/tcp" in lines


def test_a_router_that_is_gone_stops_no_uninstall(home: Fakes, layout: Layout) -> None:
    run(home, layout, wish(**YES))
    home.router.language = ""
    lines: list[str] = []
    uninstall(home.world(), layout, delete_data=False, report=lambda line: lines.append(str(line)))
    assert any("it ends within a day" in line for line in lines)


def test_what_leads_to_another_machine_stays_there_and_stops_nothing(fakes: Fakes, layout: Layout) -> None:
    home = behind_router(fakes, "UPnP")
    home.router.table[APPS] = Holder(NEIGHBOUR, "theirs")
    assert end(run(home, layout, wish(**YES))).exit_status == 0
    assert home.router.table[APPS] == Holder(NEIGHBOUR, "theirs")
    found = prepare(home.world(), layout, wish(**YES)).observed.router
    assert found is not None
    assert found.taken == ((APPS, NEIGHBOUR),)
    assert set(found.ours) == NEEDED - {APPS}


def test_what_somebody_else_forwarded_here_is_used_and_never_taken_back(fakes: Fakes, layout: Layout) -> None:
    home = behind_router(fakes, "UPnP")
    home.router.table[APPS] = Holder(HERE, "by hand")
    run(home, layout, wish(**YES))
    upkeep(home.world(), layout)
    run(home, layout, wish(**MINIMAL))
    assert home.router.table == {APPS: Holder(HERE, "by hand")}


def test_the_timer_orders_again_what_a_router_has_forgotten(home: Fakes, layout: Layout) -> None:
    run(home, layout, wish(**YES))
    home.router.table.clear()
    home.clock.sleep(3600)
    upkeep(home.world(), layout)
    assert home.router.table == dict.fromkeys(NEEDED, OURS)
    until = dict(ordered(home.world(), layout).doors)
    assert until[APPS] == pytest.approx(home.clock.timestamp() + LEASE_SECONDS, abs=5)


def test_a_machine_with_a_new_address_is_forwarded_to_there(fakes: Fakes, layout: Layout) -> None:
    home = behind_router(fakes, "PCP")
    run(home, layout, wish(**YES))
    home.router.table.clear()
    home.sockets.own_addresses = ("192.168.1.6",)
    upkeep(home.world(), layout)
    assert set(home.router.table.values()) == {Holder("192.168.1.6", NAME)}


def test_a_person_hears_of_it_only_when_it_lasts(home: Fakes, layout: Layout) -> None:
    home.router.forbids = {APPS}
    run(home, layout, wish(**YES))
    target, _ = current(home.world(), layout)
    assert list(router_troubles(home.world(), layout, target)) == []
    home.clock.sleep(4 * 3600)
    upkeep(home.world(), layout)
    (trouble,) = router_troubles(home.world(), layout, target)
    assert str(trouble.text) == "the router takes no orders from this machine for 5222/tcp"
    home.router.forbids = set()
    upkeep(home.world(), layout)
    assert list(router_troubles(home.world(), layout, target)) == []


def test_a_router_that_takes_no_orders_changes_no_plan(fakes: Fakes, layout: Layout) -> None:
    home = behind_router(fakes, "")
    assert end(run(home, layout, wish(**YES))).exit_status == 0
    assert "nothing to do" in str(end(run(home, layout, wish(**YES))).text)


def test_a_trial_in_a_folder_of_its_own_tells_no_router(home: Fakes) -> None:
    trial = Layout(PurePosixPath("/srv/trial"))
    run(home, trial, wish(**YES))
    assert home.router.calls == []


def test_a_renewal_by_hand_asks_no_router(home: Fakes, layout: Layout) -> None:
    run(home, layout, wish(**YES))
    home.router.calls.clear()
    run(home, layout, Renew(force=True))
    assert home.router.calls == []


def test_an_authority_finds_its_port_open_at_the_first_set_up(home: Fakes, layout: Layout) -> None:
    run(home, layout, wish(certificates={"source": "acme"}, **YES))
    calls = [call for call in (*home.router.calls, "-", *home.acme.calls) if call.startswith(("lead", "connect", "-"))]
    assert calls[0].startswith("lead 80/tcp")
    steps = prepare(home.world(), layout, wish(certificates={"source": "acme"}, **YES)).plan.steps
    assert steps == ()


def test_a_first_set_up_that_fails_leaves_no_port_open(home: Fakes, layout: Layout) -> None:
    home.probe.closed_ports = (5222,)
    assert end(run(home, layout, wish(**YES))).exit_status != 0
    assert any(call.startswith("lead") for call in home.router.calls)
    assert home.router.table == {}


def test_a_change_that_fails_takes_its_orders_back(home: Fakes, layout: Layout) -> None:
    run(home, layout, wish(**MINIMAL))
    home.containers.fail_at["restart"] = EngineError(say("no"))
    home.containers.fail_at["create"] = EngineError(say("no"))
    assert end(run(home, layout, wish(title="Another", **YES))).exit_status != 0
    assert any(call.startswith("lead") for call in home.router.calls)
    assert home.router.table == {}
