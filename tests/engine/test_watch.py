"""What is watched never empties."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from tests.engine.conftest import wish
from tests.engine.test_people import ANSWER
from tests.fakes import Fakes

from xmpp_wizard.core.errors import EngineError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import CommandResult
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.apply import Consent, launch
from xmpp_wizard.engine.watch import View, look


@pytest.fixture(autouse=True)
def _running(fakes: Fakes, layout: Layout) -> None:
    def on_run(_name: str, _command: Sequence[str], _user: str, _stdin: bytes) -> CommandResult:
        return CommandResult(0, f"Result: {json.dumps(ANSWER)}\n", "")

    launch(fakes.world(), layout, wish(), Consent(wants_proof=False))
    fakes.containers.on_run = on_run


def test_everything_is_read(fakes: Fakes, layout: Layout) -> None:
    view = look(fakes.world(), layout, View())
    assert view.status is not None
    assert view.status.domain == "a.example"
    assert view.crowd.value is not None
    assert view.crowd.value.online == 1
    assert view.draft.value is not None
    assert view.draft.value.value(("domain",)) == "a.example"
    assert view.about("chat") == ()


def test_without_the_engine_the_last_values_stay_and_say_since_when(fakes: Fakes, layout: Layout) -> None:
    first = look(fakes.world(), layout, View())
    fakes.clock.sleep(5)
    fakes.containers.fail_at["observe"] = EngineError(say("Docker does not answer"), say("Start it"))
    second = look(fakes.world(), layout, first)
    fakes.clock.sleep(5)
    third = look(fakes.world(), layout, second)
    assert third.status == first.status
    assert [str(text) for text in third.needs] == ["Docker does not answer"]
    assert third.server.failing_since == first.server.at + 5
    assert third.crowd.value == first.crowd.value
    assert third.crowd.problem
    del fakes.containers.fail_at["observe"]
    assert not look(fakes.world(), layout, third).server.problem


def test_a_stopped_server_is_a_problem_of_chat(fakes: Fakes, layout: Layout) -> None:
    fakes.containers.stop("xmpp-wizard-prosody", 1)
    view = look(fakes.world(), layout, View())
    assert "is stopped" in str(view.about("chat")[0])
    assert view.about("ports")
    assert len(view.needs) == 1, "that nothing listens follows from it"
    assert view.crowd.problem
