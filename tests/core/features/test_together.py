"""What answers about rooms, shared contacts and encryption change in the configuration."""

from typing import Any

import pytest
from pydantic import ValidationError
from tests.servers import answers, config, host, server

DOMAIN, OTHER = "fam.example", "other.example"
GROUPS, CHANNELS = f"groups.{DOMAIN}", f"channels.{DOMAIN}"
PUBLIC = 'features.preset = "public"\n'


def modules(name: str, text: str = "") -> set[str]:
    return set(host(config(text), name).get("modules_enabled", ()))


@pytest.mark.parametrize(
    ("who", "restriction", "has_module"),
    [("everyone", "local", False), ("members", "local", True), ("admins", True, False)],
)
def test_who_may_open_rooms(who: str, restriction: object, has_module: bool) -> None:  # noqa: FBT001 a parameter
    text = f'{PUBLIC}features.group_chat.who_may_create = "{who}"\nfeatures.public_channels.who_may_create = "{who}"'
    for name in (GROUPS, CHANNELS):
        assert host(config(text), name)["restrict_room_creation"] == restriction
        assert ("room_creators" in modules(name, text)) == has_module


def test_rooms_for_all_are_made_and_marked_on_each_domain() -> None:
    text = f"""{PUBLIC}extra_domains = ["{OTHER}"]
admins = ["alice"]
features.group_chat.host = "rooms.straße.example"
features.group_chat.rooms_for_all = ["family", "küche"]
features.public_channels.channels = ["lobby"]
features.first_rooms.addresses = ["help@far.example"]"""
    found = config(text)
    family, kitchen = host(found, "rooms.straße.example")["house_rooms"]
    assert family == {"name": "family", "title": "Family", "owners": ["alice@fam.example"]}
    assert kitchen["title"] == "Küche"
    marks = {mark["jid"]: mark["autojoin"] for mark in host(found, DOMAIN)["default_bookmarks"]}
    here = {"family@rooms.strasse.example", "küche@rooms.strasse.example", f"lobby@{CHANNELS}", "help@far.example"}
    assert marks == dict.fromkeys(here, True)
    there = {mark["jid"] for mark in host(found, OTHER)["default_bookmarks"]}
    assert there == {
        address.replace("rooms.strasse.example", f"groups.{OTHER}").replace(DOMAIN, OTHER) for address in here
    }
    assert "default_bookmarks" in found.options["modules_enabled"]
    assert "default_bookmarks" not in config().options["modules_enabled"]


def test_groups_are_closed_and_channels_are_open() -> None:
    names = ("members_only", "public", "public_jids")

    def defaults(name: str) -> tuple[Any, ...]:
        options = host(config(PUBLIC), name)
        return tuple(options[f"muc_room_default_{key}"] for key in names)

    assert defaults(GROUPS) == (True, False, True)
    assert defaults(CHANNELS) == (False, True, False)


def test_guests_of_channels_are_limited_and_pests_kept_out() -> None:
    options = host(config(PUBLIC + "features.public_channels.messages_per_minute = 90"), CHANNELS)
    assert (options["guest_event_rate"], options["guest_burst_factor"]) == (1.5, 10)
    assert (options["muc_event_rate"], options["muc_burst_factor"]) == (15.0, 10)
    slow = host(config(PUBLIC + "features.public_channels.messages_per_minute = 6"), CHANNELS)
    assert slow["guest_event_rate"] * slow["guest_burst_factor"] >= 8, "room to come in and say hello"
    assert host(config(PUBLIC), GROUPS)["muc_event_rate"] == 10, "groups may be opened to guests, too"
    assert options["muc_rtbl_jid"] == "xmppbl.org"
    none = PUBLIC + 'features.public_channels.block_list = ""'
    assert "muc_rtbl_jid" not in host(config(none), CHANNELS)
    for text in (none, PUBLIC + 'features.federation.mode = "off"'):
        assert "muc_rtbl" not in modules(CHANNELS, text)


