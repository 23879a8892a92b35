"""A world of fakes with one small server in it."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import pytest
from tests.fakes import Fakes

from xmpp_wizard.core.answers.model import Answers, answers_model
from xmpp_wizard.core.events import ApplyEnded
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.effects.appliance import ShippedAppliance
from xmpp_wizard.engine.applying.apply import Consent, launch
from xmpp_wizard.engine.memory import journal
from xmpp_wizard.engine.setup import ApplyAnswers, Request

TEMPLATES = ShippedAppliance().templates()
NO_PROOF = Consent(wants_proof=False)


@pytest.fixture
def fakes() -> Fakes:
    """Return the fakes, for looking and for making things fail."""
    fakes = Fakes()
    fakes.appliance.texts = dict(TEMPLATES)
    return fakes


@pytest.fixture
def layout() -> Layout:
    """Return the usual places."""
    return Layout(PurePosixPath("/"))


def wish(**answers: object) -> ApplyAnswers:
    """Return the wish for a server at a.example in one container, without calls, with these answers beside."""
    values = {"domain": "a.example", **answers}
    lines = [f"{key} = {value!r}" for key, value in values.items()]
    if "features" not in values:
        lines.append("features.calls.enabled = false")
    return ApplyAnswers(validated(values), "\n".join(lines), "/root/answers.toml")


def validated(values: dict[str, object]) -> Answers:
    """Return the answers made of plain values, without calls unless they are wished."""
    features: Any = values.get("features", {})
    return answers_model().model_validate({**values, "features": {"calls": {"enabled": False}, **features}})


def run(fakes: Fakes, layout: Layout, request: Request, consent: Consent = NO_PROOF) -> list[Any]:
    """Apply and return all events."""
    world = fakes.world()
    world.clock.sleep(1)
    return list(journal.follow(world, launch(world, layout, request, consent)))


def end(events: list[Any]) -> ApplyEnded:
    """Return the last event."""
    assert isinstance(events[-1], ApplyEnded)
    return events[-1]
