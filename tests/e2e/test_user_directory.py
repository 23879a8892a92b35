"""The directory of people: who wants to be found is found by others of the domain, and nobody copies it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

import pytest
from tests.e2e.server.machine import Server
from tests.e2e.server.proving import changed, proven, red
from tests.e2e.server.xmpp import Client
from tests.e2e.together.people import House, condition

pytestmark = pytest.mark.e2e

SEARCH = "jabber:iq:search"
COMMANDS = "http://jabber.org/protocol/commands"
DATA = "{jabber:x:data}"
CHOICE = "urn:xmpp-wizard:directory"
EACH_MINUTE, MOST = 50, 3
VCARD = "<vCard xmlns='vcard-temp'><FN>Ann Archer</FN><N><FAMILY>Archer</FAMILY><GIVEN>Ann</GIVEN></N></vCard>"


@pytest.fixture(scope="module")
def house(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Give a server with a directory: ann is its admin, and eve lives on another domain of it."""
    assert image
    server = Server(tmp_path_factory.mktemp("directory"))
    strangers = f"next-{server.instance[2:]}.example"
    try:
        server.apply(
            {
                "admins": ["ann"],
                "extra_domains": [strangers],
                "features.preset": "minimal",
                "features.directory.enabled": True,
                "features.directory.most_found": MOST,
                "features.directory.searches_each_minute": EACH_MINUTE,
            }
        )
        house = House(server, strangers)
        here = [f"{name}@{server.domain}" for name in ("ann", "ben", "cat", "dan", "fay", "gus")]
        house.add("prosody:member", *here, f"eve@{strangers}")
        yield house
    finally:
        server.remove()


def order(client: Client, house: House, fields: str = "", node: str = "own", to: str = "") -> Element:
    """Execute a command of the directory, with a filled form or to see its form."""
    filled = f"<x xmlns='jabber:x:data' type='submit'>{fields}</x>" if fields else ""
    action = "complete" if fields else "execute"
    command = f"<command xmlns='{COMMANDS}' node='{CHOICE}:{node}' action='{action}'>{filled}</command>"
    return client.ask(command, "set", to or house.domain)


def field(name: str, *values: str) -> str:
    return f"<field var={quoteattr(name)}>{''.join(f'<value>{escape(value)}</value>' for value in values)}</field>"


def list_oneself(client: Client, house: House, **names: str) -> str:
    """Want to be found by these names; return the note that comes of it."""
    fields = field("FORM_TYPE", CHOICE) + field("listed", "1")
    answer = order(client, house, fields + "".join(field(name, value) for name, value in names.items()))
    return answer.findtext(f".//{{{COMMANDS}}}note") or ""


def search(client: Client, house: House, domain: str = "", **names: str) -> Element:
    query = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in names.items())
    return client.ask(f"<query xmlns='{SEARCH}'>{query}</query>", "set", f"search.{domain or house.domain}")


def found(client: Client, house: House, **names: str) -> list[str]:
    """Return the names of the accounts that are found."""
    answer = search(client, house, **names)
    assert answer.get("type") == "result", condition(answer)
    return [item.get("jid", "").partition("@")[0] for item in answer.iter(f"{{{SEARCH}}}item")]


def values(answer: Element, name: str) -> Sequence[str]:
    return [
        value.text or ""
        for item in answer.iter(f"{DATA}field")
        if item.get("var") == name
        for value in item.iter(f"{DATA}value")
    ]


def test_the_proof_finds_somebody_who_wants_it(house: House) -> None:
    outcome = proven(house.server)
    assert "directory" in outcome
    assert red(outcome) == set()
    assert "0 listed" in house.server.inside("prosodyctl", "shell", "directory", "list", house.domain)


def test_the_proof_does_with_one_search_of_a_person(house: House) -> None:
    setting = "directory_search_each_minute = "
    with changed(house.server, {f"{setting}{EACH_MINUTE}": f"{setting}1"}):
        assert red(proven(house.server)) == set()


