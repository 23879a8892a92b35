"""Pictures of terminals: what is on the screen is in them, lines join, and a film stands still where nothing moves."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def drawing() -> Any:  # noqa: ANN401 a module that is no package's
    spec = spec_from_file_location("terminal_picture", ROOT / "scripts/terminal_picture.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def screen(drawing: Any, *lines: str) -> list[list[Any]]:  # noqa: ANN401 see the fixture
    return [[drawing.Cell(sign, drawing.FOREGROUND, drawing.BACKGROUND, False) for sign in line] for line in lines]  # noqa: FBT003


def test_words_stand_where_they_stood(drawing: Any) -> None:  # noqa: ANN401 see the fixture
    root = ET.fromstring(drawing.picture(screen(drawing, "ok   <a&b>")))  # noqa: S314 our own text
    words = {text.text: (text.get("x"), text.get("textLength")) for text in root.iter(f"{SVG}text")}
    width = drawing.CELL_WIDTH
    assert words == {"ok": ("0", f"{2 * width}"), "<a&b>": (f"{5 * width}", f"{5 * width}")}


def test_lines_and_blocks_are_drawn_and_reach_their_neighbours(drawing: Any) -> None:  # noqa: ANN401 see the fixture
    root = ET.fromstring(drawing.picture(screen(drawing, "┌─", "│█")))  # noqa: S314 our own text
    assert list(root.iter(f"{SVG}text")) == []
    first, second = [path.get("d") or "" for path in root.iter(f"{SVG}path")]
    width, height = drawing.CELL_WIDTH, drawing.CELL_HEIGHT
    assert f"M{width // 2} {height // 2}h{width - width // 2}v1" in first, "the corner's arm goes to the right edge"
    assert f"M{width} {height // 2}h" in first, "where the line begins"
    assert f"M{width} {height}h{width}v{height}" in second, "a block fills its cell"


def test_a_film_shows_each_screen_in_its_turn_and_the_last_where_nothing_moves(drawing: Any) -> None:  # noqa: ANN401
    text = drawing.film([(screen(drawing, "one"), 1.0), (screen(drawing, "two"), 3.0)])
    assert "@keyframes k0{0.000%{visibility:visible}25.000%{visibility:hidden}}" in text
    assert "@keyframes k1{0%{visibility:hidden}25.000%{visibility:visible}100.000%{visibility:hidden}}" in text
    assert "#f1{visibility:visible}" in text
    ET.fromstring(text)  # noqa: S314 our own text
