"""The answer file to start from, and the schema for editors."""

from __future__ import annotations

import re

import pytest

from xmpp_wizard.core.answers.fields import Question, is_secret, questions
from xmpp_wizard.core.answers.file import load
from xmpp_wizard.core.answers.model import answers_model
from xmpp_wizard.core.answers.template import schema, template, toml_value

COMPANIONS = {
    "certificates.source": ['certificates.files=[{chain_file="/a",key_file="/b"}]'],
    "features.federation.allow": ["features.federation.mode=list"],
    "features.jwt.public_key_file": ["features.jwt.algorithm=RS256"],
}
"""Answers that make sense only together with another one."""


def test_the_template_says_the_domain_and_public_certificates_for_a_public_name() -> None:
    answers, _ = load(template("bücher.example").encode(), "t.toml", {}, ())
    assert answers == answers_model()(domain="bücher.example", certificates={"source": "acme"})
    answers, _ = load(template("chat.lan").encode(), "t.toml", {}, ())
    assert answers == answers_model()(domain="chat.lan")


def test_every_question_is_in_the_template_with_its_title() -> None:
    text = template()
    for question in questions().values():
        assert question.field.title, question.name
        assert question.field.title in text
        assert (
            f"[{question.name}]" in text
            if question.group
            else re.search(rf"^#?{question.key[-1]} = ", text, re.MULTILINE)
        )


@pytest.mark.parametrize(
    "question", [q for q in questions().values() if not q.group and len(q.key) > 1], ids=lambda q: str(q.name)
)
def test_each_line_is_right_once_its_sign_is_removed(question: Question) -> None:
    before, heading, after = template("x.lan").partition(f"\n[{question.key[0]}]")
    group = "".join(f"{part}." for part in question.key[:-1])[:-1]
    if group != question.key[0]:
        more, heading2, after = after.partition(f"\n[{group}]")
        before += heading + more
        heading = heading2
    text = before + heading + re.sub(rf"(?m)^#({question.key[-1]} = )", r"\1", after, count=1)
    assert text != template("x.lan")
    load(text.encode(), "t.toml", {}, COMPANIONS.get(question.name, []))


def test_no_question_asks_for_a_secret_itself() -> None:
    assert [question.name for question in questions().values() if is_secret(question.key[-1])] == []


def test_the_schema_is_strict_and_explains() -> None:
    found = schema()
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert found["required"] == ["domain"]
    assert found["additionalProperties"] is False
    assert found["properties"]["domain"]["description"]
    for name, model in found["$defs"].items():
        assert model["additionalProperties"] is False, name
        for key, field in model["properties"].items():
            assert field.get("title"), f"{name}.{key}"


def test_the_template_names_the_schema_for_editors() -> None:
    assert template().startswith("#:schema ./answers.schema.json\n")


@pytest.mark.parametrize("value", ["a", 'q"\\', "ä\n\x7f", 3, True, [], ["a", 1.5], [{"a": "b", "c": [False]}]])
def test_values_are_written_as_toml(value: object) -> None:
    import tomllib  # noqa: PLC0415 only here

    assert tomllib.loads(f"x = {toml_value(value)}")["x"] == value