def test_the_proof_misses_a_directory_that_does_not_run(house: House) -> None:
    with changed(house.server, {"modules_disabled = {}": 'modules_disabled = { "directory" }'}):
        assert red(proven(house.server)) == {"directory", f"{house.strangers}/directory"}


def test_nobody_is_found_before_having_said_so_and_the_form_knows_the_profile(house: House) -> None:
    with house.log_in("ann") as ann, house.log_in("ben") as ben:
        assert ann.ask(VCARD, "set").get("type") == "result"
        assert found(ben, house, nick="ann") == []
        form = order(ann, house)
        assert [values(form, name) for name in ("listed", "nick", "first", "last")] == [
            ["0"],
            ["Ann Archer"],
            ["Ann"],
            ["Archer"],
        ]
        assert list_oneself(ann, house, nick="Ann Archer", first="Ann", last="Archer")
        for names in ({"nick": "ann"}, {"nick": "ARCHER ann"}, {"first": "ann", "last": "arch"}):
            assert found(ben, house, **names) == ["ann"], names
        assert found(ben, house, nick="archibald") == []
        assert values(order(ann, house), "listed") == ["1"]


def test_apps_that_fill_in_the_form_get_one_back(house: House) -> None:
    with house.log_in("ann") as ann:
        list_oneself(ann, house, nick="Änne Straße & <b>")
        asked = ann.ask(f"<query xmlns='{SEARCH}'/>", "get", f"search.{house.domain}")
        assert values(asked, "FORM_TYPE") == [SEARCH]
        filled = (
            f"<x xmlns='jabber:x:data' type='submit'>{field('FORM_TYPE', SEARCH)}{field('nick', 'STRASSE äNN')}</x>"
        )
        answer = ann.ask(f"<query xmlns='{SEARCH}'>{filled}</query>", "set", f"search.{house.domain}")
        assert values(answer, "jid")[-1:] == [f"ann@{house.domain}"]
        assert "Änne Straße & <b>" in values(answer, "nick")


def test_what_was_chosen_outlives_a_restart_and_can_be_taken_back(house: House) -> None:
    with house.log_in("cat") as cat:
        list_oneself(cat, house, nick="Catherine")
    house.server.restart()
    with house.log_in("ben") as ben, house.log_in("cat") as cat:
        assert found(ben, house, nick="cathe") == ["cat"]
        order(cat, house, field("FORM_TYPE", CHOICE) + field("listed", "0"))
        assert found(ben, house, nick="cathe") == []


def test_a_deleted_account_is_gone_and_so_is_its_entry(house: House) -> None:
    with house.log_in("gus") as gus:
        list_oneself(gus, house, nick="Gustav")
    house.delete(f"gus@{house.domain}")
    house.add("prosody:member", f"gus@{house.domain}")
    with house.log_in("ben") as ben:
        assert found(ben, house, nick="gustav") == []
        house.server.restart()
    with house.log_in("ben") as ben:
        assert found(ben, house, nick="gustav") == []


def test_strangers_neither_search_nor_list_themselves(house: House) -> None:
    with house.log_in("ann") as ann, house.log_in(f"eve@{house.strangers}") as eve:
        list_oneself(ann, house, nick="Ann Archer")
        assert condition(search(eve, house, nick="ann")) == "forbidden"
        asked = eve.ask(f"<query xmlns='{SEARCH}'/>", "get", f"search.{house.domain}")
        assert condition(asked) == "forbidden"
        assert condition(order(eve, house, field("listed", "1"))) == "forbidden"
        # her own domain has a directory of its own, with nobody of this one in it
        answer = search(eve, house, domain=house.strangers, nick="ann")
        assert (answer.get("type"), list(answer.iter(f"{{{SEARCH}}}item"))) == ("result", [])
    config = (house.server.settings / "prosody" / "prosody.cfg.lua").read_text()
    service = config[config.index(f'Component "search.{house.domain}"') :]
    assert 'modules_disabled = { "s2s" }' in service[: service.index("Component", 9)]


