"""People who see each other without asking: exactly those who are meant to, from the first moment to the last."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest
from tests.e2e.server.proving import changed, proven, red
from tests.e2e.server.xmpp import Client
from tests.e2e.together.people import PRESENCE, PUBSUB, ROSTER, House, contacts, roster, until_pong

pytestmark = pytest.mark.e2e

BOOKMARKS = "urn:xmpp:bookmarks:1"


def _listed(*modules: str) -> str:
    """Return modules as they stand in a long list, one a line."""
    return "\n".join(f'\t\t"{module}";' for module in modules)


# what is changed in prosody.cfg.lua, and which steps must notice
BROKEN = {
    "modules_disabled = {}": 'modules_disabled = { "e2e_policy"; "shared_contacts"; "default_bookmarks" }',
    "\tmuc_room_default_members_only = true": "\tmuc_room_default_members_only = false\n\tmuc_vcard = false",
    "\tmuc_room_default_public_jids = false": "\tmuc_room_default_public_jids = true",
    '\thttp_paths = { muc_log = "/logs" }': "",
    _listed("house_rooms", "muc_limits", "muc_mam", "muc_moderation", "room_creators"): _listed(
        "house_rooms", "muc_mam"
    ),
}
RED = {
    "channel",
    "e2e_chat",
    "e2e_rooms",
    "first_channels",
    "first_rooms",
    "room",
    "room_moderation",
    "room_picture",
    "rooms_for_all",
    "shared_contacts",
    "web_log",
}


def test_all_of_a_domain_see_each_other_and_groups_reach_further(house: House) -> None:
    with house.log_in("ann") as ann, house.log_in("ben") as ben, house.log_in(f"eve@{house.strangers}") as eve:
        assert {"ben", "help", "reg", "eve"} <= contacts(ann)
        assert roster(ann)[f"eve@{house.strangers}"] == ("both", {"Board"})
        assert roster(ann)[f"ben@{house.domain}"] == ("both", {house.domain})
        assert "eve" not in contacts(ben)
        assert contacts(eve) == {"ann", "mel", "help"}
        assert f"help@{house.domain}" not in roster(eve)
        eve.send("<presence><status>here</status></presence>")
        ann.wait(lambda stanza: stanza.tag == PRESENCE and stanza.get("from") == eve.jid)
        assert not [stanza for stanza in until_pong(ben) if stanza.get("from") == eve.jid]


def test_a_newcomer_is_there_at_once_and_gone_without_a_trace(house: House) -> None:
    new = f"new@{house.domain}"

    def is_push(stanza: Element, kind: str) -> bool:
        pushed = stanza.find(f"{{{ROSTER}}}query/{{{ROSTER}}}item")
        return pushed is not None and pushed.get("jid") == new and pushed.get("subscription") == kind

    with house.log_in("ann") as ann:
        assert "new" not in contacts(ann)
        house.add("prosody:member", new)
        with house.log_in("new") as guest:
            assert {"ann", "ben", "help", "reg"} == contacts(guest)
            ann.wait(lambda stanza: is_push(stanza, "both"))
            ann.wait(lambda stanza: stanza.tag == PRESENCE and stanza.get("from") == guest.jid)
            house.delete(new)
        ann.wait(lambda stanza: is_push(stanza, "remove"))
    with house.log_in("ben") as ben:
        assert new not in roster(ben)


def test_whom_somebody_removes_comes_back_and_their_own_contacts_stay(house: House) -> None:
    far, ben = "friend@far.example", f"ben@{house.domain}"
    with house.log_in("ann") as ann:
        assert roster(ann)[ben][0] == "both"
        for address, more in ((far, ""), (ben, " subscription='remove'")):
            ann.ask(f"<query xmlns='{ROSTER}'><item jid='{address}'{more}/></query>", "set")
    house.server.restart()
    with house.log_in("ann") as ann:
        assert roster(ann)[ben][0] == "both"
        assert roster(ann)[far] == ("none", set())
        ann.ask(f"<query xmlns='{ROSTER}'><item jid='{far}' subscription='remove'/></query>", "set")


def test_a_new_account_finds_rooms_and_one_that_left_them_does_not_again(house: House) -> None:
    def bookmarks(client: Client) -> set[str]:
        answer = client.ask(f"<pubsub xmlns='{PUBSUB}'><items node='{BOOKMARKS}'/></pubsub>")
        return {item.get("id", "") for item in answer.iter(f"{{{PUBSUB}}}item")}

    with house.log_in("reg") as reg:
        assert bookmarks(reg) == {house.family, house.lobby, "help@far.example"}
        for room in bookmarks(reg):
            retract = f"<retract node='{BOOKMARKS}'><item id='{room}'/></retract>"
            assert reg.ask(f"<pubsub xmlns='{PUBSUB}'>{retract}</pubsub>", "set").get("type") == "result"
    with house.log_in("reg") as reg:
        assert bookmarks(reg) == set()


def test_all_steps_are_green_and_the_accounts_of_the_proof_are_nobodys_contacts(house: House) -> None:
    with house.log_in("ann") as ann:
        roster(ann)
        found = proven(house.server)
        assert red(found) == set()
        seen = [stanza for stanza in until_pong(ann) for item in stanza.iter() if "xw-proof" in repr(item.attrib)]
        assert seen == []
    assert set(found) >= RED
    rooms = house.server.inside("prosodyctl", "shell", "muc", "list", f"channels.{house.domain}")
    assert "xw-proof" not in rooms


def test_a_crowd_shares_contacts_in_groups_only(house: House) -> None:
    with changed(house.server, {"shared_contacts_apart =": "shared_contacts_most = 5\nshared_contacts_apart ="}):
        with house.log_in("ann") as ann:
            assert {"ben", "eve"} <= contacts(ann)
            house.add("prosody:member", *(f"{name}@{house.domain}" for name in ("fay", "gus")))
            house.log_in("fay").__exit__(None, None, None)
            house.log_in("gus").__exit__(None, None, None)
            assert contacts(ann) == {"eve"}
            house.delete(f"fay@{house.domain}")
            assert {"ben", "eve"} <= contacts(ann)
        house.delete(f"gus@{house.domain}")


def test_what_is_broken_is_red_and_nothing_else(house: House) -> None:
    with changed(house.server, BROKEN):
        found = proven(house.server)
    assert {name for name in red(found) if "/" not in name} == RED
