"""Guests without an account: they talk in rooms that are open to them, and get nowhere else, whatever they try."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from tests.e2e.server.machine import PORTS, Server, told
from tests.e2e.server.proving import proven, red
from tests.e2e.server.visitors import MUC, X, configure, enter, guest, refusal
from tests.e2e.server.xmpp import SASL, Client, RefusedLogInError, Stream

pytestmark = pytest.mark.e2e

PER_ADDRESS = 4


@pytest.fixture(scope="module")
def house(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server with a lobby for everybody."""
    assert image
    with Server(tmp_path_factory.mktemp("house")) as server:
        server.apply(answers())
        for name in ("boss", "ann"):
            server.add_user(name)
        yield server


def answers(**guests: Any) -> dict[str, Any]:  # noqa: ANN401 any answer
    """Return answers with these about guests."""
    said = {"enabled": True, "per_address": PER_ADDRESS, **guests}
    return {
        "admins": ["boss"],
        "features.public_channels.enabled": True,
        "features.public_channels.channels": ["lobby"],
        **{f"features.guests.{key}": value for key, value in said.items()},
    }


def test_guests_talk_in_the_lobby_and_are_heard(house: Server) -> None:
    lobby = f"lobby@channels.{house.domain}"
    with house.log_in() as ann, guest(house) as visitor:
        assert (enter(ann, lobby, "ann"), enter(visitor, lobby, "visitor")) == ("", "")
        visitor.send(f"<message type='groupchat' to='{lobby}'><body>hello, lobby</body></message>")
        while ann.hear() != ("message", "hello, lobby"):
            pass
        ann.send(f"<message type='groupchat' to='{lobby}'><body>welcome</body></message>")
        while visitor.hear() != ("message", "welcome"):
            pass
        query = "<query xmlns='urn:xmpp:mam:2'/>"
        assert visitor.ask(query, "set", lobby).get("type") == "result"
        assert visitor.ask("<ping xmlns='urn:xmpp:ping'/>", to=f"{lobby}/visitor").get("type") == "result"


def attacks(server: Server, ann: str, other: str) -> list[str]:
    """Return stanzas that must not get through."""
    domain = server.domain
    lobby, people = f"lobby@channels.{domain}", f"ann@{domain}"
    body = "<body>psst</body>"
    invitation = f"<x xmlns='{MUC}#user'><invite to='{people}'/></x>"
    version = "<query xmlns='jabber:iq:version'/>"
    command = "<command xmlns='http://jabber.org/protocol/commands' node='x' action='execute'/>"
    upload = "<request xmlns='urn:xmpp:http:upload:0' filename='a.txt' size='5'/>"
    register = "<query xmlns='jabber:iq:register'><username>x</username><password>abcdefghijklmnop</password></query>"
    pubsub = "<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='x'><item id='1'/></publish></pubsub>"
    item = f"<item affiliation='member' jid='x@guests.{domain}'/>"
    return [
        *(f"<message type='{kind}' to='{to}'>{body}</message>" for kind in ("chat", "normal") for to in (people, ann)),
        f"<message to='{people}'>{invitation}</message>",
        f"<message type='chat' to='{other}'>{body}</message>",
        f"<message type='chat' to='somebody@else.example'>{body}</message>",
        f"<message type='chat' to='{lobby}/ann'>{body}</message>",
        f"<message to='{lobby}'>{invitation}</message>",
        f"<message to='{domain}'>{body}</message>",
        f"<message>{body}</message>",
        *(f"<presence type='{kind}' to='{people}'/>" for kind in ("subscribe", "probe")),
        f"<presence to='{ann}'/>",
        f"<presence to='{other}'/>",
        f"<presence to='new@channels.{domain}/visitor'>{X}</presence>",
        f"<presence to='board@groups.{domain}/visitor'>{X}</presence>",
        f"<presence to='lobby@else.example/visitor'>{X}</presence>",
        f"<presence type='subscribe' to='{lobby}'/>",
        *(
            f"<iq type='{kind}' id='a' to='{to}'>{payload}</iq>"
            for kind, to, payload in (
                ("get", ann, version),
                ("get", people, "<vCard xmlns='vcard-temp'/>"),
                ("get", f"{lobby}/ann", version),
                ("get", domain, "<query xmlns='http://jabber.org/protocol/disco#items'/>"),
                ("get", f"groups.{domain}", "<query xmlns='jabber:iq:x'/>"),
                ("set", domain, command),
                ("set", domain, register),
                ("get", f"share.{domain}", upload),
                ("get", f"proxy.{domain}", "<query xmlns='http://jabber.org/protocol/bytestreams'/>"),
                ("set", lobby, "<query xmlns='jabber:iq:register'/>"),
                ("set", lobby, f"<query xmlns='{MUC}#admin'>{item}</query>"),
                ("set", f"channels.{domain}", command),
                ("get", other, version),
                ("get", "else.example", version),
            )
        ),
        *(
            f"<iq type='{kind}' id='a'>{payload}</iq>"
            for kind, payload in (
                ("get", "<query xmlns='jabber:iq:roster'/>"),
                ("set", f"<query xmlns='jabber:iq:roster'><item jid='{people}'/></query>"),
                ("set", "<vCard xmlns='vcard-temp'><FN>x</FN></vCard>"),
                ("set", "<query xmlns='jabber:iq:private'><a xmlns='b'/></query>"),
                ("set", "<query xmlns='jabber:iq:register'><remove/></query>"),
                ("set", "<query xmlns='urn:xmpp:mam:2'/>"),
                ("set", "<enable xmlns='urn:xmpp:carbons:2'/>"),
                ("set", pubsub),
            )
        ),
    ]