def test_the_web_shows_channels_only_if_asked_to_and_if_there_is_something_to_show() -> None:
    assert "http_muc_log" not in modules(CHANNELS, PUBLIC)
    logs = PUBLIC + "features.public_channels.web_logs = true\n"
    assert "http_muc_log" in modules(CHANNELS, logs)
    assert host(config(logs), CHANNELS)["http_external_url"] == f"https://{CHANNELS}/"
    assert "http_muc_log" not in modules(CHANNELS, logs + "features.public_channels.history_days = 0")
    assert "web_log" in {step.name for step in server(logs).proofs}
    assert "http_muc_log" not in modules(GROUPS, logs)


def test_everybody_or_groups_are_contacts() -> None:
    text = f"""extra_domains = ["{OTHER}"]
title = "Us"
[features.shared_contacts]
groups = [{{ name = "Board", members = ["alice", "bob@{OTHER}", "eva@straße.example"] }}]
"""
    found = config(text)
    members = [f"alice@{DOMAIN}", f"bob@{OTHER}", "eva@strasse.example"]
    assert found.options["shared_contacts"] == [{"name": "Board", "members": members}]
    assert [host(found, name)["shared_contacts_everyone"] for name in (DOMAIN, OTHER)] == ["Us", "Us"]
    alone = config(text + "everyone = false")
    assert "shared_contacts_everyone" not in host(alone, DOMAIN)
    assert alone.options["shared_contacts_apart"] == "xw-proof-"


@pytest.mark.parametrize("preset", ["minimal", "family", "company", "public"])
def test_who_shares_contacts_by_itself(preset: str) -> None:
    loaded = config(f'features.preset = "{preset}"').options["modules_enabled"]
    assert ("shared_contacts" in loaded) == (preset in ("family", "company"))
    assert "e2e_policy" not in loaded


def test_the_policy_holds_on_every_host_and_in_the_admins_words() -> None:
    text = """[features.e2e_policy]
enabled = true
wording = 'Bitte "OMEMO" \\ an!'
exempt = ["Helpdesk@Fam.example", "channels.straße.example"]
"""
    found = config(text)
    names = [name for _, name, _, options in found.hosts if "e2e_policy" in options.get("modules_enabled", ())]
    assert "e2e_policy" in found.options["modules_enabled"]
    assert set(names) == {GROUPS, f"proxy.{DOMAIN}", f"share.{DOMAIN}"}
    assert found.options["e2e_policy_refusal"] == found.options["e2e_policy_hint"] == 'Bitte "OMEMO" \\ an!'
    assert found.options["e2e_policy_exempt"] == ["helpdesk@fam.example", "channels.strasse.example"]
    standard = config("features.e2e_policy.enabled = true").options
    assert standard["e2e_policy_refusal"] != standard["e2e_policy_hint"]


def test_only_what_the_policy_says_is_proven() -> None:
    def steps(text: str) -> set[str]:
        names = {step.name for step in server(f"[features.e2e_policy]\nenabled = true\n{text}").proofs}
        return names & {"e2e_chat", "e2e_rooms"}

    assert steps("") == {"e2e_chat", "e2e_rooms"}
    assert steps('rooms = "none"') == {"e2e_chat"}
    assert steps('chat = "none"\nrooms = "none"') == set()


def test_where_only_admins_open_rooms_that_is_what_is_proven() -> None:
    names = {step.name for step in server('features.group_chat.who_may_create = "admins"').proofs}
    assert "room_creation" in names
    assert "room" not in names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('group_chat.rooms_for_all = ["a room"]', "cannot be somebody's name"),
        ('public_channels.block_list = "list"', "single word"),
        ('first_rooms.addresses = ["far.example"]', "no address"),
        ('shared_contacts.groups = [{ name = "", members = ["a"] }]', "no name that apps can show"),
        ('shared_contacts.groups = [{ name = "a\\tb", members = ["a"] }]', "no name that apps can show"),
        ('shared_contacts.groups = [{ name = "Board", members = [] }]', "at least 1"),
        ('e2e_policy.exempt = ["help"]', "single word"),
        ('guests.rooms = ["lobby"]', "no whole address; a room has one such as lobby@groups"),
        ('guests.rooms = ["::1"]', "is an IP address"),
        ('e2e_policy.wording = "a\\u0007b"', "invisible sign"),
        ('e2e_policy.chat = "always"', "'none', 'optional' or 'required'"),
    ],
)
def test_a_wrong_answer_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        answers(f"features.{text}")
