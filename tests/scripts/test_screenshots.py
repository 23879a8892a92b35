"""The pictures that the README shows are there, are pictures, and tell nothing of the place where they were made."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parents[2]
PICTURES = sorted((ROOT / "screenshots").glob("*.svg"))
NAMED = re.findall(r"screenshots/[\w.-]+", (ROOT / "README.md").read_text(encoding="utf-8"))
WORDS = re.compile(r"<text[^>]*>([^<]*)</text>")
_LARGEST = 300_000


def test_the_readme_shows_some() -> None:
    assert len([name for name in NAMED if name.endswith(".svg")]) >= 4


@pytest.mark.parametrize("name", NAMED)
def test_what_the_readme_names_is_there(name: str) -> None:
    assert (ROOT / name).is_file()


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_a_picture_is_whole_and_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ET.fromstring(text).tag.endswith("svg")  # noqa: S314 our own file
    assert "xmpp-wizard" in WORDS.findall(text)
    assert len(text) < _LARGEST


@pytest.mark.parametrize("path", [*PICTURES, ROOT / "screenshots/tour.cast"], ids=lambda path: path.name)
def test_nothing_of_the_place_is_in_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"/(home|work|tmp|Users)/", text)
    assert socket.gethostname() in ("chat", "localhost") or f" {socket.gethostname()} " not in text


def test_the_recording_can_be_played() -> None:
    head, *events = (ROOT / "screenshots/tour.cast").read_text(encoding="utf-8").splitlines()
    known = json.loads(head)
    assert (known["version"], known["width"], known["height"]) == (2, 80, 24)
    times = [json.loads(event)[0] for event in events]
    assert times == sorted(times)
    assert len(times) > 20