def is_last(heard: list[Element], stanza: Element) -> bool:
    """Keep what was heard, up to the answer that was asked for last."""
    heard.append(stanza)
    return stanza.get("id") == "last"


def test_guests_reach_nobody_and_nothing_else(house: Server) -> None:
    with house.log_in() as ann, guest(house) as visitor, guest(house) as other:
        lobby = f"lobby@channels.{house.domain}"
        assert enter(ann, lobby, "ann") == enter(visitor, lobby, "visitor") == ""
        # what was answered to the entry is read before anything is tried
        visitor.ping()
        tried = attacks(house, ann.jid, other.jid)
        for attack in tried:
            visitor.send(attack)
            answer = visitor.wait(lambda stanza: stanza.get("type") in ("error", "result"))
            assert refusal(answer), attack
        for inside in (ann, other):
            inside.send(f"<iq type='get' id='last' to='{inside.jid}'><ping xmlns='urn:xmpp:ping'/></iq>")
            heard: list[Element] = []
            inside.wait(partial(is_last, heard))
            assert not [stanza for stanza in heard if stanza.findtext("{jabber:client}body") == "psst"]
    assert not [path for path in (house.state / "data").rglob("*") if "guests%2e" in str(path)]


def test_nobody_has_a_guest_as_a_contact(house: Server) -> None:
    with house.log_in() as ann, guest(house) as visitor:
        address = visitor.jid.partition("/")[0]
        ann.send(f"<presence type='subscribe' to='{address}'/>")
        answer = ann.wait(lambda stanza: stanza.get("from", "").startswith(address))
        assert answer.get("type") in ("error", "unsubscribed")
    # whoever it was, the address is nobody's now
    assert set(house.json("user", "list")["users"]) == {f"ann@{house.domain}", f"boss@{house.domain}"}


def test_rooms_that_are_closed_are_closed_to_guests(house: Server) -> None:
    with house.log_in() as ann, guest(house) as visitor:
        for number, settings in enumerate(({"publicroom": "0"}, {"membersonly": "1"}, {"roomsecret": "xyz"})):
            room = f"den-{number}@channels.{house.domain}"
            assert enter(ann, room, "ann") == ""
            more = {"passwordprotectedroom": "1"} if "roomsecret" in settings else {}
            configure(ann, room, {**settings, **more, "persistentroom": "0"})
            assert enter(visitor, room, "visitor") == "policy-violation", settings


def test_one_household_cannot_take_all_places(house: Server) -> None:
    source = "127.77.1.9"
    with ExitStack() as stack:
        first, *_ = [stack.enter_context(guest(house, source)) for _ in range(PER_ADDRESS)]
        with pytest.raises(RefusedLogInError):
            guest(house, source)
        stack.enter_context(guest(house, "127.77.1.10"))
        leave(first)
        stack.enter_context(guest(house, source))


