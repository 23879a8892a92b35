"""The same house with other answers; these tests come last, for they leave it so."""

from __future__ import annotations

import pytest
from tests.e2e.together.conftest import answers
from tests.e2e.together.people import MESSAGE, House, body, contacts, enter, roster, tell, text, until_pong

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def changed_house(house: House) -> House:
    """Give the house in which encryption is only recommended, and only two people share a group."""
    other = {
        "features.e2e_policy.chat": "optional",
        "features.e2e_policy.rooms": "none",
        "features.e2e_policy.wording": "",
        "features.shared_contacts.everyone": False,
        "features.shared_contacts.groups": [{"name": "Board", "members": ["ben", "reg", "nobody-yet"]}],
    }
    house.server.apply({**answers(house.server, house.strangers), **other})
    return house


def test_who_leaves_a_group_is_gone_from_all_lists(changed_house: House) -> None:
    with changed_house.log_in("ann") as ann, changed_house.log_in("ben") as ben:
        assert contacts(ann) == set()
        assert roster(ben) == {f"reg@{changed_house.domain}": ("both", {"Board"})}


def test_a_hint_comes_once_in_a_conversation_and_the_message_passes(changed_house: House) -> None:
    domain = changed_house.domain
    with changed_house.log_in("ann") as ann, changed_house.log_in("ben") as ben:
        assert enter(ann, changed_house.family) == ""
        tell(ann, changed_house.family, text("in a room"), "groupchat")
        tell(ann, ben.jid, text("sealed", sealed=True))
        assert not [stanza for stanza in until_pong(ann) if stanza.get("from") == domain]
        for to in (ben.jid, f"ben@{domain}", f"help@{domain}", f"reg@{domain}"):
            tell(ann, to, text("plain"))
        hints = [body(stanza) for stanza in until_pong(ann) if stanza.get("from") == domain]
        assert len(hints) == 2
        assert all("OMEMO" in hint for hint in hints)
        assert [body(stanza) for stanza in until_pong(ben) if stanza.tag == MESSAGE] == ["sealed", "plain", "plain"]
