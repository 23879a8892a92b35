"""Who is on the server, as templates/prosody/people.lua tells it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from tests.engine.conftest import wish
from tests.engine.people.crowd import lines
from tests.fakes import Fakes

from xmpp_wizard.core.containers import CommandResult
from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.engine.applying.apply import Consent, launch
from xmpp_wizard.engine.people.everybody import Person, look, set_enabled


@pytest.fixture(autouse=True)
def _running(fakes: Fakes, layout: Layout) -> None:
    launch(fakes.world(), layout, wish(), Consent(wants_proof=False))


def answer(fakes: Fakes, status: int, output: str, errors: str = "") -> list[Sequence[str]]:
    seen: list[Sequence[str]] = []

    def on_run(_name: str, command: Sequence[str], _user: str, _stdin: bytes) -> CommandResult:
        seen.append(command)
        return CommandResult(status, output, errors)

    fakes.containers.on_run = on_run
    return seen


def test_everybody_is_there_by_address(fakes: Fakes, layout: Layout) -> None:
    answer(fakes, 0, lines())
    crowd = look(fakes.world(), layout)
    assert crowd.people[0] == Person("alice@a.example", is_enabled=True, seen_at=7, devices=2)
    assert crowd.online == 1
    assert crowd.invitations[0].name == "carol"


def test_a_silent_server_is_an_error_in_words(fakes: Fakes, layout: Layout) -> None:
    answer(fakes, 1, "", "Error: unable to connect\n")
    with pytest.raises(EffectError, match="unable to connect"):
        look(fakes.world(), layout)


@pytest.mark.parametrize("cut", ["Result: end\n", "]}\n"])
def test_half_an_answer_is_none(fakes: Fakes, layout: Layout, cut: str) -> None:
    answer(fakes, 0, lines().replace(cut, "", 1))
    with pytest.raises(EffectError, match="does not say who is on it"):
        look(fakes.world(), layout)


def test_somebody_is_shut_out_and_let_in_again(fakes: Fakes, layout: Layout) -> None:
    seen = answer(fakes, 0, "OK: User disabled\n")
    set_enabled(fakes.world(), layout, "bob@a.example", is_enabled=False)
    assert list(seen[-1]) == ["prosodyctl", "shell", "user", "disable", "bob@a.example"]
    answer(fakes, 1, "", "Error: No such user\n")
    with pytest.raises(EffectError, match="No such user"):
        set_enabled(fakes.world(), layout, "bob@a.example", is_enabled=True)
