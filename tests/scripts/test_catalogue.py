"""Catalogues: nothing unused, nothing missing that the wizard shows, no field lost, and every line has its room."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from xmpp_wizard.core.answers.fields import choice_text, messages, questions
from xmpp_wizard.core.answers.file import load
from xmpp_wizard.core.answers.problems import WrongAnswersError
from xmpp_wizard.core.catalogue import Catalogue, language_of, parse
from xmpp_wizard.core.features import all_features
from xmpp_wizard.core.kit.feature import Feature
from xmpp_wizard.core.states import STATES
from xmpp_wizard.core.text import say
from xmpp_wizard.effects.appliance import ShippedAppliance

ROOT = Path(__file__).parents[2]
GERMAN = parse(ShippedAppliance().catalogue("de"))
FIELD = re.compile(r"\{(\w+)\}")


def the_program() -> dict[str, Any]:
    """Return what ``scripts/catalogue`` consists of."""
    names: dict[str, Any] = {"__name__": "catalogue", "__file__": str(ROOT / "scripts/catalogue")}
    exec((ROOT / "scripts/catalogue").read_text(), names)  # noqa: S102 our own program, which has no .py name
    return names


def test_catalogues_are_as_they_must_be() -> None:
    told = subprocess.run(
        [sys.executable, ROOT / "scripts/catalogue", "--check"], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stdout


def test_what_the_check_finds() -> None:
    differences = the_program()["differences"]
    said = {"Apply {what}": "tui/screens/plan.py", "{x} 1": "tui/screens/plan.py", "Other": "cli/logs.py"}
    assert list(differences(said, {"Apply {what}": "{what} anwenden"})) == []
    assert list(differences(said, {})) == [
        "not translated, but shown by the wizard (tui/screens/plan.py): 'Apply {what}'"
    ]
    assert list(differences(said, {"Apply {what}": "{was} anwenden"})) == [
        "other fields than its message: '{was} anwenden'"
    ]
    assert list(differences({}, {"Gone": "Weg"})) == ["no longer said: 'Gone'"]


@pytest.mark.parametrize(
    "file", ["cli/talk.py", "core/dns/judge.py", "engine/certificates/renewal.py", "effects/notifier.py"]
)
def test_whatever_the_wizard_may_show_has_to_be_translated(file: str) -> None:
    assert [*the_program()["differences"]({"Other": file}, {})] == [
        f"not translated, but shown by the wizard ({file}): 'Other'"
    ]


def test_help_writes_nothing() -> None:
    catalogues = [*(ROOT / "src").rglob("*.po")]
    before = {file: file.stat().st_mtime_ns for file in catalogues}
    told = subprocess.run([sys.executable, ROOT / "scripts/catalogue", "--help"], capture_output=True, check=True)
    assert b"--check" in told.stdout
    assert {file: file.stat().st_mtime_ns for file in catalogues} == before != {}


def test_what_the_answers_model_says_is_in_the_catalogues() -> None:
    said = the_program()["messages"]()
    for question in questions().values():
        for text in (question.title, question.unit, question.meaning):
            assert not text or text.message in said, question.name
    assert {"Certificate chain", "Keep room history", "days", "How strict the server is."} <= set(said)
    assert {"choice\x04strict", "choice\x04open", "choice\x04dino", "state\x04FAIL"} <= set(said)


def test_everything_that_the_answers_model_says_is_translated() -> None:
    needs = the_program()["needs_translation"]
    assert [message for message in messages() if needs(message) and message not in GERMAN] == []


def test_a_catalogue_is_read_as_it_is_written() -> None:
    said = dict.fromkeys(['with "quotes"', "two\nlines", "choice\x04open", "open"], "x.py")
    known = {message: f"<{message}>".replace("\x04", " ") for message in said}
    assert parse(the_program()["catalogue"]("de", said, known)) == known


def test_a_word_means_something_else_in_another_context() -> None:
    german = Catalogue("de", GERMAN)
    assert (german.words(say("open")), german.words(choice_text("open"))) == ("öffnen", "alle")
    assert str(choice_text("open")) == "open"
    assert Catalogue().words(choice_text("open")) == "open"


def test_state_words_keep_their_columns() -> None:
    german = Catalogue("de", GERMAN)
    columns = [(message, words) for message, words in GERMAN.items() if message.startswith("column\x04")]
    assert columns
    assert all(len(message) == len(f"column\x04{words}") for message, words in columns)
    assert all(len(german.words(text)) <= 5 for text in STATES.values())
    assert len({german.words(text) for text in STATES.values()}) == len(STATES)


@pytest.mark.parametrize("feature", all_features(), ids=lambda feature: feature.name)
def test_what_a_feature_is_has_its_room_at_80_columns(feature: Feature[Any]) -> None:
    for language in (Catalogue(), Catalogue("de", GERMAN)):
        assert len(language.words(feature.title)) < 24, "else the row on the page of features breaks"
        assert len(language.words(feature.summary)) <= 78, "else the message line cuts it off"


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
    ("text", "sentence"),
    [
        ("domain", "a.toml:1:7: hinter dem Schlüssel fehlt ein Gleichheitszeichen"),
        ('domain = "a.example"\nadmins = 3\nversion = 1\nx = 2\n', "a.toml:4: x: eine solche Antwort gibt es nicht"),
    ],
)
def test_what_is_wrong_with_an_answer_file_is_said_in_german(text: str, sentence: str) -> None:
    with pytest.raises(WrongAnswersError) as caught:
        load(text.encode(), "a.toml", {}, ())
    assert sentence in Catalogue("de", GERMAN).words(caught.value.text)


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
