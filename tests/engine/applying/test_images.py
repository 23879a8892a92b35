"""Images that are built while a person reads the plan: once, silently, and never a server's."""

from __future__ import annotations

import pytest
from tests.engine.conftest import wish
from tests.fakes import FakeClock, Fakes

from xmpp_wizard.core.errors import EngineError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.listeners import Listener
from xmpp_wizard.core.planning.plan import Plan
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.applying.apply import Consent, launch
from xmpp_wizard.engine.applying.images import EarlyBuild
from xmpp_wizard.engine.memory.journal import ended, latest
from xmpp_wizard.engine.setup import prepare

LOCK = "/run/xmpp-wizard/lock"
LOG = "/run/xmpp-wizard/log"


def plan_of(fakes: Fakes, layout: Layout) -> Plan:
    return prepare(fakes.world(), layout, wish()).plan


def built(fakes: Fakes) -> list[str]:
    return [call for call in fakes.containers.calls if call.startswith("build ")]


def test_what_the_plan_needs_is_built_and_nothing_else_is_touched(fakes: Fakes, layout: Layout) -> None:
    before = set(fakes.files.nodes)
    plan = plan_of(fakes, layout)
    early = EarlyBuild(fakes.world(), layout)
    early.begin(plan)
    assert len(built(fakes)) == 1
    assert not fakes.containers.containers
    assert set(fakes.files.nodes) - before == {"/run", "/run/xmpp-wizard"}
    assert LOG not in fakes.files.nodes
    assert not any("BuildImage" in str(step) for step in plan_of(fakes, layout).steps)
    early.begin(plan)
    assert len(built(fakes)) == 1, "none is begun twice"


def test_what_goes_wrong_is_left_to_apply_to_explain(fakes: Fakes, layout: Layout) -> None:
    plan = plan_of(fakes, layout)
    fakes.containers.fail_at["build"] = EngineError(say("no network"), say("Plug it in."))
    early = EarlyBuild(fakes.world(), layout)
    early.begin(plan)
    assert not early.is_running
    assert LOG not in fakes.files.nodes
    assert fakes.lock.holder(LOCK) is None
    launch(fakes.world(), layout, wish(), Consent(wants_proof=False))
    record = latest(fakes.world(), layout)
    assert record is not None
    end = ended(fakes.world(), record)
    assert end is not None
    assert str(end.text).startswith("no network")


def test_nothing_is_built_while_the_disk_is_full(fakes: Fakes, layout: Layout) -> None:
    fakes.files.free = 10_000_000
    EarlyBuild(fakes.world(), layout).begin(plan_of(fakes, layout))
    assert not built(fakes)


def test_a_taken_port_is_not_in_the_way_of_building(fakes: Fakes, layout: Layout) -> None:
    fakes.sockets.listening = (Listener("", 443, "tcp", "nginx", 812),)
    EarlyBuild(fakes.world(), layout).begin(plan_of(fakes, layout))
    assert built(fakes)


def test_a_second_wizard_does_not_build_again(fakes: Fakes, layout: Layout) -> None:
    plan = plan_of(fakes, layout)
    with fakes.lock.hold(LOCK):
        EarlyBuild(fakes.world(), layout).begin(plan)
    assert not built(fakes)


def test_apply_joins_the_work_and_builds_what_was_left(
    fakes: Fakes, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process builds: Apply shows its lines, and takes the image or, if that work was cut off, builds it."""
    for is_whole in (True, False):
        fakes = Fakes(appliance=fakes.appliance)
        (wanted,) = (step.action for step in plan_of(fakes, layout).steps if "BuildImage" in str(step))
        fakes.lock.held[LOCK] = 4711
        fakes.files.put(LOG, "Step 1/2\n")

        def sleep(seconds: float, fakes: Fakes = fakes, is_whole: bool = is_whole, tag: str = wanted.tag) -> None:  # type: ignore[union-attr]  # noqa: FBT001
            FakeClock.sleep(fakes.clock, seconds)
            if len(fakes.clock.slept) == 2:
                fakes.lock.held.pop(LOCK, None)
                if is_whole:
                    fakes.containers.images[tag] = "sha256:1"

        monkeypatch.setattr(fakes.clock, "sleep", sleep)
        launch(fakes.world(), layout, wish(), Consent(wants_proof=False))
        assert len(built(fakes)) == (0 if is_whole else 1)
        record = latest(fakes.world(), layout)
        assert record is not None
        assert b"Step 1/2" in fakes.files.nodes[record.path].content


def test_it_is_stopped_unless_apply_needs_it(fakes: Fakes, layout: Layout) -> None:
    early = EarlyBuild(fakes.world(), layout, pid=77)
    fakes.background.alive = {77}
    fakes.lock.held[str(layout.lock)] = 88
    early.stop()
    assert early.is_running
    fakes.lock.held.clear()
    early.stop()
    assert not early.is_running


def test_it_ends_by_itself_once_the_wizard_is_gone(
    fakes: Fakes, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(fakes, layout)
    monkeypatch.setattr(fakes.background, "is_alive", lambda pid: pid != fakes.background.own)
    EarlyBuild(fakes.world(), layout).begin(plan)
    assert not any("prosody" in tag for tag in fakes.containers.images)
    fakes.lock.held[str(layout.lock)] = 88
    EarlyBuild(fakes.world(), layout).begin(plan)
    assert any("prosody" in tag for tag in fakes.containers.images), "an Apply that began waits for it"
