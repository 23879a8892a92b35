"""Sentences: what they say, and that all of them can still be translated at the end of their way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from xmpp_wizard.core.events import ApplyEnded, from_json, to_json
from xmpp_wizard.core.text import NOTHING, Text, say

words = st.text(alphabet='ab{} \n"ü', max_size=6)
texts = st.recursive(
    st.builds(Text, st.sampled_from(["the disk is full", "{not a field", ""])),
    lambda inner: st.builds(lambda value: say("{what}: failed", what=value), st.one_of(words, inner)),
    max_leaves=5,
)


def test_a_sentence_has_its_values_filled_in() -> None:
    assert str(say("port {port} on {name}", port=443, name="a.example")) == "port 443 on a.example"
    assert str(say("{not a field")) == "{not a field"
    assert not NOTHING


def test_a_sentence_within_a_sentence_stays_one() -> None:
    inner = say("the disk {disk} is full", disk="/var")
    outer = say("{problem}; nothing was changed", problem=inner)
    assert outer.values == (("problem", inner),)
    assert str(outer) == "the disk /var is full; nothing was changed"


def test_braces_in_a_value_are_no_fields() -> None:
    inner = say("{reason}", reason="{0} {name}")
    assert str(say("cannot write: {inner}", inner=inner)) == "cannot write: {0} {name}"


@given(text=texts, hint=texts)
def test_sentences_survive_the_journal(text: Text, hint: Text) -> None:
    event = ApplyEnded(3, "disk", text, hint, 1.5)
    line = to_json(event)
    assert "\n" not in line
    assert from_json(line) == event
