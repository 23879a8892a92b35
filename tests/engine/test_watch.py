"""What is watched never empties."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from tests.engine.conftest import wish
from tests.engine.people.crowd import lines
from tests.fakes import Fakes

from xmpp_wizard.core.containers import CommandResult
from xmpp_wizard.core.errors import EngineError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.text import NOTHING, say
from xmpp_wizard.engine.applying.apply import Consent, launch
from xmpp_wizard.engine.watch import Reading, View, look


@pytest.fixture(autouse=True)
def _running(fakes: Fakes, layout: Layout) -> None:
    def on_run(_name: str, _command: Sequence[str], _user: str, _stdin: bytes) -> CommandResult:
        return CommandResult(0, lines(), "")

    launch(fakes.world(), layout, wish(), Consent(wants_proof=False))
    fakes.containers.on_run = on_run


def test_everything_is_read(fakes: Fakes, layout: Layout) -> None:
    view = look(fakes.world(), layout, View(), 15)
    assert view.status is not None
    assert view.status.domain == "a.example"
    assert view.crowd.value is not None
    assert view.crowd.value.online == 1
    assert view.draft.value is not None
    assert view.draft.value.value(("domain",)) == "a.example"
    assert view.about("chat") == ()


def test_without_the_engine_the_last_values_stay_and_say_since_when(fakes: Fakes, layout: Layout) -> None:
    first = look(fakes.world(), layout, View(), 15)
    fakes.clock.sleep(5)
    fakes.containers.fail_at["observe"] = EngineError(say("Docker does not answer"), say("Start it"))
    second = look(fakes.world(), layout, first, 15)
    fakes.clock.sleep(5)
    third = look(fakes.world(), layout, second, 15)
    assert third.status == first.status
    assert [str(text) for text in third.needs] == ["Docker does not answer"]
    assert third.server.failing_since == first.server.at + 5
    assert third.crowd.value == first.crowd.value
    assert third.crowd.problem
    del fakes.containers.fail_at["observe"]
    assert not look(fakes.world(), layout, third, 15).server.problem


def test_a_stopped_server_is_a_problem_of_chat(fakes: Fakes, layout: Layout) -> None:
    fakes.containers.stop("xmpp-wizard-prosody", 1)
    view = look(fakes.world(), layout, View(), 15)
    assert "is stopped" in str(view.about("chat")[0])
    assert view.about("ports")
    assert len(view.needs) == 1, "that nothing listens follows from it"
    assert view.crowd.problem


def test_the_server_is_asked_no_more_often_than_is_wanted(fakes: Fakes, layout: Layout) -> None:
    view = look(fakes.world(), layout, View())
    assert (view.crowd, view.heads.value, view.heads.problem) == (Reading(), None, NOTHING)
    times = []
    for _ in range(5):
        view = look(fakes.world(), layout, view, 15)
        times.append(view.crowd.at - fakes.clock.timestamp())
        fakes.clock.sleep(5)
    assert times == [0, -5, -10, 0, -5]
    fakes.clock.sleep(-3600)
    assert look(fakes.world(), layout, view, 15).crowd.at == fakes.clock.timestamp(), "a clock put back stops nothing"


def test_an_engine_that_can_be_started_is_told(fakes: Fakes, layout: Layout) -> None:
    fakes.containers.is_engine_down = True
    view = look(fakes.world(), layout, View())
    assert view.can_start_engine
    fakes.containers.start_engine()
    assert not look(fakes.world(), layout, view).can_start_engine


def test_what_the_server_wrote_and_the_size_of_the_data_are_read(fakes: Fakes, layout: Layout) -> None:
    content = b'{"at":1,"people":3,"devices":5,"servers":2,"half_hours":[]}'
    fakes.files.put(str(layout.data("prosody") / "head_count.json"), content)
    view = look(fakes.world(), layout, View())
    assert view.heads.value is not None
    assert view.heads.value.people == 3
    assert view.data_bytes.value
    fakes.files.put(str(layout.data("prosody") / "head_count.json"), b"{")
    later = look(fakes.world(), layout, view)
    assert later.heads.value == view.heads.value
    assert "damaged" in str(later.heads.problem)