def leave(visitor: Client) -> None:
    """Go, and wait until the server knows it."""
    visitor.send("</stream:stream>")
    with pytest.raises(ConnectionError):
        visitor.wait(lambda _: False)


def come_and_go(server: Server, source: str, times: int) -> None:
    """Come in and leave so often."""
    for _ in range(times):
        with guest(server, source) as visitor:
            leave(visitor)


def test_who_comes_back_as_somebody_else_again_and_again_has_to_wait(house: Server) -> None:
    with pytest.raises(RefusedLogInError):
        come_and_go(house, "127.77.1.20", 20 * PER_ADDRESS)
    with guest(house, "127.77.1.21") as other:
        other.ping()


def test_passwords_are_for_people_and_open_doors_for_guests_only(house: Server) -> None:
    where, roots = (house.address, PORTS["client"]), house.authority()
    with Stream(where, f"guests.{house.domain}", roots=roots) as stream:
        assert [item.text for item in stream.features.iter(f"{{{SASL}}}mechanism")] == ["ANONYMOUS"]
        stream.send(f"<auth xmlns='{SASL}' mechanism='PLAIN'>AGFubgBhIGxvbmcgcGFzcyBwaHJhc2U=</auth>")
        assert stream.read().tag == f"{{{SASL}}}failure"
    with Stream(where, house.domain, roots=roots) as stream, pytest.raises(RefusedLogInError):
        stream.come_as_guest()
    with pytest.raises((AssertionError, ConnectionError)):
        Stream((house.address, PORTS["server"]), f"guests.{house.domain}", namespace="jabber:server")


def test_visitors_of_a_website_come_in_by_its_web_socket(house: Server) -> None:
    name = f"guests.{house.domain}"
    context = ssl.create_default_context(cadata=house.authority())
    with (
        socket.create_connection((house.address, PORTS["https"]), 10) as raw,
        context.wrap_socket(raw, server_hostname=name) as web,
    ):
        web.sendall(
            f"GET /xmpp-websocket HTTP/1.1\r\nHost: {name}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: xmpp\r\n\r\n".encode()
        )
        assert b" 101 " in web.recv(65536)
        header = f"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='{name}' version='1.0'/>".encode()
        # one whole text, masked with nothing (RFC 6455 5.2)
        web.sendall(bytes((0x81, 0x80 | len(header), 0, 0, 0, 0)) + header)
        heard = b""
        while b"</mechanisms>" not in heard:
            heard += web.recv(65536)
    assert re.findall(rb"<mechanism>([^<]*)<", heard) == [b"ANONYMOUS"]


def test_the_proof_sends_a_guest(house: Server) -> None:
    found = proven(house)
    assert red(found) == set(), found["guests"]
    assert found["guests"]["text"]["message"] == "heard in an open room, and refused everywhere else"


def test_guests_enter_the_rooms_that_are_named_and_no_other(house: Server) -> None:
    lobby, open_room = f"lobby@channels.{house.domain}", f"open@channels.{house.domain}"
    house.apply(answers(rooms=[lobby]))
    with house.log_in() as ann, guest(house) as visitor:
        assert enter(ann, open_room, "ann") == ""
        assert enter(visitor, open_room, "visitor") == "policy-violation"
        assert enter(visitor, lobby, "visitor") == ""
    assert red(proven(house)) == set()
    with house.log_in("boss") as boss:
        assert enter(boss, lobby, "boss") == ""
        configure(boss, lobby, {"membersonly": "1"})
        found = proven(house)
        assert red(found) == {"guests"}
        assert "is for members only" in found["guests"]["text"]["message"]
        configure(boss, lobby, {"membersonly": "0"})


def test_a_room_that_is_not_here_is_told_before_anything_is_changed(house: Server) -> None:
    before = house.snapshot()
    done = house.try_apply(answers(rooms=["lobby@talk.example"]))
    assert (done.returncode, "talk.example, which is no service" in " ".join(done.stderr.split())) == (4, True), told(
        done
    )
    assert house.snapshot() == before
