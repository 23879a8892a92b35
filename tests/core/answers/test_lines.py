"""Lines of values in TOML texts of every form."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from xmpp_wizard.core.answers.lines import Key, lines, parse_key, write_key

TEXT = """\
# a comment with domain = "x" and [brackets]
domain = "example.org"  # behind it, too: admins = 3

admins = [
    "alice",  # first
    "b]o,b",

    'carol',
]
network.https_port = 1.5
title = '''one
two = 2
'''
long = \"\"\"a \\\" = [
\"\"\"\"
[features]
preset = "family"
[features.group_chat]
"history_days" = 30
calls = { enabled = true, ports = [1, 2], "a.b" = {c = 1} }
[[certificates.files]]
chain_file = "/a"
[[certificates.files]]
key_file = "/b"
[certificates.files.more]
at = 1979-05-27 07:32:00.5
"""


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (("domain",), 2),
        (("admins",), 4),
        (("admins", 1), 6),
        (("admins", 2), 8),
        (("network", "https_port"), 10),
        (("title",), 11),
        (("long",), 14),
        (("features",), 16),
        (("features", "preset"), 17),
        (("features", "group_chat"), 18),
        (("features", "group_chat", "history_days"), 19),
        (("features", "group_chat", "calls", "ports", 1), 20),
        (("features", "group_chat", "calls", "a.b", "c"), 20),
        (("certificates", "files", 0, "chain_file"), 22),
        (("certificates", "files", 1), 23),
        (("certificates", "files", 1, "key_file"), 24),
        (("certificates", "files", 1, "more", "at"), 26),
    ],
)
def test_each_value_has_its_line(key: Key, line: int) -> None:
    tomllib.loads(TEXT)
    assert lines(TEXT)[key] == line


def all_keys(node: object, key: Key = ()) -> set[Key]:
    found = {key}
    if isinstance(node, dict):
        for name, value in node.items():
            found |= all_keys(value, (*key, name))
    if isinstance(node, list):
        for number, value in enumerate(node):
            found |= all_keys(value, (*key, number))
    return found


SIGNS = st.characters(codec="utf-8", exclude_characters="\x7f", min_codepoint=32)
NAMES = st.text(SIGNS, max_size=4)
VALUES = st.recursive(
    st.text(SIGNS | st.just("\n"), max_size=8)
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats(allow_nan=False)
    | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_exactly_the_keys_of_the_text_are_found(data: dict[str, Any]) -> None:
    text = tomlkit.dumps(data)
    assert set(lines(text)) >= all_keys(tomllib.loads(text))


@pytest.mark.parametrize(
    ("dotted", "parts"),
    [
        ("domain", ("domain",)),
        ("features.group_chat.history_days", ("features", "group_chat", "history_days")),
        ('a."b.c".d', ("a", "b.c", "d")),
    ],
)
def test_a_dotted_key_has_parts(dotted: str, parts: tuple[str, ...]) -> None:
    assert parse_key(dotted) == parts
    assert write_key(parts) == dotted


@pytest.mark.parametrize("dotted", ["", ".", "a.", "a b", "a = 1\nb", "[a]", "a = {b", "#", "a=1 #"])
def test_what_is_no_key_is_refused(dotted: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_key(dotted)


def test_odd_names_are_shown_safely() -> None:
    assert write_key(("a\x1b", "b c", "d" * 99)) == '"a\\u001b"."b c"."' + "d" * 50 + '…"'


def test_list_items_are_written_from_one() -> None:
    assert write_key(("certificates", "files", 0, "key_file")) == "certificates.files[1].key_file"
