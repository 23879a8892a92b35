"""Rooms and channels under attack: strangers, floods, known pests, and people who are no moderators."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, tostring

import pytest
from tests.e2e.server.faults import begin_well_before
from tests.e2e.server.xmpp import Client
from tests.e2e.together.people import (
    ARCHIVE,
    MESSAGE,
    MUC,
    PRESENCE,
    PUBSUB,
    House,
    body,
    condition,
    enter,
    kept,
    leave,
    tell,
    text,
    until_pong,
)

pytestmark = pytest.mark.e2e

DAY = 86400
SEARCH = "https://xmlns.zombofant.net/muclumbus/search/1.0"
MODERATE = "urn:xmpp:message-moderate:1"
RETRACT = "urn:xmpp:message-retract:1"


@pytest.fixture
def ann(house: House) -> Iterator[Client]:
    """The admin, who owns the rooms of the house."""
    with house.log_in("ann") as client:
        yield client


@pytest.fixture
def ben(house: House) -> Iterator[Client]:
    """Somebody of the house."""
    with house.log_in("ben") as client:
        yield client


@pytest.fixture
def eve(house: House) -> Iterator[Client]:
    """A stranger."""
    with house.log_in(f"eve@{house.strangers}") as client:
        yield client


def configure(client: Client, room: str, **settings: str) -> None:
    """Change the configuration of a room that the client owns."""
    rows = "".join(
        f"<field var='{'' if name == 'FORM_TYPE' else 'muc#roomconfig_'}{name}'><value>{value}</value></field>"
        for name, value in {"FORM_TYPE": f"{MUC}#roomconfig", **settings}.items()
    )
    form = f"<query xmlns='{MUC}#owner'><x xmlns='jabber:x:data' type='submit'>{rows}</x></query>"
    assert not condition(client.ask(form, "set", room))


def affiliate(client: Client, room: str, address: str, affiliation: str) -> str:
    """Change what somebody is in a room; return the condition of the refusal, empty if there was none."""
    item = f"<item jid='{address}' affiliation='{affiliation}'/>"
    return condition(client.ask(f"<query xmlns='{MUC}#admin'>{item}</query>", "set", room))


def test_rooms_are_opened_by_members_and_channels_by_everybody_at_home(house: House, ben: Client, eve: Client) -> None:
    groups, channels = f"groups.{house.domain}", f"channels.{house.domain}"
    with house.log_in("reg") as reg:
        assert enter(reg, f"mine@{groups}") == "not-allowed"
        assert enter(reg, f"mine@{channels}") == ""
        configure(reg, f"mine@{channels}", persistentroom="0")
    assert enter(ben, f"bens@{groups}") == ""
    configure(ben, f"bens@{groups}", persistentroom="0")
    assert enter(eve, f"eves@{groups}") == "not-allowed"
    assert enter(eve, f"eves@{channels}") == "not-allowed"


def test_a_stranger_gets_nothing_of_a_members_room(house: House, ann: Client, eve: Client) -> None:
    assert enter(ann, house.family) == ""
    tell(ann, house.family, text("among ourselves", sealed=True), "groupchat")
    assert enter(eve, house.family) == "registration-required"
    tell(eve, house.family, text("let me in", sealed=True), "groupchat")
    tell(eve, f"{house.family}/ann", text("psst", sealed=True))
    refused = [condition(stanza) for stanza in until_pong(eve) if stanza.tag == MESSAGE]
    assert refused == ["not-acceptable", "not-acceptable"]
    assert condition(eve.ask(f"<query xmlns='{ARCHIVE}'/>", "set", house.family)) == "forbidden"
    assert kept(eve, house.family) == []
    listed = eve.ask("<query xmlns='http://jabber.org/protocol/disco#items'/>", to=f"groups.{house.domain}")
    assert house.family not in {item.get("jid") for item in listed.iter()}
    assert not [stanza for stanza in until_pong(ann) if stanza.tag == MESSAGE and body(stanza) in ("let me in", "psst")]
    assert affiliate(eve, house.family, eve.jid.partition("/")[0], "member") != ""


def test_everybody_at_home_is_a_member_of_a_room_for_all_unless_banned(house: House, ann: Client) -> None:
    address = f"ben@{house.domain}"
    with house.log_in("ben") as ben:
        assert enter(ann, house.family) == enter(ben, house.family) == ""
        tell(ann, house.family, text("welcome", sealed=True), "groupchat")
        ben.wait(lambda stanza: body(stanza) == "welcome")
    listed = ann.ask(f"<query xmlns='{MUC}#admin'><item affiliation='member'/></query>", to=house.family)
    assert address in {item.get("jid") for item in listed.iter(f"{{{MUC}#admin}}item")}
    assert affiliate(ann, house.family, address, "outcast") == ""
    with house.log_in("ben") as ben:
        assert enter(ben, house.family) in ("forbidden", "registration-required")
    assert affiliate(ann, house.family, address, "member") == ""
    with house.log_in("ben") as ben:
        assert enter(ben, house.family) == ""


def test_a_known_pest_is_kept_out_until_it_is_taken_off_the_list(house: House, ann: Client) -> None:
    pest = f"mel@{house.strangers}"
    mark = hashlib.sha256(pest.encode()).hexdigest()
    service, node = f"list.{house.domain}", "muc_bans_sha256"

    # a list on this very server may begin only after the channels, which then asked for it in vain
    again = ("prosodyctl", "shell", "module", "reload", "muc_rtbl", f"channels.{house.domain}")
    assert house.server.cli(*again).returncode == 0

    def change(what: str) -> None:
        answer = ann.ask(f"<pubsub xmlns='{PUBSUB}'>{what}</pubsub>", "set", service)
        assert not condition(answer), tostring(answer)

    def answer() -> str:
        with house.log_in(pest) as mel:
            return enter(mel, house.lobby)

    change(f"<publish node='{node}'><item id='{mark}'><reporting xmlns='urn:xmpp:reporting:1'/></item></publish>")
    assert answer() == "forbidden"
    change(f"<retract node='{node}' notify='1'><item id='{mark}'/></retract>")
    assert answer() == ""


def test_channels_are_found_by_any_words_and_closed_rooms_by_none(house: House, ann: Client, eve: Client) -> None:
    service = f"channels.{house.domain}"

    def found(words: str) -> set[str]:
        fields = {"FORM_TYPE": f"{SEARCH}#params", "q": words, "sinname": "1", "sindescription": "1", "sinaddr": "1"}
        rows = "".join(f"<field var='{name}'><value>{value}</value></field>" for name, value in fields.items())
        form = f"<search xmlns='{SEARCH}'><x xmlns='jabber:x:data' type='submit'>{rows}</x></search>"
        return {item.get("address", "") for item in eve.ask(form, "set", service).iter(f"{{{SEARCH}}}item")}

    secret = f"secret@{service}"
    assert enter(ann, secret) == ""
    configure(ann, secret, persistentroom="0", publicroom="0")
    assert house.lobby in found("LOB") & found("")
    assert found("%") == found("[") == found("no such thing") == set()
    assert secret not in found("secret") | found("")
    configure(ann, secret, publicroom="1", membersonly="1")
    assert secret not in found("secret")
    configure(ann, secret, membersonly="0", roomdesc="On gardens")
    assert found("garden") == {secret}
    assert condition(eve.ask(f"<search xmlns='{SEARCH}'/>", "set", service)) == "bad-request"


def test_only_moderators_take_away_what_others_said(house: House, ann: Client, ben: Client) -> None:
    assert enter(ann, house.family) == enter(ben, house.family) == ""
    tell(ann, house.family, text("mind my words", sealed=True), "groupchat")
    heard = ben.wait(lambda stanza: body(stanza) == "mind my words")
    number = next(item.get("id") for item in heard.iter("{urn:xmpp:sid:0}stanza-id"))
    order = f"<moderate xmlns='{MODERATE}' id='{number}'><retract xmlns='{RETRACT}'/></moderate>"
    assert condition(ben.ask(order, "set", house.family)) == "forbidden"
    assert "mind my words" in kept(ben, house.family)
    assert condition(ann.ask(order, "set", house.family)) == ""
    assert "mind my words" not in kept(ben, house.family)


def test_the_web_shows_open_channels_and_nothing_else(house: House, ann: Client) -> None:
    begin_well_before(DAY)
    day = datetime.now(UTC).date()
    pages = f"https://channels.{house.domain}/logs"
    room = f"glass@channels.{house.domain}"
    assert enter(ann, room) == ""
    configure(ann, room, persistentroom="0")
    tell(ann, room, text("for &lt;all&gt; to read"), "groupchat")
    until_pong(ann)
    status, page = house.page(f"{pages}/glass/{day}")
    assert (status, "for &lt;all&gt; to read" in page, "<all>" in page) == (200, True, False)
    assert house.domain not in page.replace(f"channels.{house.domain}", "")
    configure(ann, room, membersonly="1")
    assert house.page(f"{pages}/glass/{day}")[0] == 403
    assert house.page(f"{pages}/family/{day}")[0] == 404
    assert house.page(f"https://groups.{house.domain}/logs/family/{day}")[0] != 200


def test_guests_of_a_channel_do_not_learn_addresses(house: House, ann: Client, eve: Client) -> None:
    assert enter(ann, house.lobby) == ""

    def seen_by(stanzas: list[Element]) -> set[str]:
        return {item.get("jid", "") for stanza in stanzas for item in stanza.iter(f"{{{MUC}#user}}item")}

    assert enter(eve, house.lobby, "guest") == ""
    assert seen_by([ann.wait(lambda stanza: stanza.get("from") == f"{house.lobby}/guest")]) == {eve.jid}
    leave(eve, house.lobby, "guest")
    eve.send(f"<presence to='{house.lobby}/guest'><x xmlns='{MUC}'/></presence>")
    shown = [stanza for stanza in until_pong(eve) if stanza.tag == PRESENCE]
    assert f"{house.lobby}/ann" in {stanza.get("from") for stanza in shown}
    assert ann.jid not in seen_by(shown)


def test_a_flood_of_a_guest_ebbs_away_and_all_others_go_on(house: House, ann: Client, eve: Client) -> None:
    assert enter(ann, house.lobby) == enter(eve, house.lobby) == ""
    for number in range(40):
        tell(eve, house.lobby, text(f"flood {number}"), "groupchat")
    answers = [condition(stanza) for stanza in until_pong(eve) if stanza.tag == MESSAGE]
    # 10 at once, and one a second
    assert answers.count("policy-violation") >= 25
    with house.log_in(f"mel@{house.strangers}") as mel:
        assert enter(mel, house.lobby, "x" * 70) == "policy-violation"
        assert enter(mel, house.lobby) == ""
        tell(mel, house.lobby, text("calm as well"), "groupchat")
        until_pong(mel)
    for number in range(15):
        tell(ann, house.lobby, text(f"calm {number}"), "groupchat")
    heard = [body(stanza) for stanza in until_pong(ann) if stanza.tag == MESSAGE and not condition(stanza)]
    assert len([words for words in heard if words.startswith("flood")]) <= 15
    assert len([words for words in heard if words.startswith("calm")]) == 16


def test_whoever_comes_into_an_opened_room_can_say_hello_at_once(house: House, ben: Client, eve: Client) -> None:
    room = f"open@groups.{house.domain}"
    assert enter(ben, room) == ""
    configure(ben, room, membersonly="0", persistentroom="0")
    with house.log_in(f"mel@{house.strangers}") as mel, house.log_in(f"help@{house.strangers}") as other:
        for guest in (eve, mel, other):
            name = guest.jid.partition("@")[0]
            assert enter(guest, room, name) == ""
            assert enter(guest, room, f"{name} with a name that is somewhat longer") == ""
        for guest in (eve, mel, other):
            tell(guest, room, text("hello", sealed=True), "groupchat")
            tell(guest, room, text("how are you?", sealed=True), "groupchat")
            assert not [condition(stanza) for stanza in until_pong(guest) if condition(stanza)]
