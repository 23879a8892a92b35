"""What people have on a server, put there by real clients, and looked at again by them."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from xml.etree.ElementTree import Element, canonicalize, tostring

from tests.e2e.server.machine import Server, told
from tests.e2e.server.xmpp import Client
from tests.e2e.together.people import OMEMO, PUBSUB, ROSTER, enter, kept, leave, roster, tell, text, until_pong

ODD, LONG = "bäa", "n" * 80
"""A name that is not ASCII, and one that is as long as a plain file's name still can be."""
NOTE = "Der Schlüssel liegt unter der Matte 🗝 \t<&>]]> „ü“"
PICTURE = base64.b64encode(bytes(range(256)) * 200).decode()
BUNDLE = f"{OMEMO}.bundles:31415"
AVATAR, AVATAR_FACTS = "urn:xmpp:avatar:data", "urn:xmpp:avatar:metadata"
BOOKMARKS, VCARD4 = "urn:xmpp:bookmarks:1", "urn:xmpp:vcard4"
BLOCKING = "urn:xmpp:blocking"


@dataclass
class Belongings:
    """The people of one server and what they have; :meth:`seen` is equal before and after a move."""

    server: Server
    invitation: str = ""

    @property
    def room(self) -> str:
        """Return the room that people talk in."""
        return f"family@groups.{self.server.domain}"

    def bring(self) -> None:
        """Make the people and give them all of it."""
        for name in ("ann", ODD, LONG, "late"):
            self.server.add_user(name)
        with self.server.log_in() as ann, self.server.log_in(ODD) as other, self.server.log_in(LONG):
            self._know_each_other(ann, other)
            self._publish(ann)
            ann.say(f"{ODD}@{self.server.domain}", "first")
            ann.say(f"{ODD}@{self.server.domain}", NOTE)
            tell(ann, f"late@{self.server.domain}", text("for later"))
            enter(ann, self.room)
            ann.ask(
                "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query>",
                "set",
                self.room,
            )
            tell(ann, self.room, "<body>room words</body>", "groupchat")
            ann.hear()
            leave(ann, self.room)
            until_pong(other)
        done = self.server.cli("user", "invite", "guest")
        assert done.returncode == 0, told(done)
        self.invitation = next(word for word in done.stdout.split() if word.startswith("https://"))

    def seen(self) -> dict[str, object]:
        """Return what people see now; nothing of it may be lost by a move."""
        with self.server.log_in() as ann, self.server.log_in(ODD) as other, self.server.log_in(LONG) as third:
            third.ping()
            found: dict[str, object] = {
                "ann's archive": kept(ann),
                "other's archive": kept(other),
                "contacts": roster(ann),
                "blocked": _plain(ann.ask(f"<blocklist xmlns='{BLOCKING}'/>")),
                "card": _plain(ann.ask("<vCard xmlns='vcard-temp'/>")),
                "private": _plain(ann.ask("<query xmlns='jabber:iq:private'><s xmlns='own'/></query>")),
            }
            for node in (AVATAR, AVATAR_FACTS, BUNDLE, BOOKMARKS, VCARD4):
                found[node] = _plain(ann.ask(f"<pubsub xmlns='{PUBSUB}'><items node='{node}'/></pubsub>"))
            enter(ann, self.room)
            found["room"] = kept(ann, self.room)
        return found

    def hears_what_waited(self) -> str:
        """Let the one who was not here come, and return what was waiting."""
        with self.server.log_in("late") as late:
            return late.hear()[1]

    def _know_each_other(self, one: Client, other: Client) -> None:
        for client, to in ((one, other), (other, one)):
            address = to.jid.partition("/")[0]
            client.ask(
                f"<query xmlns='{ROSTER}'><item jid='{address}' name='Frau Ü'><group>Freunde</group></item></query>",
                "set",
            )
            client.send(f"<presence to='{address}' type='subscribe'/><presence to='{address}' type='subscribed'/>")
        for client in (one, other, one):
            until_pong(client)

    def _publish(self, ann: Client) -> None:
        for node, item, payload in (
            (AVATAR, "a1", f"<data xmlns='{AVATAR}'>{PICTURE}</data>"),
            (
                AVATAR_FACTS,
                "a1",
                f"<metadata xmlns='{AVATAR_FACTS}'><info id='a1' bytes='51200' type='image/png'/></metadata>",
            ),
            (BUNDLE, "current", f"<bundle xmlns='{OMEMO}'><identityKey>BQ==</identityKey></bundle>"),
            (
                BOOKMARKS,
                self.room,
                f"<conference xmlns='{BOOKMARKS}' name='Family' autojoin='true'><nick>ann</nick></conference>",
            ),
            (VCARD4, "current", "<vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'><fn><text>Änn</text></fn></vcard>"),
        ):
            published = f"<publish node='{node}'><item id='{item}'>{payload}</item></publish>"
            answer = ann.ask(f"<pubsub xmlns='{PUBSUB}'>{published}</pubsub>", "set")
            assert answer.get("type") == "result", tostring(answer)
        ann.ask(f"<block xmlns='{BLOCKING}'><item jid='troll@far.example'/></block>", "set")
        ann.ask("<query xmlns='jabber:iq:private'><s xmlns='own'>ü<deep/></s></query>", "set")


def _plain(answer: Element) -> str:
    """Return what an answer holds, without the number of the question and the device that asked."""
    for name in ("id", "to", "from"):
        answer.attrib.pop(name, None)
    return canonicalize(tostring(answer, encoding="unicode"))
