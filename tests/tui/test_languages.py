"""Catalogues: nothing unused, nothing missing on the main screens, no field lost, and every line has its room."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.fakes import Fakes
from tests.tui.conftest import SMALL, picture
from tests.tui.test_first_setup import settle, type_address, wizard

from xmpp_wizard.core.catalogue import Catalogue, language_of, parse
from xmpp_wizard.core.text import say
from xmpp_wizard.effects.appliance import ShippedAppliance
from xmpp_wizard.tui.desk import Desk

ROOT = Path(__file__).parents[2]
GERMAN = parse(ShippedAppliance().catalogue("de"))
MAIN = ("address", "plan", "apply", "done")
FIELD = re.compile(r"\{(\w+)\}")


def said_in(*files: str) -> set[str]:
    """Return the messages of these files, by the same program that makes the catalogues."""
    names: dict[str, object] = {"__name__": "catalogue", "__file__": str(ROOT / "scripts/catalogue")}
    exec((ROOT / "scripts/catalogue").read_text(), names)  # noqa: S102 our own program, which has no .py name
    messages: dict[str, str] = names["messages"]()  # type: ignore[operator]
    return {message for message, file in messages.items() if file in files}


def test_no_translation_is_left_over() -> None:
    told = subprocess.run(
        [sys.executable, ROOT / "scripts/catalogue", "--check"], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stdout


def test_the_main_screens_are_translated() -> None:
    files = [f"tui/screens/{name}.py" for name in MAIN] + [
        "tui/base.py",
        "engine/plan_rows.py",
        "engine/apply_picture.py",
    ]
    wanted = {message for message in said_in(*files) if re.search(r"[a-z]{3}", FIELD.sub("", message))}
    assert sorted(wanted - set(GERMAN)) == []


@pytest.mark.parametrize("message", sorted(GERMAN))
def test_a_translation_has_the_fields_of_its_message(message: str) -> None:
    assert set(FIELD.findall(GERMAN[message])) == set(FIELD.findall(message))


def test_values_that_are_our_own_words_are_translated_too() -> None:
    german = Catalogue("de", GERMAN)
    level = say("{level}. {shuts_out}", level=say("Recommended"), shuts_out="x")
    assert german.words(level) == "Empfohlen. x"
    assert Catalogue().words(level) == "Recommended. x"
    assert german.words(say("{level}. {shuts_out}", level="Recommended", shuts_out="x")) == "Recommended. x"


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "de_AT.UTF-8"}, "de"),
        ({"LANGUAGE": "de:en", "LANG": "C"}, "de"),
        ({"LANG": "fr_FR"}, "en"),
    ],
)
def test_the_language_is_that_of_the_environment(environment: dict[str, str], language: str) -> None:
    assert language_of(environment) == language


async def test_german_has_its_room(desk: Desk, fakes: Fakes) -> None:
    fakes.appliance.catalogues["de"] = ShippedAppliance().catalogue("de")
    desk.speak("de")
    app = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await type_address(pilot)
        text = picture(app)
        for words in ("Ihre Chat-Adresse", "Dieser Rechner", "Anwenden drücken.", "F2 English", "Esc Ende"):
            assert words in text
        await pilot.press("enter")
        await settle(pilot)
        text = picture(app)
        for words in ("Sicherheit    Empfohlen. Sperrt Apps", "» [ Anwenden ]", "Löscht nichts", "Esc zurück"):
            assert words in text
