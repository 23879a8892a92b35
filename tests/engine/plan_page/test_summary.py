"""What Apply does, in words that are right for one and for many."""

from __future__ import annotations

import pytest
from tests.core.planning.small_server import CONTAINER

from xmpp_wizard.core.observed import Loaded
from xmpp_wizard.core.planning.actions import Action, BuildImage, StartContainer, WriteFile
from xmpp_wizard.core.planning.plan import Plan, Step
from xmpp_wizard.core.target import File
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.plan_page.summary import summary

BUILD = BuildImage("prosody", "1")
START = StartContainer(CONTAINER, Loaded("", "", 0))
WRITE = WriteFile(File("/a", "", 0o600, (0, 0)))


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


def test_what_deletes_or_interrupts_is_said_in_the_same_words() -> None:
    deletes = Step("1", WRITE, (), say("-"), say("-"), destroys=True)
    interrupts = Step("2", WRITE, (), say("-"), say("-"), interrupts=True)
    assert str(summary(Plan(1, (deletes,)))) == (
        "Apply writes a file. It DELETES something or shuts people out, in one step."
    )
    assert str(summary(Plan(1, (interrupts,)))) == (
        "Apply writes a file and interrupts for about half a second. Deletes nothing."
    )