@pytest.mark.parametrize("wish", ["*", "%", ".*", "a", "an", "ar", "' OR 1=1 --", "_", "", "   ", "\u200b"])
def test_nobody_gets_all_by_a_wild_card_or_a_letter(house: House, wish: str) -> None:
    with house.log_in("ann") as ann, house.log_in("ben") as ben:
        list_oneself(ann, house, nick="Ann Archer")
        answer = search(ben, house, nick=wish)
        assert not list(answer.iter(f"{{{SEARCH}}}item"))


def test_one_search_finds_a_few_and_many_searches_have_to_wait(house: House) -> None:
    for name in ("ann", "ben", "cat", "dan"):
        with house.log_in(name) as client:
            list_oneself(client, house, nick="Smith")
    with house.log_in("dan") as dan:
        assert found(dan, house, last="smith") == ["ann", "ben", "cat"]
        answers = [search(dan, house, nick=f"aaa{number}") for number in range(EACH_MINUTE + 10)]
        assert condition(answers[-1]) == "policy-violation"
    # logging in again is no way around it
    with house.log_in("dan") as dan, house.log_in("ben") as ben:
        # a slow machine may have given back a few meanwhile
        for _ in range(10):
            last = search(dan, house, nick="smith")
        assert condition(last) == "policy-violation"
        assert len(found(ben, house, nick="smith")) == MOST


@pytest.mark.parametrize(
    "fields",
    [
        field("FORM_TYPE", CHOICE) + field("listed", "1") + field("nick", "x" * 61),
        field("FORM_TYPE", CHOICE) + field("listed", "1") + field("nick", "y" * 20_000),
        field("FORM_TYPE", CHOICE) + field("listed", "maybe") + field("nick", "z"),
        field("FORM_TYPE", "jabber:iq:register") + field("nick", "z"),
        field("FORM_TYPE", CHOICE) + field("words", "smith") + field("nick", "z"),
    ],
)
def test_what_is_no_choice_lists_nobody(house: House, fields: str) -> None:
    with house.log_in("fay") as fay, house.log_in("ben") as ben:
        order(fay, house, fields)
        assert found(ben, house, nick="fay") == []
        assert fay.ask("<query xmlns='jabber:iq:roster'/>").get("type") == "result"


def test_names_cannot_break_out_of_their_fields(house: House) -> None:
    name = "</value></field><value>boss@x</value>"
    with house.log_in("fay") as fay, house.log_in("ben") as ben:
        list_oneself(fay, house, nick=f"{name}\n\n\tFayence")
        answer = search(ben, house, nick="fayence")
        assert [item.get("jid") for item in answer.iter(f"{{{SEARCH}}}item")] == [f"fay@{house.domain}"]
        assert answer.findtext(f".//{{{SEARCH}}}nick") == f"{name} Fayence"
        assert condition(search(ben, house, nick="f" * 400)) == "not-acceptable"


def test_admins_see_who_is_listed_and_take_people_out_and_nobody_else_does(house: House) -> None:
    with house.log_in("ann") as ann, house.log_in("ben") as ben:
        list_oneself(ben, house, nick="Benjamin")
        assert f"ben@{house.domain}: Benjamin" in house.server.inside(
            "prosodyctl", "shell", "directory", "list", house.domain
        )
        assert condition(order(ben, house, node="people")) == "forbidden"
        assert condition(order(ben, house, field("people", "ann"), node="people")) == "forbidden"
        options = [item.get("label", "") for item in order(ann, house, node="people").iter(f"{DATA}option")]
        assert "ben: Benjamin" in options
        order(ann, house, field("FORM_TYPE", f"{CHOICE}:people") + field("people", "ben", "nobody"), node="people")
        assert found(ann, house, nick="benjamin") == []
        list_oneself(ben, house, nick="Benjamin")
        said = house.server.inside("prosodyctl", "shell", "directory", "remove", f"ben@{house.domain}")
        assert "is taken out" in said
        assert found(ann, house, nick="benjamin") == []
