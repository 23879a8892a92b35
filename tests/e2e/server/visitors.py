"""Guests without an account, and rooms that they may enter."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from tests.e2e.server.machine import PORTS, Server
from tests.e2e.server.xmpp import Client

MUC = "http://jabber.org/protocol/muc"
X = f"<x xmlns='{MUC}'><history maxstanzas='0'/></x>"


def guest(server: Server, source: str = "") -> Client:
    """Come in without an account."""
    where = (server.address, PORTS["client"])
    client = Client(where, f"guests.{server.domain}", roots=server.authority(), alpn="xmpp-client", source=source)
    try:
        client.come_as_guest()
        client.bind()
    except BaseException:
        client.__exit__(None, None, None)
        raise
    return client


def enter(client: Client, room: str, nick: str) -> str:
    """Enter a room; return why that was refused, if it was."""
    client.send(f"<presence to='{room}/{nick}'>{X}</presence>")
    answer = client.wait(lambda stanza: stanza.get("from", "").startswith(room) and is_answer(stanza, nick))
    return refusal(answer)


def is_answer(stanza: Element, nick: str) -> bool:
    return stanza.tag.endswith("}presence") and (
        stanza.get("type") == "error" or stanza.get("from", "").endswith(f"/{nick}")
    )


def refusal(stanza: Element) -> str:
    """Return the condition of an error, empty for anything else."""
    error = stanza.find("{jabber:client}error")
    return "" if error is None else error[0].tag.rpartition("}")[2]


def configure(owner: Client, room: str, settings: dict[str, str]) -> None:
    """Change a room."""
    fields = "".join(
        f"<field var='muc#roomconfig_{name}'><value>{value}</value></field>" for name, value in settings.items()
    )
    kind = f"<field var='FORM_TYPE'><value>{MUC}#roomconfig</value></field>"
    form = f"<query xmlns='{MUC}#owner'><x xmlns='jabber:x:data' type='submit'>{kind}{fields}</x></query>"
    assert owner.ask(form, "set", room).get("type") == "result"
