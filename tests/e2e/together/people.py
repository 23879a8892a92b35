"""People who talk with each other on one server: entering rooms, saying things with and without encryption."""

from __future__ import annotations

import uuid
from xml.etree.ElementTree import Element
from xml.sax.saxutils import quoteattr

from tests.e2e.server.machine import PASSWORD, PORTS, Server
from tests.e2e.server.web import ask
from tests.e2e.server.xmpp import Client, log_in

MUC = "http://jabber.org/protocol/muc"
ROSTER = "jabber:iq:roster"
ARCHIVE = "urn:xmpp:mam:2"
PUBSUB = "http://jabber.org/protocol/pubsub"
OMEMO = "eu.siacs.conversations.axolotl"
SEALED = (
    f"<encrypted xmlns='{OMEMO}'><header sid='1'><key rid='1'>AA==</key><iv>AA==</iv></header>"
    "<payload>AA==</payload></encrypted>"
)
MESSAGE, PRESENCE = "{jabber:client}message", "{jabber:client}presence"


class House:
    """A server with everything in it by which people come together, and a second domain of strangers."""

    def __init__(self, server: Server, strangers: str) -> None:
        """Take a server that runs."""
        self.server, self.domain, self.strangers = server, server.domain, strangers
        self.family, self.lobby = f"family@groups.{self.domain}", f"lobby@channels.{self.domain}"
        self.roots = server.root_certificate()

    def log_in(self, name: str) -> Client:
        """Log in with a new device; a name without a domain is one of the house."""
        address = name if "@" in name else f"{name}@{self.domain}"
        return log_in(self.server.address, PORTS["client"], address, PASSWORD, roots=self.roots)

    def add(self, role: str, *addresses: str) -> None:
        """Make accounts with a role, which the program's own command does not choose."""
        orders = "".join(f'user:create("{address}", "{PASSWORD}", "{role}")\n' for address in addresses)
        said = self.server.inside("sh", "-c", f"printf '%s' '{orders}' | prosodyctl shell")
        assert said.count("OK") == len(addresses), said

    def page(self, url: str) -> tuple[int, str]:
        """Ask for a web page, as :func:`tests.e2e.server.web.ask`, but without asking for the authority each time."""
        return ask(self.server, url, roots=self.roots)

    def delete(self, address: str) -> None:
        """Delete an account."""
        said = self.server.inside("prosodyctl", "shell", "user", "delete", address)
        assert "OK" in said, said


def condition(stanza: Element) -> str:
    """Return the condition of an error, empty if it is none."""
    error = stanza.find("{jabber:client}error")
    return "" if error is None else error[0].tag.rpartition("}")[2]


def body(stanza: Element) -> str:
    """Return what a message says."""
    return stanza.findtext("{jabber:client}body") or ""


def enter(client: Client, room: str, nick: str = "") -> str:
    """Enter a room; return the condition of the refusal, empty if there was none."""
    seat = f"{room}/{nick or client.jid.partition('@')[0]}"
    client.send(f"<presence to={quoteattr(seat)}><x xmlns='{MUC}'/></presence>")
    answer = client.wait(
        lambda stanza: (
            stanza.tag == PRESENCE
            and (stanza.get("from") == seat or (stanza.get("from", "").startswith(room) and bool(condition(stanza))))
        )
    )
    return condition(answer)


def leave(client: Client, room: str, nick: str = "") -> None:
    """Leave a room."""
    seat = f"{room}/{nick or client.jid.partition('@')[0]}"
    client.send(f"<presence to={quoteattr(seat)} type='unavailable'/>")
    client.wait(lambda stanza: stanza.get("from") == seat and stanza.get("type") == "unavailable")


def tell(client: Client, to: str, payload: str, kind: str = "chat") -> str:
    """Send a message with this payload; return its id."""
    number = uuid.uuid4().hex
    client.send(f"<message id='{number}' type='{kind}' to={quoteattr(to)}>{payload}</message>")
    return number


def text(words: str, *, sealed: bool = False) -> str:
    """Return the payload of a message, as an app with OMEMO sends it where it is ``sealed``."""
    return f"<body>{words}</body>{SEALED if sealed else ''}"


def until_pong(client: Client) -> list[Element]:
    """Return all that came until the server, asked now, has answered: nothing sent before is still under way."""
    came: list[Element] = []
    client.send(f"<iq type='get' id='pong' to={quoteattr(client.jid)}><ping xmlns='urn:xmpp:ping'/></iq>")

    def is_own_ping(stanza: Element) -> bool:
        came.append(stanza)
        return stanza.get("id") == "pong"

    client.wait(is_own_ping)
    return came[:-1]


def roster(client: Client) -> dict[str, tuple[str, set[str]]]:
    """Return subscription and groups of each contact."""
    answer = client.ask(f"<query xmlns='{ROSTER}'/>")
    return {
        item.get("jid", ""): (
            item.get("subscription", ""),
            {group.text or "" for group in item.iter(f"{{{ROSTER}}}group")},
        )
        for item in answer.iter(f"{{{ROSTER}}}item")
    }


def contacts(client: Client) -> set[str]:
    """Return the names of the contacts that see and are seen."""
    return {address.partition("@")[0] for address, (kind, _) in roster(client).items() if kind == "both"}


def kept(client: Client, archive: str = "") -> list[str]:
    """Return what is in somebody's own archive, or in that of a room."""
    bodies: list[str] = []

    def is_end(stanza: Element) -> bool:
        bodies.extend(item.text or "" for item in stanza.iterfind(f"{{{ARCHIVE}}}result//{{jabber:client}}body"))
        return stanza.get("id") == "kept"

    to = f" to={quoteattr(archive)}" if archive else ""
    client.send(f"<iq type='set' id='kept'{to}><query xmlns='{ARCHIVE}'/></iq>")
    client.wait(is_end)
    return bodies
