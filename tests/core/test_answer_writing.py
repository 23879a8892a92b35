"""Values written into answer files of people."""

from __future__ import annotations

import tomllib

import pytest

from xmpp_wizard.core.answer_writing import with_value

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
