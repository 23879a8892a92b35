"""The language that was chosen is kept beside the server, and nowhere before there is one."""

from __future__ import annotations

import pytest
from tests.fakes import Fakes

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.engine import language

LAYOUT = Layout()
FOLDER = str(LAYOUT.state)
GERMAN = {"LANG": "de_DE.UTF-8"}


def test_without_a_choice_the_environment_decides() -> None:
    world = Fakes().world()
    assert language.spoken(world, LAYOUT, GERMAN) == "de"
    assert language.spoken(world, LAYOUT, {}) == "en"


def test_a_choice_beats_the_environment_from_then_on() -> None:
    world = Fakes().world()
    world.files.make_folder(FOLDER, 0o700, (0, 0))
    language.keep(world, LAYOUT, "en")
    assert language.spoken(world, LAYOUT, GERMAN) == "en"
    language.keep(world, LAYOUT, "de")
    assert language.spoken(world, LAYOUT, {}) == "de"


def test_nothing_is_written_before_there_is_a_server() -> None:
    fakes = Fakes()
    language.keep(fakes.world(), LAYOUT, "de")
    assert fakes.world().files.stat(str(LAYOUT.language)) is None


@pytest.mark.parametrize("content", [b"", b"fr\n", b"\xff\xfe", b"../../etc"])
def test_a_damaged_choice_is_none(content: bytes) -> None:
    world = Fakes().world()
    world.files.make_folder(FOLDER, 0o700, (0, 0))
    world.files.write(str(LAYOUT.language), content, 0o600, (0, 0))
    assert language.spoken(world, LAYOUT, GERMAN) == "de"
