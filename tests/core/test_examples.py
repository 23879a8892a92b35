"""The example answer files: each is right, says something of its own, and makes a whole server."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from xmpp_wizard.core.answers.file import load
from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.rendering.render import prosody_config
from xmpp_wizard.core.wanted.desired import desired

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.toml"))
NAMES = {"try-it", "family-pi", "small-company", "strict-closed", "public-server"}

by_name = pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: str(path.stem))


def answers_of(path: Path) -> Answers:
    return load(path.read_bytes(), path.name, {}, ())[0]


def test_the_promised_ones_are_there() -> None:
    assert {path.stem for path in EXAMPLES} >= NAMES


@by_name
def test_an_example_describes_a_whole_server(path: Path) -> None:
    answers = answers_of(path)
    server = desired(answers)
    assert server.domains == answers.domains
    assert server.containers
    templates = {"prosody/prosody.cfg.lua.j2": (ROOT / "templates/prosody/prosody.cfg.lua.j2").read_text()}
    config = prosody_config(server, templates)
    for domain in answers.domains:
        assert f'"{domain}"' in config


@by_name
def test_an_example_says_first_for_whom_it_is(path: Path) -> None:
    text = path.read_text()
    assert text.startswith("# ")
    assert tomllib.loads(text)["version"] == 1


def test_no_two_examples_describe_the_same() -> None:
    assert len({answers_of(path).model_dump_json() for path in EXAMPLES}) == len(EXAMPLES)


def test_the_closed_example_is_closed() -> None:
    answers = answers_of(ROOT / "examples/strict-closed.toml")
    server = desired(answers)
    assert answers.security.level == "strict"
    assert not any(port.tls == "starttls-server" for port in server.ports)


def test_the_one_to_try_needs_nothing_from_outside() -> None:
    answers = answers_of(ROOT / "examples/try-it.toml")
    assert answers.certificates.source == "local"
    assert answers.domain.endswith((".lan", ".internal"))
    assert desired(answers).references == ()
