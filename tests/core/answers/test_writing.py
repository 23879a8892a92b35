"""Values written into answer files of people."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xmpp_wizard.core.answers.writing import with_value

FILE = """\
# my server
domain = "a.example" # main

[features]  # what we have
preset = "family"
[features.group_chat]
enabled = true
# the end
[network]
listen = [ "127.0.0.1" ] # only here
"""


def value_at(text: str, key: tuple[str, ...]) -> object:
    node: object = tomllib.loads(text)
    for part in key:
        assert isinstance(node, dict)
        node = node[part]
    return node


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (("domain",), "b.example"),
        (("title",), 'with "quotes" and \\'),
        (("admins",), ["alice", "bob"]),
        (("features", "preset"), "company"),
        (("features", "group_chat", "enabled"), False),
        (("features", "group_chat", "history_days"), 30),
        (("features", "calls", "enabled"), True),
        (("storage", "backend"), "internal"),
        (("network", "listen"), []),
        (("certificates", "files"), [{"chain_file": "/a", "key_file": "/b"}]),
    ],
)
def test_a_value_is_set_and_all_else_stays(key: tuple[str, ...], value: object) -> None:
    text = with_value(FILE, key, value)
    assert value_at(text, key) == value
    for comment in ("# my server", "# main", "# what we have", "# the end", "# only here"):
        assert comment in text
    before = tomllib.loads(FILE)
    after = tomllib.loads(text)
    assert all(after[name] == before[name] for name in before if name != key[0])
    assert with_value(text, key, value) == text


def test_a_value_is_set_in_tables_of_every_form() -> None:
    inline = with_value("network = { listen = [] }", ("network", "https_port"), 8443)
    assert value_at(inline, ("network",)) == {"listen": [], "https_port": 8443}
    assert value_at(with_value("a.b = 1\n", ("a", "c"), 2), ("a",)) == {"b": 1, "c": 2}


def test_a_value_in_the_way_is_refused() -> None:
    with pytest.raises(ValueError, match="network is no group"):
        with_value("network = 3", ("network", "listen"), [])


FILES = [
    "",
    "# only a comment",
    "# first\n[network]\nlisten = []\n",
    "# first\nnetwork.https_port = 444\n",
    '# first\nfeatures.group_chat.history_days = 3\nfeatures.preset = "family"\n[network]\n',
    "[features.group_chat]\nhistory_days = 3\n[network]\n[features.file_sharing]\nkeep_days = 3\n",
    '[features.group_chat]\n[network]\nlisten = []\n[features]\npreset = "family"\n',
    'features = { preset = "family", group_chat = { history_days = 3 } }\n',
    "[features]\ngroup_chat.history_days = 3\n",
    "[features]\ngroup_chat = { history_days = 3 }\n[network]\nlisten = []",
    '[[certificates.files]]\nchain_file = "/a"\nkey_file = "/b"\n[network]\n',
    'domain = "a.example"\r\n[network]\r\nlisten = []\r\n',
    'admins = [\n "a", # x\n "b",\n]\n[features]',
    "[features]\n\n[features.group_chat]\n# only a comment\n\n[storage]\n",
    "[certificates]\n[network]\n[certificates.more]\n",
]
CHANGES: list[tuple[tuple[str, ...], object]] = [
    (("domain",), "b.example"),
    (("admins",), ["x"]),
    (("features", "preset"), "company"),
    (("features", "group_chat", "history_days"), 9),
    (("features", "file_sharing", "keep_days"), 9),
    (("features", "file_sharing", "enabled"), True),
    (("network", "listen"), ["127.0.0.1"]),
    (("certificates", "files"), [{"chain_file": "/x", "key_file": "/y"}]),
    (("storage", "backend"), "internal"),
]


@given(text=st.sampled_from(FILES), changes=st.lists(st.sampled_from(CHANGES), max_size=4))
def test_changes_of_every_file_say_what_they_should_and_nothing_else(
    text: str, changes: list[tuple[tuple[str, ...], object]]
) -> None:
    wanted = tomllib.loads(text)
    first_comment = text.partition("\n")[0] if text.startswith("#") else ""
    for key, value in changes:
        node = wanted
        for part in key[:-1]:
            node = node.setdefault(part, {})
        node[key[-1]] = value
        text = with_value(text, key, value)
    assert tomllib.loads(text) == wanted
    assert text.startswith(first_comment)
