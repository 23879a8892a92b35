"""Names and addresses as people write them."""

from __future__ import annotations

import pytest

from xmpp_wizard.core import addresses


@pytest.mark.parametrize(
    ("text", "local"),
    [("alice", "alice"), ("Alice", "alice"), (" bob ", "bob"), ("Jörg", "jörg"), ("a.b-c_d+e", "a.b-c_d+e")],
)
def test_a_local_part_gets_one_form(text: str, local: str) -> None:
    assert addresses.parse_local_part(text) == local


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("a b", "space"),
        ("a@b", "has @"),
        ("o'neil", "has '"),
        ("a/b", "has /"),
        ("😀", "symbol"),
        ("a\x00", "invisible"),
        ("a" * 1024, "too long"),
        ("aא", "from the left"),
        ("ﬀ", "another form"),
        ("\ud800", "not allowed"),
    ],
)
def test_a_wrong_local_part_is_told(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        addresses.parse_local_part(text)


def test_an_admin_is_a_name_or_a_whole_address() -> None:
    assert addresses.parse_admin("Alice") == "alice"
    assert addresses.parse_admin("Alice@Example.ORG") == "alice@example.org"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("alice@", "domain is empty"),
        ("@example.org", "name is empty"),
        ("alice@gmail.com", "mail address"),
        ("alice@example.org/phone", "one device"),
        ("a@b@example.org", "whole address"),
    ],
)
def test_a_wrong_admin_is_told_once(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        addresses.parse_admin(text)


def test_an_address_needs_its_sign() -> None:
    with pytest.raises(ValueError, match="alice@example"):
        addresses.parse_address("alice")
