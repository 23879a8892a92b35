"""What Apply does, in words that are right for one and for many."""

from __future__ import annotations

import pytest
from tests.core.planning.small_server import CONTAINER

from xmpp_wizard.core.observed import Loaded
from xmpp_wizard.core.planning.actions import Action, BuildImage, RetireHost, StartContainer, WriteFile
from xmpp_wizard.core.planning.move_data import MoveData
from xmpp_wizard.core.planning.plan import Plan, Step
from xmpp_wizard.core.target import File
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.plan_page.summary import step_lines, summary

BUILD = BuildImage("prosody", "1")
START = StartContainer(CONTAINER, Loaded("", "", 0))
FILE = File("/a", "", 0o600, (0, 0))
WRITE = WriteFile(FILE)
MOVE = MoveData(CONTAINER, Loaded("", "", 0), FILE, CONTAINER, "", 1, "sqlite", "postgres", 2)
RETIRE = RetireHost("b.example")


@pytest.mark.parametrize(
    ("actions", "words"),
    [
        ((BUILD, START, WRITE), "Apply builds an image (about 4 min), starts a container, writes a file."),
        (
            (BUILD, START, START, WRITE, WRITE),
            "Apply builds an image (about 4 min), starts 2 containers, writes 2 files.",
        ),
        ((BUILD, WRITE), "Apply builds an image (about 4 min), writes a file."),
        ((BUILD, BUILD, START, START), "Apply builds 2 images (about 4 min each), writes no file."),
        ((START,), "Apply starts a container, writes no file."),
        ((START, START, WRITE), "Apply starts 2 containers, writes a file."),
        ((WRITE, WRITE), "Apply writes 2 files."),
    ],
)
def test_one_thing_is_no_plural(actions: tuple[Action, ...], words: str) -> None:
    steps = tuple(Step(str(at), action, (), say("-"), say("-")) for at, action in enumerate(actions))
    assert str(summary(Plan(1, steps))) == f"{words} Interrupts nothing. Deletes nothing."


def destroying(*actions: Action) -> Plan:
    return Plan(1, tuple(Step("1", action, (), say("-"), say("-"), destroys=True) for action in actions))


@pytest.mark.parametrize(
    ("actions", "harm"),
    [
        ((MOVE,), "DELETES data, in one step"),
        ((RETIRE,), "shuts people out, in one step"),
        ((RETIRE, RETIRE), "shuts people out, in 2 steps"),
        ((RETIRE, MOVE), "DELETES data and shuts people out, in 2 steps"),
    ],
)
def test_what_destroys_says_whether_data_are_lost(actions: tuple[Action, ...], harm: str) -> None:
    assert str(summary(destroying(*actions))) == f"Apply writes no file. It {harm}."


def test_each_step_that_destroys_has_its_word() -> None:
    marks = [line.strip() for line in step_lines(destroying(RETIRE, MOVE)) if "you are asked" in line]
    assert marks == ["SHUTS OUT: you are asked first", "DELETES: you are asked first"]


def test_what_interrupts_is_said_in_the_same_words() -> None:
    interrupts = Step("2", WRITE, (), say("-"), say("-"), interrupts=True)
    assert str(summary(Plan(1, (interrupts,)))) == (
        "Apply writes a file and interrupts for about half a second. Deletes nothing."
    )
